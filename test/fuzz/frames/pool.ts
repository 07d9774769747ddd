/** Frames made in advance, because making one costs more than reading it a dozen times. */

import { readFileSync } from "node:fs";
import type { Version } from "stomp-engine";
import { toOctets } from "../octets.ts";
import { Random } from "../random.ts";
import { rightFrame, wrongFrame } from "./frame.ts";
import { VERSIONS } from "./words.ts";

/** How many cases share a pool. */
export const CASES_PER_POOL = 4_096;

const RIGHT = 256;
const WRONG = 96;

/** Frames of one version. */
export interface Frames {
  readonly right: readonly Uint8Array[];
  readonly wrong: readonly Uint8Array[];
}

/** Frames for each version. */
export type Pool = Readonly<Record<Version, Frames>>;

let latest: { readonly seed: number; readonly epoch: number; readonly pool: Pool } | undefined;

/** The pool of a case. */
export function poolOf(seed: number, number: number): Pool {
  const epoch = Math.floor(number / CASES_PER_POOL);
  if (latest?.seed !== seed || latest.epoch !== epoch) {
    latest = { seed, epoch, pool: makePool(new Random(seed, epoch, 1)) };
  }
  return latest.pool;
}

function makePool(random: Random): Pool {
  const corpus = [...CORPUS];
  const frames = VERSIONS.map((version): [Version, Frames] => [
    version,
    {
      right: Array.from({ length: RIGHT }, () => toOctets(rightFrame(random, version))),
      wrong: Array.from({ length: WRONG }, () =>
        random.chance(0.4) ? random.pick(corpus) : toOctets(wrongFrame(random, version)),
      ),
    },
  ]);
  return Object.fromEntries(frames) as unknown as Pool;
}

/** Bytes that somebody's implementation once got wrong. From the sources: the build leaves it there. */
const CORPUS: readonly Uint8Array[] = (
  JSON.parse(
    readFileSync(new URL("../../../test/fuzz/corpus/seeds.json", import.meta.url), "utf8"),
  ) as string[]
).map(toOctets);
