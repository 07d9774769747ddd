import { expect, test } from "vitest";
import { grace, systemClock } from "../../src/session/clock.ts";

test.each([
  [0, 10_000, 0],
  [1_050, 10_000, 0],
  [1_051, 10_000, 1_051],
  [9_000, 10_000, 9_000],
  [3_600_000, 10_000, 10_000],
  [50, 0, 0],
  [51, 0, 0],
  [100, 40, 40],
  [90, 40, 0],
])(
  "a deadline that is looked at %i ms late, of %i ms, is put off by %i ms",
  (lateMs, intervalMs, graceMs) => {
    expect(grace(lateMs, intervalMs)).toBe(graceMs);
  },
);

test("the system's clock goes on, and its timers fire and can be taken back", async () => {
  const beforeMs = systemClock.now();
  const fired: string[] = [];
  await new Promise<void>((resolve) => {
    const handle = systemClock.setTimeout(() => fired.push("taken back"), 1);
    systemClock.clearTimeout(handle);
    systemClock.setTimeout(resolve, 5);
  });
  expect(fired).toEqual([]);
  expect(systemClock.now()).toBeGreaterThan(beforeMs);
});
