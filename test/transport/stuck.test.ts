import { expect, test } from "vitest";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import { whenStuck } from "../../src/transport/stuck.ts";

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
