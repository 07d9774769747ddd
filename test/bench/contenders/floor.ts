/**
 * The least that a parser could do: decode the header block once, make one view of the body, or join
 * it if it lies in two chunks, and have the application read what it is given. It is told where
 * everything is.
 *
 * For a frame that comes in many small pieces: copy each piece once into one buffer.
 */

import type { ParsingWorkload } from "../workloads/parsing.ts";
import { headBytes } from "../workloads/wire.ts";
import { addBytes, addText, firstValue, namesFor } from "./consume.ts";
import { Absent, type Prepared } from "./contender.ts";

/** The floor of a workload. */
export function floorParsing(workload: ParsingWorkload): Prepared {
  const frameBytes = workload.bytes / workload.frames.length;
  const chunkBytes = workload.bytes / workload.chunks.length;
  return frameBytes > chunkBytes * 1.5 ? copying(workload) : decoding(workload);
}

/** A frame and where it lies. */
interface Located {
  readonly values: readonly (string | undefined)[];
  /** The memory that it begins in, and where its header block is there, as far as it is. */
  readonly bytes: Latin1;
  readonly at: number;
  readonly headEnd: number;
  /** The memory that its body begins in. */
  readonly memory: ArrayBufferLike;
  readonly bodyAt: number;
  readonly bodyBytes: number;
  /** The body piece by piece, if it lies in more than one chunk. */
  readonly pieces: readonly Uint8Array[] | undefined;
}

/** Node's own decoder, which its types leave out. */
type Latin1 = Buffer & { latin1Slice(start: number, end: number): string };

function decoding(workload: ParsingWorkload): Prepared {
  const located = locate(workload);
  let decoded = 0;
  return {
    units: located.length,
    sum: workload.sum,
    pass: () => {
      let sum = 0;
      for (const frame of located) {
        decoded = addText(decoded, frame.bytes.latin1Slice(frame.at, frame.headEnd));
        for (const value of frame.values) sum = addText(sum, value);
        const { pieces, memory, bodyAt, bodyBytes } = frame;
        sum = addBytes(
          sum,
          pieces === undefined
            ? new Uint8Array(memory, bodyAt, bodyBytes)
            : joined(pieces, bodyBytes),
        );
      }
      // The decoded text has to be of use to someone.
      return decoded === 0.5 ? 0 : sum;
    },
  };
}

/** In memory of its own, as it is handed to an application that may keep it. */
function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function locate(workload: ParsingWorkload): Located[] {
  const memories = new Map<ArrayBufferLike, Latin1>();
  const stream = new Chunked(workload.chunks);
  let at = 0;
  return workload.frames.map((frame, index) => {
    const wire = workload.wires[index];
    if (wire === undefined) throw new Error("A frame without octets");
    const bodyAt = at + headBytes(wire);
    const [head = NOTHING] = stream.pieces(at, bodyAt);
    const pieces = stream.pieces(bodyAt, bodyAt + frame.body.length);
    const [first = NOTHING, ...others] = pieces;
    const bytes = memories.get(head.buffer) ?? (Buffer.from(head.buffer) as Latin1);
    memories.set(head.buffer, bytes);
    at += wire.length;
    return {
      values: namesFor(workload.readings, frame.command).map((name) => firstValue(frame, name)),
      bytes,
      at: head.byteOffset,
      headEnd: head.byteOffset + head.length,
      memory: first.buffer,
      bodyAt: first.byteOffset,
      bodyBytes: frame.body.length,
      pieces: others.length === 0 ? undefined : pieces,
    };
  });
}

/** A stream in chunks, to be looked up from its beginning to its end. */
class Chunked {
  readonly #chunks: readonly Uint8Array[];
  /** The chunk that was looked at last, and where it begins in the stream. */
  #index = 0;
  #start = 0;

  constructor(chunks: readonly Uint8Array[]) {
    this.#chunks = chunks;
  }

  /** Where these octets of the stream lie; none of them come before those that were asked for last. */
  pieces(from: number, to: number): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    for (let at = from; at < to; ) {
      const chunk = this.#chunkAt(at);
      const end = Math.min(to, this.#start + chunk.length);
      pieces.push(new Uint8Array(chunk.buffer, chunk.byteOffset + at - this.#start, end - at));
      at = end;
    }
    return pieces;
  }

  #chunkAt(at: number): Uint8Array {
    for (;;) {
      const chunk = this.#chunks[this.#index];
      if (chunk === undefined) throw new Error("A frame that no chunk holds");
      if (at < this.#start + chunk.length) return chunk;
      this.#start += chunk.length;
      this.#index++;
    }
  }
}

function copying({ chunks, frames, bytes }: ParsingWorkload): Prepared {
  const perFrame = Math.ceil(bytes / frames.length) + (chunks[0]?.length ?? 0);
  let kept: Uint8Array[] | undefined = [];
  const pass = () => {
    let sum = 0;
    // Nobody fills it before: all that is looked at afterwards has been copied to it.
    let target = Buffer.allocUnsafeSlow(perFrame);
    let used = 0;
    for (let at = 0; at < chunks.length; at++) {
      const chunk = chunks[at] as Uint8Array;
      if (used + chunk.length > perFrame) {
        sum = addBytes(sum, target.subarray(0, used));
        kept?.push(target.subarray(0, used));
        target = Buffer.allocUnsafeSlow(perFrame);
        used = 0;
      }
      target.set(chunk, used);
      used += chunk.length;
    }
    kept?.push(target.subarray(0, used));
    return addBytes(sum, target.subarray(0, used));
  };
  const sum = pass();
  if (!Buffer.concat(kept).equals(Buffer.concat(chunks))) throw new Absent("wrong octets");
  kept = undefined;
  return { units: frames.length, sum, pass };
}

const NOTHING = new Uint8Array(0);
