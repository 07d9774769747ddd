/** What a server does to a client, and what the client's application does meanwhile. */

import { mutated } from "../frames/mutate.ts";
import { type Pool, poolOf } from "../frames/pool.ts";
import { VERSIONS } from "../frames/words.ts";
import { toOctets } from "../octets.ts";
import { Random } from "../random.ts";
import { randomOptions, randomTemper, type SessionCase } from "./case.ts";
import type { ClientStep } from "./steps.ts";

export interface ClientCase extends SessionCase<ClientStep> {
  readonly kind: "client";
  readonly receiptTimeoutMs: number | undefined;
}

const MOST_STEPS = 100;

export function clientCase(seed: number, number: number, asynchronous: boolean): ClientCase {
  const random = new Random(seed, number, asynchronous ? 6 : 5);
  const version = random.pick(VERSIONS);
  const clean = random.chance(0.5);
  const pool = poolOf(seed, number)[version];
  const steps: ClientStep[] = [["connect"], ["bytes", toOctets(opening(version, clean, random))]];
  if (!clean && random.chance(0.04)) steps.reverse();
  for (let count = random.below(MOST_STEPS); count > 0; count--) {
    steps.push(step(random, clean, pool, asynchronous));
  }
  return {
    kind: "client",
    version,
    asynchronous,
    options: {
      ...randomOptions(random, clean),
      versions: random.chance(0.5) ? [version] : VERSIONS,
    },
    receiptTimeoutMs: random.chance(0.2) ? random.pick([0, 300, 5_000]) : undefined,
    temper: randomTemper(random, asynchronous),
    observed: random.chance(0.1),
    clean,
    hooks: random.word(),
    cuts: random.word(),
    steps,
  };
}

function opening(version: ClientCase["version"], clean: boolean, random: Random): string {
  if (!clean && random.chance(0.05)) {
    return random.pick([
      "MESSAGE\n\n\0",
      "ERROR\nmessage:no\n\nwhy\0",
      "CONNECTED\nversion:9.9\n\n\0",
    ]);
  }
  const named = version === "1.0" && random.chance(0.5) ? "" : `version:${version}\n`;
  const beats = random.chance(0.3) ? `heart-beat:${random.pick(["0,0", "1,1", "500,700"])}\n` : "";
  return `CONNECTED\n${named}session:s\nserver:x/1\n${beats}\n\0\n`;
}

function step(
  random: Random,
  clean: boolean,
  pool: Pool["1.2"],
  asynchronous: boolean,
): ClientStep {
  const draw = random.below(1000);
  if (draw < 380) return ["deliver", random.below(10), 1 + random.below(16)];
  if (draw < 520) return ["confirm", 1 + random.below(8)];
  if (draw < 700) return ["send", random.below(10), random.below(16)];
  if (draw < 760) return ["ack", random.below(20), random.below(8)];
  if (draw < 800) return ["subscribe", random.below(16)];
  if (draw < 815) return ["unsubscribe", random.below(10)];
  if (draw < 835) return ["begin", random.below(4)];
  if (draw < 850) return ["finish", random.below(9), random.chance(0.7) ? "commit" : "abort"];
  if (asynchronous && draw < 880) {
    return ["settle", random.below(9), random.chance(0.8) ? "resolve" : "reject"];
  }
  if (draw < 900) return ["advance", random.pick([10, 400, 3_000])];
  if (draw < 903) return ["jump", random.pick([3_000, 600_000])];
  if (draw < 915) return ["saturate"];
  if (draw < 935) return ["drain"];
  if (draw < 940) return ["pause"];
  if (draw < 965) return ["resume"];
  if (draw < 970) return ["snapshot"];
  if (draw < 972) return ["resubscribe"];
  if (draw < 974) return ["end", random.pick(["plain", "reset"] as const)];
  if (draw < 976) return ["disconnect", random.below(4)];
  return ["bytes", noise(random, clean, pool)];
}

/** What a client may be sent that it has not asked for. */
function noise(random: Random, clean: boolean, { right, wrong }: Pool["1.2"]): Uint8Array {
  if (clean || random.chance(0.7)) {
    return toOctets(random.pick(["\n", "\n\n\n", "RECEIPT\nreceipt-id:nobody's\n\n\0"]));
  }
  const frame = random.pick(random.chance(0.5) ? right : wrong);
  return random.chance(0.3) ? mutated(frame, random) : frame;
}
