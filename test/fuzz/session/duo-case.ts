/** A client and a server that talk to each other, and what their applications do. */

import type { Version } from "stomp-engine";
import { VERSIONS } from "../frames/words.ts";
import { Random } from "../random.ts";
import { randomOptions, randomTemper, type SessionCase } from "./case.ts";
import type { ClientCase } from "./client-case.ts";
import type { Side } from "./output.ts";
import type { ServerCase } from "./server-case.ts";
import type { ClientStep, ServerStep } from "./steps.ts";

export interface DuoCase {
  readonly kind: "duo";
  readonly asynchronous: boolean;
  readonly client: ClientCase;
  readonly server: ServerCase;
  readonly steps: readonly DuoStep[];
}

export type DuoStep =
  | readonly ["client", ClientStep]
  | readonly ["server", ServerStep]
  /** So many pieces of what was sent to this side arrive there. */
  | readonly ["carry", Side, number]
  | readonly ["advance", number];

const MOST_STEPS = 120;

export function duoCase(seed: number, number: number): DuoCase {
  const random = new Random(seed, number, 8);
  const version = random.pick(VERSIONS);
  const asynchronous = random.chance(0.5);
  const steps: DuoStep[] = [
    ["client", ["connect"]],
    ["carry", "server", 9],
    ["carry", "client", 9],
  ];
  for (let count = random.below(MOST_STEPS); count > 0; count--) steps.push(step(random));
  const common = commonOf(random, version, asynchronous);
  return {
    kind: "duo",
    asynchronous,
    client: { ...common(), kind: "client", receiptTimeoutMs: undefined },
    server: { ...common(), kind: "server", ownCommit: random.chance(0.5), receipts: [] },
    steps,
  };
}

function commonOf(random: Random, version: Version, asynchronous: boolean) {
  return (): SessionCase<never> => ({
    version,
    asynchronous,
    options: { ...randomOptions(random, true), versions: [version] },
    temper: randomTemper(random, asynchronous),
    observed: random.chance(0.1),
    // What one side is to be sent is not known beforehand.
    clean: false,
    hooks: random.word(),
    cuts: random.word(),
    steps: [],
  });
}

function step(random: Random): DuoStep {
  const draw = random.below(1000);
  if (draw < 350)
    return ["carry", random.pick(["client", "server"] as const), 1 + random.below(40)];
  if (draw < 650) return ["client", clientStep(random)];
  if (draw < 980) return ["server", serverStep(random)];
  return ["advance", random.pick([10, 400, 3_000])];
}

function clientStep(random: Random): ClientStep {
  const draw = random.below(100);
  if (draw < 35) return ["send", random.below(10), random.below(16)];
  // A sort that stands for an acknowledgement of whatever is not among them.
  if (draw < 60) return ["ack", random.below(20), random.pick([0, 1, 2, 3, 4, 6])];
  if (draw < 70) return ["subscribe", random.below(16)];
  if (draw < 75) return ["unsubscribe", random.below(10)];
  if (draw < 82) return ["begin", random.below(4)];
  if (draw < 88) return ["finish", random.below(9), random.chance(0.7) ? "commit" : "abort"];
  if (draw < 92) return ["settle", random.below(9), "resolve"];
  if (draw < 94) return random.pick([["saturate"], ["drain"]] as const);
  if (draw < 98) return random.pick([["pause"], ["resume"], ["resume"]] as const);
  return random.chance(0.3) ? ["disconnect", random.below(4)] : ["snapshot"];
}

function serverStep(random: Random): ServerStep {
  const draw = random.below(100);
  if (draw < 70) return ["message", random.below(20), random.below(8)];
  if (draw < 73) return ["drop", random.below(20)];
  if (draw < 90) return ["settle", random.below(9), random.chance(0.99) ? "resolve" : "reject"];
  if (draw < 94) return random.pick([["saturate"], ["drain"]] as const);
  if (draw < 98) return random.pick([["pause"], ["resume"], ["resume"]] as const);
  return random.chance(0.1) ? ["disconnect"] : ["snapshot"];
}
