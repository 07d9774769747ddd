/** Bytes for a parser, and how it is to read them. */

import type { FrameLimits, Version } from "stomp-engine";
import { mutated } from "../frames/mutate.ts";
import { type Frames, poolOf } from "../frames/pool.ts";
import { VERSIONS } from "../frames/words.ts";
import { Random } from "../random.ts";

export interface ParserCase {
  readonly kind: "parser";
  readonly version: Version;
  readonly strict: boolean;
  readonly copyBodies: boolean;
  readonly limits: Partial<FrameLimits>;
  /** After which frame another version or other limits hold. */
  readonly change:
    | { readonly after: number; readonly version: Version; readonly maxBodyBytes: number }
    | undefined;
  readonly input: Uint8Array;
  /** Into what pieces the input is cut the second time. */
  readonly cuts: number;
}

const MOST_FRAMES = 160;
const scratch = new Uint8Array(1_048_576);

export function parserCase(seed: number, number: number): ParserCase {
  const random = new Random(seed, number, 2);
  const version = random.pick(VERSIONS);
  const limits = random.chance(0.15) ? someLimits(random) : {};
  // Most inputs end at such a limit soon.
  const frames = Object.keys(limits).length === 0 ? MOST_FRAMES : 8;
  return {
    kind: "parser",
    version,
    strict: random.chance(0.2),
    copyBodies: random.chance(0.3),
    limits,
    change: random.chance(0.1)
      ? {
          after: 1 + random.below(20),
          version: random.pick(VERSIONS),
          maxBodyBytes: random.pick([0, 30, 4_194_304]),
        }
      : undefined,
    input: inputFor(poolOf(seed, number)[version], frames, random),
    cuts: random.word(),
  };
}

/** Limits that frames run into. */
export function someLimits(random: Random): Partial<FrameLimits> {
  const limits: Partial<FrameLimits> = {};
  if (random.chance(0.3)) limits.maxCommandBytes = random.below(14);
  if (random.chance(0.3)) limits.maxLineBytes = random.below(60);
  if (random.chance(0.3)) limits.maxHeaders = random.below(8);
  if (random.chance(0.3)) limits.maxHeaderBytes = random.below(200);
  if (random.chance(0.3)) limits.maxBodyBytes = random.below(80);
  if (random.chance(0.3)) limits.maxFrameBytes = random.below(300);
  return limits;
}

function inputFor({ right, wrong }: Frames, most: number, random: Random): Uint8Array {
  const faulty = random.chance(0.25) ? 0.05 : 0;
  let left = 1 + random.below(most);
  let length = 0;
  while (left-- > 0 && length < scratch.length / 2) {
    const frame = random.pick(random.chance(faulty) ? wrong : right);
    scratch.set(frame, length);
    length += frame.length;
    // Traffic comes in runs of frames that differ in a few octets only.
    if (!random.chance(0.4)) continue;
    for (let repeats = random.below(24); repeats > 0 && left > 0; repeats--, left--) {
      scratch.copyWithin(length, length - frame.length, length);
      vary(length, frame.length, random);
      length += frame.length;
    }
  }
  const input = scratch.slice(0, length);
  return random.chance(0.25) ? mutated(input, random) : input;
}

function vary(start: number, length: number, random: Random): void {
  const at = start + random.below(length);
  const octet = scratch[at] as number;
  if (octet >= 0x30 && octet <= 0x39) scratch[at] = 0x30 + random.below(10);
  else if (octet >= 0x61 && octet <= 0x7a) scratch[at] = 0x61 + random.below(26);
}
