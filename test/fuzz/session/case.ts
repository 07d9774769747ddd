/** What cases for clients and servers have in common. */

import type { Limits, SessionOptions, Version } from "stomp-engine";
import { someLimits } from "../parser/case.ts";
import type { Random } from "../random.ts";
import { CALM, type Temper } from "./witness.ts";

export interface SessionCase<Step> {
  readonly version: Version;
  /** Whether hooks may answer late; if not, it is run twice, the bytes cut differently. */
  readonly asynchronous: boolean;
  readonly options: SessionOptions & { readonly maxInFlight?: number };
  readonly temper: Temper;
  /** Whether there is an `onFrame`. */
  readonly observed: boolean;
  /** Whether all that the peer sends is right. */
  readonly clean: boolean;
  /** Of what the hooks do. */
  readonly hooks: number;
  /** Of the pieces that the bytes come in. */
  readonly cuts: number;
  readonly steps: readonly Step[];
}

export function randomOptions(random: Random, clean: boolean): SessionCase<never>["options"] {
  const intervals = [0, 500, 1_000, 10_000];
  return {
    strict: random.chance(0.2),
    copyBodies: random.chance(0.3),
    maxInFlight: random.pick([1, 1, 2, 5]),
    heartBeat: { sendMs: random.pick(intervals), receiveMs: random.pick(intervals) },
    disconnectTimeoutMs: random.pick([1_000, 5_000]),
    stallTimeoutMs: random.pick([2_000, 30_000]),
    limits: clean ? { maxUnacknowledged: random.pick([3, 50, 1_000]) } : hostileLimits(random),
  };
}

function hostileLimits(random: Random): Partial<Limits> {
  const limits: Partial<Limits> = random.chance(0.1) ? someLimits(random) : {};
  if (random.chance(0.2)) limits.maxSubscriptions = random.below(4);
  if (random.chance(0.2)) limits.maxTransactions = random.below(3);
  if (random.chance(0.2)) limits.maxTransactionFrames = random.below(5);
  if (random.chance(0.2)) limits.maxTransactionBytes = random.below(500);
  if (random.chance(0.2)) limits.maxPendingBytes = random.below(4_000);
  if (random.chance(0.4)) limits.maxUnacknowledged = random.below(20);
  return limits;
}

export function randomTemper(random: Random, asynchronous: boolean): Temper {
  if (random.chance(0.3) && !asynchronous) return CALM;
  return {
    throws: random.pick([0, 0, 1, 20]),
    enters: random.pick([0, 5, 50]),
    late: asynchronous ? random.pick([100, 500, 950]) : 0,
    rejects: asynchronous ? random.pick([0, 0, 5]) : 0,
    spills: random.chance(0.1) ? 10 : 0,
  };
}
