/**
 * The least that a parser could do: decode the header block once, make one view of the body, and
 * have the application read what it is given. It is told where everything is.
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
  readonly bytes: Latin1;
  readonly at: number;
  readonly bodyAt: number;
  readonly bodyBytes: number;
}

/** Node's own decoder, which its types leave out. */
type Latin1 = Buffer & { latin1Slice(start: number, end: number): string };

function decoding(workload: ParsingWorkload): Prepared {
  const perFrame = workload.chunks.length === workload.frames.length;
  const located = perFrame ? locatedInChunks(workload) : locatedInStream(workload);
  let decoded = 0;
  return {
    units: located.length,
    sum: workload.sum,
    pass: () => {
      let sum = 0;
      for (const frame of located) {
        decoded = addText(decoded, frame.bytes.latin1Slice(frame.at, frame.bodyAt));
        for (const value of frame.values) sum = addText(sum, value);
        sum = addBytes(sum, new Uint8Array(frame.bytes.buffer, frame.bodyAt, frame.bodyBytes));
      }
      // The decoded text has to be of use to someone.
      return decoded === 0.5 ? 0 : sum;
    },
  };
}

function locatedInStream(workload: ParsingWorkload): Located[] {
  const length = workload.wires.reduce((total, wire) => total + wire.length, 0);
  const stream = Buffer.from(new ArrayBuffer(length)) as Latin1;
  let at = 0;
  return workload.wires.map((wire, index) => {
    stream.set(wire, at);
    at += wire.length;
    return locate(workload, index, stream, at - wire.length);
  });
}

function locatedInChunks(workload: ParsingWorkload): Located[] {
  return workload.chunks.map((chunk, index) => {
    const bytes = Buffer.from(chunk.buffer) as Latin1;
    return locate(workload, index, bytes, chunk.byteOffset);
  });
}

function locate(workload: ParsingWorkload, index: number, bytes: Latin1, at: number): Located {
  const frame = workload.frames[index];
  const wire = workload.wires[index];
  if (frame === undefined || wire === undefined) throw new Error("A frame without octets");
  return {
    values: namesFor(workload.readings, frame.command).map((name) => firstValue(frame, name)),
    bytes,
    at,
    bodyAt: at + headBytes(wire),
    bodyBytes: frame.body.length,
  };
}

function copying({ chunks, frames, bytes }: ParsingWorkload): Prepared {
  const perFrame = Math.ceil(bytes / frames.length) + (chunks[0]?.length ?? 0);
  let kept: Uint8Array[] | undefined = [];
  const pass = () => {
    let sum = 0;
    // Nobody fills it before: all that is looked at afterwards has been copied to it.
    let target = Buffer.allocUnsafeSlow(perFrame);
    let used = 0;
    for (const chunk of chunks) {
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
