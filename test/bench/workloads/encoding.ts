/** E1 to E3: messages to encode one by one. */

import { addBytes, firstValue } from "../contenders/consume.ts";
import { Absent, type Prepared } from "../contenders/contender.ts";
import { messages, type PlainFrame } from "./frames.ts";
import { framesIn } from "./wire.ts";

/** A message as applications have it: headers without content-length, body in both forms. */
export interface OutgoingFrame {
  readonly command: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly text: string;
}

/** Messages to encode, and what must come out. */
export interface EncodingWorkload {
  readonly expected: readonly PlainFrame[];
  readonly outgoing: readonly OutgoingFrame[];
}

const SIZES: Readonly<Record<string, { bodyBytes: number; count: number }>> = {
  E1: { bodyBytes: 64, count: 4000 },
  E2: { bodyBytes: 1024, count: 2000 },
  E3: { bodyBytes: 16_384, count: 300 },
};

/** The names of the encoding workloads. */
export const ENCODING: readonly string[] = Object.keys(SIZES);

/** The title of one of them. */
export function encodingTitle(name: string): string {
  return `encode MESSAGE, ${size(name).bodyBytes} B`;
}

/** One of them. */
export function encodingWorkload(name: string): EncodingWorkload {
  const { bodyBytes, count } = size(name);
  const expected = messages(count, { bodyBytes });
  return { expected, outgoing: expected.map(outgoing) };
}

/** A frame as it is given to an encoder. */
export function outgoing(frame: PlainFrame): OutgoingFrame {
  const headers = frame.headers.filter(([name]) => name !== "content-length");
  return {
    command: frame.command,
    headers: Object.fromEntries(headers),
    body: new Uint8Array(frame.body),
    text: Buffer.from(frame.body).toString(),
  };
}

/**
 * An encoder that works at once, verified and ready to be timed.
 *
 * @param encode The octets of a frame, in one piece or in several.
 */
export function encodingPass(
  workload: EncodingWorkload,
  encode: (frame: OutgoingFrame) => Uint8Array | readonly Uint8Array[],
): Prepared {
  const { outgoing } = workload;
  const pieces = outgoing.flatMap((frame) => encode(frame));
  verifyWire(workload.expected, Buffer.concat(pieces));
  return {
    units: outgoing.length,
    sum: pieces.reduce(addBytes, 0),
    pass: () => {
      let sum = 0;
      for (const frame of outgoing) {
        const encoded = encode(frame);
        if (encoded instanceof Uint8Array) sum = addBytes(sum, encoded);
        else for (const piece of encoded) sum = addBytes(sum, piece);
      }
      return sum;
    },
  };
}

/** @throws {Absent} when the octets are not these frames; further headers do no harm. */
export function verifyWire(expected: readonly PlainFrame[], wire: Uint8Array): void {
  const written = framesIn(wire);
  if (written.length !== expected.length) throw new Absent(`writes ${written.length} frames`);
  expected.forEach((frame, index) => {
    const got = written[index];
    if (got === undefined || got.command !== frame.command) throw new Absent("wrong command");
    for (const [name, value] of frame.headers) {
      if (firstValue(got, name) !== value) throw new Absent(`wrong header "${name}"`);
    }
    if (Buffer.compare(got.body, frame.body) !== 0) throw new Absent("wrong body");
  });
}

function size(name: string): { bodyBytes: number; count: number } {
  const found = SIZES[name];
  if (found === undefined) throw new Error(`There is no workload ${name}`);
  return found;
}
