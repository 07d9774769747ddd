/**
 * A thousand sessions for a day: nobody is taken for dead who is alive, and everybody who is dead is
 * found in time. The day takes seconds.
 */

import { expect, test } from "vitest";
import { HeartBeatWorld } from "./heart-beat-world.ts";

const DAY_MS = 24 * 3_600_000;
const PAIRS = 1_000;
/** On a machine that is busy. */
const MOST_MS = 120_000;

test(
  "1,000 sessions over 24 hours, with jitter and late timers: no false alarm",
  () => {
    const world = new HeartBeatWorld(PAIRS, 20_121_022);
    world.run(DAY_MS, { jitterMs: 400, lateTimersMs: 300 });
    const { beats, alarms } = world;
    console.info(`${PAIRS} sessions, 24 h: ${beats} heart-beats, ${alarms.length} false alarms`);
    expect(beats).toBeGreaterThan(500_000);
    expect(alarms).toEqual([]);
  },
  MOST_MS,
);

test(
  "each of 1,000 peers that freeze is found within twice the interval and 100 ms",
  () => {
    const world = new HeartBeatWorld(PAIRS, 7);
    world.freezeEverybodyWithin(3_600_000);
    world.run(3_600_000 + 4 * world.longestIntervalMs, { jitterMs: 400, lateTimersMs: 0 });
    expect(world.alarms).toHaveLength(2 * PAIRS);
    const beyond = world.alarms.map(({ afterMs, intervalMs }) => afterMs - 2 * intervalMs);
    const [earliest, latest] = [Math.min(...beyond), Math.max(...beyond)];
    console.info(
      `${world.alarms.length} ends of frozen connections: found ${earliest} to ${latest} ms after twice the interval`,
    );
    expect(earliest).toBeGreaterThanOrEqual(0);
    expect(latest).toBeLessThanOrEqual(100);
  },
  MOST_MS,
);
