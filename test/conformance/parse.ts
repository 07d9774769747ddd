/** The parser alone: bytes in, frames or an error out, the same however they are cut. */

import { expect } from "vitest";
import type { FrameParserOptions } from "../../src/protocol/parser.ts";
import { type Outcome, octets, type ReadFrame, read } from "../vectors/reading.ts";

/** Reads text as UTF-8, in one chunk and octet by octet. */
export function parse(input: string | Uint8Array, options: FrameParserOptions): Outcome {
  const bytes = typeof input === "string" ? new Uint8Array(Buffer.from(input)) : input;
  const outcome = read([bytes], options);
  expect(read(octets(bytes), options)).toEqual(outcome);
  return outcome;
}

/** The frames in a text that is correct and whole. */
export function framesIn(input: string | Uint8Array, options: FrameParserOptions): ReadFrame[] {
  const { frames, error, unfinished } = parse(input, options);
  expect({ error, unfinished }).toEqual({ error: undefined, unfinished: false });
  return frames;
}

/** The only frame in it. */
export function frameIn(input: string | Uint8Array, options: FrameParserOptions): ReadFrame {
  const frames = framesIn(input, options);
  expect(frames).toHaveLength(1);
  return frames[0] as ReadFrame;
}

/** The code of what is wrong with it. */
export function faultIn(
  input: string | Uint8Array,
  options: FrameParserOptions,
): string | undefined {
  return parse(input, options).error;
}

export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
