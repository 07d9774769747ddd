import { expect, test } from "vitest";
import { ManualClock } from "../../src/testing/manual-clock.ts";

/** Sets timers that write down their name and the moment at which they fire. */
function clockAndLog(...delays: number[]) {
  const clock = new ManualClock();
  const log: string[] = [];
  const set = (name: string, ms: number) =>
    clock.setTimeout(() => log.push(`${name} at ${clock.now()}`), ms);
  const handles = delays.map((ms) => set(`${ms}`, ms));
  return { clock, log, set, handles };
}

test("no timer fires by itself", () => {
  const { clock, log } = clockAndLog(1, 10);
  expect(clock.now()).toBe(0);
  expect(clock.pending).toBe(2);
  expect(log).toEqual([]);
});

test("advance fires what is due, in the order of time, each at its own moment", () => {
  const { clock, log } = clockAndLog(30, 10, 20, 31);
  clock.advance(30);
  expect(log).toEqual(["10 at 10", "20 at 20", "30 at 30"]);
  expect(clock.now()).toBe(30);
  expect(clock.pending).toBe(1);
});

test("timers due at the same moment fire in the order in which they were set", () => {
  const { clock, log, set } = clockAndLog();
  set("first", 5);
  set("second", 5);
  clock.advance(5);
  expect(log).toEqual(["first at 5", "second at 5"]);
});

test("advance fires timers that are set on the way", () => {
  const { clock, log, set } = clockAndLog();
  clock.setTimeout(() => set("inner", 10), 10);
  clock.advance(25);
  expect(log).toEqual(["inner at 20"]);
  expect(clock.now()).toBe(25);
});

test("a timer without delay takes a millisecond, so that a chain of them comes to an end", () => {
  const clock = new ManualClock();
  let fired = 0;
  const again = () => {
    fired += 1;
    clock.setTimeout(again, 0);
  };
  clock.setTimeout(again, -5);
  clock.advance(3);
  expect(fired).toBe(3);
});

test("a timer taken back does not fire, and taking it back twice does no harm", () => {
  const { clock, log, handles } = clockAndLog(1, 2);
  clock.clearTimeout(handles[0]);
  clock.clearTimeout(handles[0]);
  clock.clearTimeout(undefined);
  clock.advance(5);
  expect(log).toEqual(["2 at 2"]);
});

test("jump lets everything fire late, once, and in order", () => {
  const { clock, log, set } = clockAndLog(10, 5);
  clock.setTimeout(() => set("inner", 10), 7);
  clock.jump(1_000);
  expect(log).toEqual(["5 at 1000", "10 at 1000"]);
  expect(clock.now()).toBe(1_000);
  clock.advance(10);
  expect(log.at(-1)).toBe("inner at 1010");
});

test("untilNextMs tells when to look again", () => {
  const { clock, set } = clockAndLog();
  expect(clock.untilNextMs).toBeUndefined();
  set("a", 20);
  set("b", 10);
  clock.advance(4);
  expect(clock.untilNextMs).toBe(6);
});

test("what a callback throws comes out of advance, and the clock can go on", () => {
  const { clock, log, set } = clockAndLog();
  clock.setTimeout(() => {
    throw new Error("no");
  }, 10);
  set("later", 20);
  expect(() => clock.advance(30)).toThrow("no");
  expect(clock.now()).toBe(10);
  clock.advance(20);
  expect(log).toEqual(["later at 20"]);
});

test("does not go back when a callback advances it", () => {
  const { clock, log, set } = clockAndLog();
  clock.setTimeout(() => clock.advance(1_000), 10);
  set("later", 50);
  clock.advance(100);
  expect(clock.now()).toBe(1_010);
  expect(log).toEqual(["later at 50"]);
});

test("after a jump that threw, what is overdue fires at the present moment", () => {
  const { clock, log, set } = clockAndLog();
  clock.setTimeout(() => {
    throw new Error("no");
  }, 10);
  set("overdue", 20);
  expect(() => clock.jump(100)).toThrow("no");
  expect(clock.untilNextMs).toBe(0);
  clock.advance(0);
  expect(log).toEqual(["overdue at 100"]);
});
