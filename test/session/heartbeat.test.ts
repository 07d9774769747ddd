import { describe, expect, test } from "vitest";
import {
  DEFAULT_HEART_BEAT,
  format,
  keepable,
  NO_HEART_BEAT,
  negotiate,
  offer,
  parse,
} from "../../src/session/heartbeat.ts";
import { codeOf } from "./scripted.ts";

const beat = (sendMs: number, receiveMs: number) => ({ sendMs, receiveMs });
const MOST_MS = 2 ** 31 - 1;

describe("an offer", () => {
  test.each([
    [beat(0, 0), beat(0, 0)],
    [beat(1, 499), beat(500, 500)],
    [beat(500, 501), beat(500, 501)],
    [beat(0, 10_000), beat(0, 10_000)],
    [beat(2 ** 40, 2 ** 31), beat(MOST_MS, MOST_MS)],
  ])("of %o is made as %o", (asked, made) => {
    expect(offer(asked)).toEqual(made);
  });

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, "1000" as never, undefined as never])(
    "of %o is refused, either way",
    (ms) => {
      expect(codeOf(() => offer(beat(ms, 0)))).toBe("invalid-option");
      expect(codeOf(() => offer(beat(0, ms)))).toBe("invalid-option");
    },
  );

  test("is written as two numbers", () => {
    expect(format(DEFAULT_HEART_BEAT)).toBe("10000,10000");
  });
});

test.each([
  [undefined, NO_HEART_BEAT],
  ["0,0", beat(0, 0)],
  ["1,1", beat(1, 1)],
  ["99999999999,0", beat(99_999_999_999, 0)],
  ["007,1", beat(7, 1)],
  ["9007199254740993,0", undefined],
  ["0,9007199254740993", undefined],
  ["", undefined],
  ["1", undefined],
  ["1,", undefined],
  ["1,2,3", undefined],
  ["a,b", undefined],
  ["-1,0", undefined],
  ["+1,0", undefined],
  ["1.5,0", undefined],
  ["1e3,0", undefined],
  ["1 , 2", undefined],
  [" 1,2", undefined],
  ["1\nx,2", undefined],
])("heart-beat:%s says %o", (header, offered) => {
  expect(parse(header)).toEqual(offered);
});

describe("what follows from both offers", () => {
  test.each([
    [beat(0, 0), beat(0, 0), beat(0, 0)],
    [beat(1_000, 0), beat(0, 2_000), beat(2_000, 0)],
    [beat(1_000, 2_000), beat(4_000, 3_000), beat(3_000, 4_000)],
    [beat(0, 1_000), beat(1_000, 1_000), beat(0, 1_000)],
    [beat(1_000, 0), beat(1_000, 0), beat(0, 0)],
    [beat(1_000, 1_000), beat(99_999_999_999, 0), beat(0, 99_999_999_999)],
  ])("own %o, peer's %o: %o", (own, peer, outcome) => {
    expect(negotiate(own, peer)).toEqual(outcome);
    // The other side comes to the same, seen from there.
    expect(negotiate(peer, own)).toEqual(beat(outcome.receiveMs, outcome.sendMs));
  });

  test("is kept within what timers take", () => {
    expect(keepable(beat(99_999_999_999, 7))).toEqual(beat(MOST_MS, 7));
    expect(keepable(beat(7, 99_999_999_999))).toEqual(beat(7, MOST_MS));
  });
});
