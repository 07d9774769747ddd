/** Reading bytes in whatever chunks, and writing down all that can be seen of it. */

import type { FrameLimits } from "../../src/protocol/limits.ts";
import { FrameParser, type FrameParserOptions } from "../../src/protocol/parser.ts";
import type { Predictor } from "../../src/protocol/prediction.ts";
import type { Text } from "../../src/protocol/utf8.ts";

export interface ReadFrame {
  command: string;
  headers: (readonly [string, string])[];
  all: (readonly [string, string])[];
  body: string;
}

export interface Outcome {
  frames: ReadFrame[];
  /** The code of the error that ended it. */
  error: string | undefined;
  heartbeats: number;
  unfinished: boolean;
}

/** Pushes chunk by chunk, taking all frames after each. */
export function read(
  chunks: readonly Uint8Array[],
  options: FrameParserOptions = {},
  text?: Text,
  predictor?: Predictor,
): Outcome {
  return readWith(new FrameParser(options, text, predictor), chunks);
}

/** The same with a given parser. */
export function readWith(parser: FrameParser, chunks: readonly Uint8Array[]): Outcome {
  const frames: ReadFrame[] = [];
  let error: string | undefined;
  for (const chunk of chunks) {
    parser.push(chunk);
    try {
      for (let frame = parser.next(); frame !== undefined; frame = parser.next()) {
        frames.push({
          command: frame.command,
          headers: [...frame.headers],
          all: [...frame.headers.all()],
          body: Buffer.from(frame.body).toString("base64"),
        });
      }
    } catch (thrown) {
      error ??= (thrown as { code: string }).code;
    }
  }
  return { frames, error, heartbeats: parser.heartbeats, unfinished: parser.unfinished };
}

/** The bytes of latin1 text: every octet can be written down so. */
export function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** One chunk per octet. */
export function octets(whole: Uint8Array): Uint8Array[] {
  return Array.from(whole, (octet) => new Uint8Array([octet]));
}

/** Two chunks, cut there. */
export function cut(whole: Uint8Array, at: number): Uint8Array[] {
  return [whole.slice(0, at), whole.slice(at)];
}

/** The limits of a vector by our names. */
export function limitsOf(limits: Record<string, number> = {}): Partial<FrameLimits> {
  const names: Record<string, keyof FrameLimits> = {
    maxFrame: "maxFrameBytes",
    maxLine: "maxLineBytes",
    maxHeaders: "maxHeaders",
    maxBody: "maxBodyBytes",
  };
  return Object.fromEntries(
    Object.entries(limits).map(([name, limit]) => [names[name] as string, limit]),
  );
}
