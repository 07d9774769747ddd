import { ManualClock } from "stomp-engine/testing";
import { describe, expect, test } from "vitest";
import { type Clock, NEVER, TICK_MS } from "../../src/session/clock.ts";
import { Deadline, type Moment, type Wheel, wheelOf } from "../../src/session/wheel.ts";
import { grownBytes, MEGABYTE } from "../conformance/memory.ts";

const TURN_MS = 512 * TICK_MS;

/** Notes when it is told, and then wants whatever `next` says. */
class Alarm extends Deadline {
  readonly wheel: Wheel;
  readonly toldMs: number[] = [];
  next: (nowMs: number) => number = () => NEVER;

  constructor(clock: Clock, atMs: number) {
    super();
    this.wheel = wheelOf(clock);
    this.set(atMs);
  }

  set(atMs: number, moment: Moment = 0): void {
    this.move(moment, atMs);
  }

  later(atMs: number): void {
    this.putOff(0, atMs);
  }

  get atMs(): number {
    return this.at(0);
  }

  override cancel(): void {
    super.cancel();
  }

  override due(nowMs: number): void {
    this.toldMs.push(nowMs);
    this.set(NEVER);
    this.set(this.next(nowMs));
  }
}

/** A manual clock that counts what is asked of it. */
class CountingClock extends ManualClock {
  timers = 0;
  most = 0;
  longestMs = 0;

  override setTimeout(callback: () => void, ms: number): unknown {
    const handle = super.setTimeout(callback, ms);
    this.timers++;
    this.most = Math.max(this.most, this.pending);
    this.longestMs = Math.max(this.longestMs, ms);
    return handle;
  }
}

describe("a deadline", () => {
  test.each([1, 49, 50, 51, 999, 10_000, TURN_MS, TURN_MS + 1, 10 * TURN_MS + 7, 86_400_000])(
    "in %i ms is told once, within a tick, never early",
    (ms) => {
      const clock = new ManualClock();
      const alarm = new Alarm(clock, ms);
      clock.advance(ms + TICK_MS);
      expect(alarm.toldMs).toHaveLength(1);
      expect(alarm.toldMs[0]).toBeGreaterThanOrEqual(ms);
      clock.advance(3 * TURN_MS);
      expect(alarm.toldMs).toHaveLength(1);
      expect(clock.pending).toBe(0);
    },
  );

  test("comes again as long as it wants to", () => {
    const clock = new ManualClock();
    const alarm = new Alarm(clock, 100);
    alarm.next = (nowMs) => (nowMs < 400 ? nowMs + 100 : NEVER);
    clock.advance(10_000);
    expect(alarm.toldMs).toEqual([100, 200, 300, 400]);
  });

  test("that has become earlier is told then", () => {
    const clock = new ManualClock();
    const alarm = new Alarm(clock, 10_000);
    alarm.set(200);
    clock.advance(1_000);
    expect(alarm.toldMs).toEqual([200]);
  });

  test("that has become later is asked at the old moment, and told at the new one", () => {
    const clock = new CountingClock();
    const alarm = new Alarm(clock, 200);
    alarm.later(10_000);
    clock.advance(1_000);
    expect(alarm.toldMs).toEqual([]);
    clock.advance(10_000);
    expect(alarm.toldMs).toEqual([10_000]);
  });

  test("is told of the first of its moments", () => {
    const clock = new ManualClock();
    const alarm = new Alarm(clock, 400);
    alarm.set(300, 1);
    alarm.set(200, 2);
    alarm.next = () => NEVER;
    clock.advance(200);
    expect(alarm.toldMs).toEqual([200]);
    alarm.set(NEVER, 2);
    clock.advance(50);
    alarm.set(NEVER, 1);
    clock.advance(1_000);
    expect([alarm.toldMs.length, clock.pending]).toEqual([1, 0]);
  });

  test("that has come to nothing is forgotten at the old moment", () => {
    const clock = new ManualClock();
    const alarm = new Alarm(clock, 200);
    alarm.set(NEVER);
    clock.advance(250);
    expect([alarm.toldMs, clock.pending]).toEqual([[], 0]);
  });

  test("in the past is told with the next tick, not after a turn", () => {
    const clock = new ManualClock();
    clock.advance(1_010);
    const first = new Alarm(clock, 1_020);
    clock.advance(100);
    const late = new Alarm(clock, 5);
    clock.advance(2 * TICK_MS);
    expect([first.toldMs.length, late.toldMs.length]).toEqual([1, 1]);
  });

  test("that was cancelled is not told, until it is set again", () => {
    const clock = new ManualClock();
    const alarm = new Alarm(clock, 100);
    alarm.cancel();
    alarm.cancel();
    expect(clock.pending).toBe(0);
    clock.advance(1_000);
    expect(alarm.toldMs).toEqual([]);
    alarm.later(1_100);
    expect(alarm.atMs).toBe(NEVER);
    alarm.set(1_100);
    expect(alarm.atMs).toBe(1_100);
    clock.advance(1_000);
    expect(alarm.toldMs).toEqual([1_100]);
  });

  test("that never comes arms nothing", () => {
    const clock = new ManualClock();
    new Alarm(clock, NEVER).set(NEVER);
    expect(clock.pending).toBe(0);
  });

  test("further away than timers go does not overflow them", () => {
    const clock = new CountingClock();
    const alarm = new Alarm(clock, 2 ** 33);
    expect(clock.longestMs).toBeLessThan(2 ** 31);
    alarm.cancel();
  });
});

