import { ApplicationError, ProtocolError } from "stomp-engine";
import { describe, expect, test } from "vitest";
import { Frame } from "../../src/protocol/frame.ts";
import { headersOf } from "../../src/protocol/headers.ts";
import { Answers, isPlainSend, type Outcome, type Pending } from "../../src/session/answers.ts";

const frame = (command: string, ...entries: [string, string][]) =>
  new Frame(command, headersOf(entries), new Uint8Array(0));
const pending = (of: Frame, outcome?: Outcome): Pending => ({
  frame: of,
  undo: undefined,
  outcome,
});
const SEND = frame("SEND", ["destination", "/a"]);

test("only a SEND outside transactions may be handed over beside others", () => {
  expect(isPlainSend(SEND)).toBe(true);
  expect(isPlainSend(frame("SEND", ["transaction", "1"]))).toBe(false);
  expect(isPlainSend(frame("SUBSCRIBE"))).toBe(false);
});

describe("frames that are not answered", () => {
  test("block the next one when there are as many as may be", () => {
    const answers = new Answers();
    expect([answers.blocked(2), answers.waiting]).toEqual([false, false]);
    answers.add(pending(SEND));
    expect([answers.blocked(1), answers.blocked(2), answers.waiting]).toEqual([true, false, true]);
    answers.add(pending(SEND));
    expect([answers.blocked(2), answers.blocked(3)]).toEqual([true, false]);
  });

  test("block the next one if they are no SENDs", () => {
    const answers = new Answers();
    answers.add(pending(frame("SUBSCRIBE")));
    expect(answers.blocked(9)).toBe(true);
  });

  test("block the next one if something is held, until it is released", () => {
    const answers = new Answers();
    const first = pending(SEND);
    answers.add(first);
    answers.hold(SEND);
    expect([answers.blocked(9), answers.release()]).toEqual([true, undefined]);
    answers.settle(first, {});
    expect(answers.takeReady()).toBe(first);
    expect([answers.blocked(9), answers.waiting, answers.open]).toEqual([true, false, true]);
    expect([answers.release(), answers.release()]).toEqual([SEND, undefined]);
    expect([answers.blocked(9), answers.open]).toEqual([false, false]);
  });

  test("may hold what is no frame", () => {
    const answers = new Answers();
    const error = new ProtocolError("malformed-frame", "of a test");
    answers.hold(error);
    expect(answers.release()).toBe(error);
  });

  test("block all others once one is refused", () => {
    const error = new ApplicationError("no");
    const settled = new Answers();
    const first = pending(SEND);
    settled.add(pending(SEND));
    settled.add(first);
    expect(settled.blocked(9)).toBe(false);
    settled.settle(first, { error });
    expect(settled.blocked(9)).toBe(true);
    const added = new Answers();
    added.add(pending(SEND));
    added.add(pending(SEND, { error }));
    expect(added.blocked(9)).toBe(true);
  });

  test("are ready in their order", () => {
    const answers = new Answers();
    const [one, two] = [pending(SEND), pending(SEND)];
    answers.add(one);
    answers.add(two);
    answers.settle(two, { answer: 2 });
    expect(answers.takeReady()).toBeUndefined();
    answers.settle(one, { answer: 1 });
    expect([answers.takeReady(), answers.takeReady(), answers.takeReady()]).toEqual([
      one,
      two,
      undefined,
    ]);
  });
});
