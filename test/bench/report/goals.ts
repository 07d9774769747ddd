/**
 * The goals, as ratios within one run: how many times as fast as whom, or at most how many floors.
 *
 * Those for encoding are against @stomp/stompjs with binary bodies, as the figures were taken that the
 * goals come from; with text it competes among the other peers.
 */

/** One goal of one workload. */
export interface Goal {
  /** The variant of the engine that it is for. */
  readonly contender: string;
  /** Whose figure it is compared with; "floor" turns the ratio round. */
  readonly against: string;
  readonly must: number;
  readonly stretch?: number;
}

/** Against this, a goal is an absolute one: at most so many nanoseconds each. */
export const NANOSECONDS = "ns";

function than(against: string, must: number, stretch?: number, contender = "engine"): Goal {
  return stretch === undefined
    ? { contender, against, must }
    : { contender, against, must, stretch };
}

// biome-ignore format: one row per workload
const GOALS: Readonly<Record<string, readonly Goal[]>> = {
  W1: [than("stompjs", 20, 26), than("webstomp", 7), than("nats MSG", 3), than("mqtt-packet", 5), than("floor", 3), than("stompjs", 6, undefined, "engine, no prediction"), than("stompjs", 15, 19, "engine, browser")],
  W1m: [than("stompjs", 12, 16), than("webstomp", 4), than("floor", 5)],
  W2: [than("stompjs", 17, 23), than("webstomp", 8), than("floor", 4)],
  W2u: [than("stompjs", 17, 23), than("webstomp", 8), than("floor", 4), than("stompjs", 14, 18, "engine, browser")],
  W3: [than("stompjs", 55, 75), than("webstomp", 11), than("floor", 3.2)],
  W4: [than("stompjs", 150, 350), than("stompit", 15)],
  W5: [than("stompjs", 50, 130), than("stompit", 1.3)],
  W6: [than("stompjs", 55, 78), than("floor", 3.2), than("stompjs", 25, undefined, "engine, browser")],
  W7: [than("stompjs", 12, 15), than("webstomp", 7), than("floor", 1.6)],
  W8: [than("stompjs", 8, 12)],
  W9: [than("stompjs", 3, 4), than("floor", 1.3)],
  W10: [than("stompjs", 20, 40)],
  W1x: [than("stompjs", 18, 24)],
  E1: [than("stompjs", 10, 14), than("stomp-client", 2.5)],
  E2: [than("stompjs", 8), than("stompjs", 14, 16, "engine, parts")],
  E3: [than("stompjs", 2.2), than("stompjs", 22, 28, "engine, parts")],
  E4s: [than("stompjs", 13, 16), than(NANOSECONDS, 200)],
  E4: [than("stompjs", 17, 21, "engine, parts"), than(NANOSECONDS, 200, undefined, "engine, parts")],
  E4b: [than("stompjs", 20, 30, "engine, parts"), than(NANOSECONDS, 200, undefined, "engine, parts")],
  S1: [than("stompjs", 12)],
  S3: [than(NANOSECONDS, 1000)],
};

/** The goals of a workload. */
export function goalsOf(workload: string): readonly Goal[] {
  return GOALS[workload] ?? [];
}
