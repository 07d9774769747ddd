import { expect, test } from "vitest";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import { closeTimeout, whenStuck } from "../../src/transport/stuck.ts";

test("cuts what has nothing left to send and does not end", () => {
  const clock = new ManualClock();
  let cuts = 0;
  whenStuck(
    clock,
    100,
    () => 0,
    () => {
      cuts += 1;
    },
  );
  clock.advance(99);
  expect(cuts).toBe(0);
  clock.advance(10_000);
  expect(cuts).toBe(1);
});

test("a slow peer may take its time as long as something moves", () => {
  const clock = new ManualClock();
  let left = 300;
  let cutAtMs = 0;
  whenStuck(
    clock,
    100,
    () => left,
    () => {
      cutAtMs = clock.now();
    },
  );
  for (left of [200, 100, 50]) clock.advance(100);
  expect(cutAtMs).toBe(0);
  clock.advance(100);
  expect(cutAtMs).toBe(400);
});

test("may take for ever, and as long as no timer of a platform does", () => {
  const clock = new ManualClock();
  const stop = whenStuck(
    clock,
    Number.POSITIVE_INFINITY,
    () => 1,
    () => expect.unreachable(),
  );
  expect(clock.pending).toBe(0);
  stop();
  let waits = 0;
  const platform = {
    now: () => 0,
    setTimeout: (_: () => void, ms: number) => {
      waits = ms;
    },
    clearTimeout: () => {},
  };
  whenStuck(
    platform,
    2 ** 31,
    () => 1,
    () => {},
  );
  expect(waits).toBe(2 ** 31 - 1);
});

test("how long that is has to be a number", () => {
  expect(closeTimeout(undefined)).toBe(10_000);
  expect(closeTimeout(0)).toBe(0);
  expect(closeTimeout(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  for (const wrong of [Number.NaN, -1, "5" as never]) {
    expect(() => closeTimeout(wrong)).toThrow(expect.objectContaining({ code: "invalid-option" }));
  }
});

test("stops watching when told", () => {
  const clock = new ManualClock();
  let left = 2;
  const stop = whenStuck(
    clock,
    100,
    () => left,
    () => expect.unreachable(),
  );
  left = 1;
  clock.advance(100);
  stop();
  expect(clock.pending).toBe(0);
});