describe("the wheel", () => {
  test("has one timer for all deadlines of a clock, and none when there are none", () => {
    const clock = new CountingClock();
    const alarms = Array.from({ length: 1_000 }, (_, at) => new Alarm(clock, 10_000 - at * 7));
    expect(clock.pending).toBe(1);
    clock.advance(5_000);
    for (const alarm of alarms) alarm.cancel();
    expect([clock.pending, clock.most]).toEqual([0, 1]);
  });

  test("keeps a hundred thousand deadlines", () => {
    const clock = new CountingClock();
    const alarms = Array.from({ length: 100_000 }, (_, at) => new Alarm(clock, 1 + (at % 60_000)));
    clock.advance(60_000 + TICK_MS);
    const wrong = alarms.filter(({ toldMs }, at) => {
      const lateMs = (toldMs[0] ?? NEVER) - (1 + (at % 60_000));
      return toldMs.length !== 1 || lateMs < 0 || lateMs > TICK_MS;
    });
    expect(wrong).toHaveLength(0);
    expect([clock.pending, clock.most]).toEqual([0, 1]);
  });

  test("lets go of what was cancelled, although others go on", () => {
    class Heavy extends Alarm {
      readonly ballast = new Uint8Array(10_000);
    }
    const clock = new ManualClock();
    const others = [new Alarm(clock, 20_000), new Alarm(clock, 5_000)];
    const grown = grownBytes(() => {
      const alarms = Array.from({ length: 5_000 }, (_, at) => new Heavy(clock, 10_000 + at));
      for (const alarm of alarms) alarm.cancel();
      return clock;
    });
    expect(grown).toBeLessThan(15 * MEGABYTE);
    clock.advance(30_000);
    expect(others.map(({ toldMs }) => toldMs)).toEqual([[20_000], [5_000]]);
    expect(clock.pending).toBe(0);
  });

  test("does not grow, however often deadlines are set and cancelled", () => {
    const clock = new ManualClock();
    const other = new Alarm(clock, 20_000);
    const alarm = new Alarm(clock, NEVER);
    const grown = grownBytes(() => {
      for (let turn = 0; turn < 1_000_000; turn++) {
        alarm.set(10_000);
        alarm.cancel();
      }
      return clock;
    });
    expect(grown).toBeLessThan(MEGABYTE);
    clock.advance(30_000);
    expect([alarm.toldMs, other.toldMs]).toEqual([[], [20_000]]);
  });

  test("does not grow, however often all are replaced in one tick", () => {
    const clock = new ManualClock();
    const alarms = Array.from({ length: 2_000 }, () => new Alarm(clock, 10_000));
    const grown = grownBytes(() => {
      for (let turn = 0; turn < 500; turn++) {
        for (const alarm of alarms) {
          alarm.cancel();
          alarm.set(10_000);
        }
      }
      return clock;
    });
    expect(grown).toBeLessThan(MEGABYTE);
    clock.advance(30_000);
    expect(alarms.filter(({ toldMs }) => toldMs.length !== 1)).toHaveLength(0);
  });

  test("does not grow, however often a moment is put off and another one comes before it", () => {
    const grown = grownBytes(() => {
      const clock = new ManualClock();
      const alarms = Array.from({ length: 20_000 }, () => new Alarm(clock, 9_000));
      for (let turn = 0; turn < 60; turn++) {
        for (const alarm of alarms) {
          alarm.later(clock.now() + 9_000);
          alarm.set(clock.now() + 100, 1);
          alarm.set(NEVER, 1);
        }
        clock.advance(150);
      }
      return alarms;
    });
    // What they weigh themselves; all that counted for nothing would weigh twice as much.
    expect(grown).toBeLessThan(8 * MEGABYTE);
  });

  test.each(Array.from({ length: 3 }, (_, slot) => slot))(
    "does not wake up for what was cancelled, in slot %i",
    (slot) => {
      const clock = new CountingClock();
      const alarm = new Alarm(clock, 10 * TURN_MS + 100 * TICK_MS);
      new Alarm(clock, TURN_MS + slot * TICK_MS).cancel();
      clock.advance(11 * TURN_MS);
      expect(alarm.toldMs).toHaveLength(1);
      // Once for each turn, and once for what was not cancelled then.
      expect(clock.timers).toBe(12);
    },
  );

  test("lets go of nothing else", () => {
    const clock = new ManualClock();
    const alarms = Array.from({ length: 5_000 }, (_, at) => new Alarm(clock, 1_000 + at * 20));
    // Moved forward, taken out, and set again: whatever was written down before counts for nothing.
    for (const [at, alarm] of alarms.entries()) {
      alarm.set(500 + at * 20);
      if (at % 2 === 0) alarm.cancel();
      if (at % 4 === 0) alarm.set(500 + at * 20);
    }
    clock.advance(200_000);
    const told = alarms.map(({ toldMs }) => toldMs.length);
    expect(told).toEqual(alarms.map((_, at) => (at % 4 === 2 ? 0 : 1)));
    expect(clock.pending).toBe(0);
  });

  test("of one clock knows nothing of another", () => {
    const [one, other] = [new ManualClock(), new ManualClock()];
    const alarms = [new Alarm(one, 100), new Alarm(other, 100)];
    one.advance(1_000);
    expect(alarms.map(({ toldMs }) => toldMs.length)).toEqual([1, 0]);
  });

  test("does not keep an exception of one from the others, and throws the first when all are told", () => {
    const clock = new ManualClock();
    const told: string[] = [];
    for (const name of ["a", "b", "c"]) {
      new Alarm(clock, 100).next = () => {
        told.push(name);
        if (name !== "b") throw new Error(name);
        return NEVER;
      };
    }
    // Of one moment, whoever came first is told first.
    expect(() => clock.advance(100)).toThrow("a");
    expect(told).toEqual(["a", "b", "c"]);
  });

  test("goes on after an exception", () => {
    const clock = new ManualClock();
    const later = new Alarm(clock, 500);
    new Alarm(clock, 100).next = () => {
      throw new Error("once");
    };
    expect(() => clock.advance(100)).toThrow("once");
    clock.advance(1_000);
    expect(later.toldMs).toEqual([500]);
  });

  test("looks at each slot once after a long sleep", () => {
    const clock = new ManualClock();
    const alarms = [3, TURN_MS / 2, TURN_MS, 3 * TURN_MS].map((ms) => new Alarm(clock, ms));
    const beyond = new Alarm(clock, 10 * TURN_MS);
    clock.jump(4 * TURN_MS);
    expect(alarms.map(({ toldMs }) => toldMs)).toEqual(Array(4).fill([4 * TURN_MS]));
    expect(beyond.toldMs).toEqual([]);
    clock.advance(6 * TURN_MS);
    expect(beyond.toldMs).toEqual([10 * TURN_MS]);
  });

  test("takes those that are set and cancelled while it tells others", () => {
    const clock = new ManualClock();
    const cancelled = new Alarm(clock, 130);
    const created: Alarm[] = [];
    new Alarm(clock, 100).next = () => {
      cancelled.cancel();
      created.push(new Alarm(clock, 140));
      return NEVER;
    };
    clock.advance(1_000);
    expect(cancelled.toldMs).toEqual([]);
    expect(created.map(({ toldMs }) => toldMs)).toEqual([[150]]);
  });

  test("takes those of the same tick that are cancelled and set anew while it tells others", () => {
    const clock = new ManualClock();
    const first = new Alarm(clock, 100);
    const cancelled = new Alarm(clock, 100);
    const anew = new Alarm(clock, 100);
    first.next = () => {
      cancelled.cancel();
      anew.cancel();
      anew.set(100);
      return NEVER;
    };
    clock.advance(1_000);
    expect([first, cancelled, anew].map(({ toldMs }) => toldMs)).toEqual([[100], [], [150]]);
  });

  test("takes one that comes in the place of another while it tells others", () => {
    const clock = new ManualClock();
    const [first, second] = [new Alarm(clock, 100), new Alarm(clock, 100)];
    const created: Alarm[] = [];
    first.next = () => {
      second.cancel();
      created.push(new Alarm(clock, 400));
      return NEVER;
    };
    clock.advance(1_000);
    expect([second.toldMs, created.map(({ toldMs }) => toldMs)]).toEqual([[], [[400]]]);
    expect(clock.pending).toBe(0);
  });

  test("takes it that all are cancelled while it tells others", () => {
    const clock = new ManualClock();
    const alarms = Array.from({ length: 40 }, () => new Alarm(clock, TURN_MS));
    for (const alarm of alarms) {
      alarm.next = () => {
        for (const other of alarms) other.cancel();
        return NEVER;
      };
    }
    clock.advance(2 * TURN_MS);
    expect(alarms.map(({ toldMs }) => toldMs.length)).toEqual([1, ...Array(39).fill(0)]);
    expect(clock.pending).toBe(0);
    const later = new Alarm(clock, 3 * TURN_MS);
    clock.advance(TURN_MS);
    expect(later.toldMs).toEqual([3 * TURN_MS]);
  });

  test("takes those that become earlier while it tells others", () => {
    const clock = new ManualClock();
    const first = new Alarm(clock, 100);
    const second = new Alarm(clock, 100);
    second.later(10_000);
    first.next = () => {
      second.set(300);
      return NEVER;
    };
    clock.advance(1_000);
    expect(second.toldMs).toEqual([300]);
  });

  test.each(["now", "setTimeout"] as const)(
    "goes on after %s of its clock has thrown",
    (member) => {
      const clock = new ManualClock();
      let fails = false;
      const failing = <Result>(name: string, result: () => Result): Result => {
        if (fails && name === member) throw new Error(name);
        return result();
      };
      const odd: Clock = {
        now: () => failing("now", () => clock.now()),
        setTimeout: (callback, ms) =>
          failing("setTimeout", () => clock.setTimeout(() => callback(), ms)),
        clearTimeout: (handle) => clock.clearTimeout(handle),
      };
      const alarms = [new Alarm(odd, 100), new Alarm(odd, 500)];
      fails = true;
      expect(() => clock.advance(100)).toThrow(member);
      fails = false;
      const later = new Alarm(odd, 600);
      clock.advance(1_000);
      expect([...alarms, later].map(({ toldMs }) => toldMs.length)).toEqual([1, 1, 1]);
    },
  );

  test("takes a timer that fires early", () => {
    const clock = new ManualClock();
    const hasty: Clock = {
      now: () => clock.now(),
      setTimeout: (callback, ms) => clock.setTimeout(callback, ms - 1),
      clearTimeout: (handle) => clock.clearTimeout(handle),
    };
    const alarm = new Alarm(hasty, 100);
    clock.advance(200);
    expect(alarm.toldMs).toEqual([100]);
  });
});
