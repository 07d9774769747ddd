import { ConnectionError } from "stomp-engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Frame } from "../../src/protocol/frame.ts";
import { headersOf } from "../../src/protocol/headers.ts";
import { NEVER } from "../../src/session/clock.ts";
import { Receipts } from "../../src/session/receipts.ts";
import { codeOf, rejection, settled } from "./scripted.ts";

const frame = (command: string, id?: string) =>
  new Frame(command, headersOf(id === undefined ? [] : [["receipt-id", id]]), new Uint8Array(0));
const failure = (id?: string) =>
  new ConnectionError("error-frame", "of a test", { frame: frame("ERROR", id) });

const unhandled: unknown[] = [];
const note = (cause: unknown) => unhandled.push(cause);
beforeAll(() => process.on("unhandledRejection", note));
afterAll(() => process.off("unhandledRejection", note));

/** Three receipts that wait for ever. */
function three() {
  const receipts = new Receipts();
  const [a, b, c] = ["a", "b", "c"].map((id) => receipts.add(id, "SEND", 0, NEVER));
  if (a === undefined || b === undefined || c === undefined) throw new Error("impossible");
  return { receipts, a, b, c };
}

describe("a receipt", () => {
  test("resolves with its RECEIPT, whichever comes first", async () => {
    const { receipts, a, b, c } = three();
    const early = a.done;
    const [ofA, ofB] = [frame("RECEIPT", "a"), frame("RECEIPT", "b")];
    expect(receipts.confirm(ofB)).toBe(b);
    expect(receipts.confirm(ofA)).toBe(a);
    expect(await early).toBe(ofA);
    expect(await b.done).toBe(ofB);
    expect(receipts.unconfirmed).toEqual([c]);
  });

  test("makes its promise once, when it is asked for", () => {
    const { a } = three();
    expect(a.done).toBe(a.done);
  });

  test("that nobody waits for is ignored, and so is one that comes twice", () => {
    const { receipts } = three();
    expect(receipts.confirm(frame("RECEIPT", "x"))).toBeUndefined();
    expect(receipts.confirm(frame("RECEIPT"))).toBeUndefined();
    expect(receipts.confirm(frame("RECEIPT", "a"))?.id).toBe("a");
    expect(receipts.confirm(frame("RECEIPT", "a"))).toBeUndefined();
  });

  test("may have an empty id", () => {
    const receipts = new Receipts();
    const empty = receipts.add("", "SEND", 0, NEVER);
    expect(receipts.has("")).toBe(true);
    expect(receipts.confirm(frame("RECEIPT", ""))).toBe(empty);
  });

  test("that an ERROR names rejects with it; the others with the end, and its cause", async () => {
    const { receipts, a, b, c } = three();
    const early = b.done;
    const error = failure("a");
    receipts.fail(error);
    receipts.lose(error);
    expect(await rejection(a.done)).toBe(error);
    for (const promise of [early, c.done]) {
      const lost = await rejection(promise);
      expect([lost.code, lost.command, lost.cause]).toEqual(["connection-lost", "SEND", error]);
    }
    expect(receipts.unconfirmed).toEqual([]);
  });

  test.each([undefined, "x"])("is not failed by an ERROR that names %s", (id) => {
    const { receipts } = three();
    receipts.fail(failure(id));
    expect(receipts.unconfirmed).toHaveLength(3);
  });

  test("has an id of its own as long as it is awaited", () => {
    const { receipts } = three();
    expect(codeOf(() => receipts.check("a", "SEND"))).toBe("invalid-option");
    receipts.confirm(frame("RECEIPT", "a"));
    expect(codeOf(() => receipts.check("a", "SEND"))).toBe("no error");
    expect(receipts.has("a")).toBe(false);
  });
});

describe("the time of a receipt", () => {
  test("passes for each on its own", async () => {
    const receipts = new Receipts();
    const [soon, late] = [receipts.add("1", "SEND", 0, 100), receipts.add("2", "ACK", 0, 300)];
    receipts.add("3", "SEND", 0, NEVER);
    expect(receipts.overdueMs).toBe(100);
    receipts.expire(100);
    expect(receipts.unconfirmed.map(({ id }) => id)).toEqual(["2", "3"]);
    expect(receipts.overdueMs).toBe(300);
    receipts.expire(300);
    expect(receipts.overdueMs).toBe(NEVER);
    const errors = [await rejection(soon.done), await rejection(late.done)];
    expect(errors.map(({ code, command }) => `${code} ${command}`)).toEqual([
      "receipt-timeout SEND",
      "receipt-timeout ACK",
    ]);
  });

  test.each([
    [50_000, 52_000],
    [3_500, 5_000],
    [3_000, undefined],
  ])("is granted again if the clock has jumped past it: at %i ms, until %s", (nowMs, untilMs) => {
    const receipts = new Receipts();
    receipts.add("1", "SEND", 0, 2_000);
    receipts.expire(nowMs);
    expect(receipts.overdueMs).toBe(untilMs ?? NEVER);
    receipts.expire(untilMs ?? nowMs);
    expect(receipts.unconfirmed).toEqual([]);
  });

  test("passes also if it is shorter than a tick", () => {
    const receipts = new Receipts();
    receipts.add("1", "SEND", 0, 0);
    receipts.expire(50);
    expect(receipts.unconfirmed).toEqual([]);
  });

  test("is over with the session", () => {
    const receipts = new Receipts();
    receipts.add("1", "SEND", 0, 1_000);
    receipts.lose(undefined);
    expect(receipts.overdueMs).toBe(NEVER);
  });
});

test("nothing is ever an unhandled rejection", async () => {
  const { receipts, a, b } = three();
  void a.done;
  receipts.fail(failure("a"));
  receipts.lose(undefined);
  void b.done;
  await settled();
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
});
