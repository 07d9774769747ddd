/** stompit: a stream of frames, each of them a stream of its body's chunks. */

import stompit, { type IncomingFrame, type IncomingFrameStream } from "stompit";
import type { ParsingWorkload } from "../workloads/parsing.ts";
import { addBytes, addText, type Delivered, namesFor, type Reading, verify } from "./consume.ts";
import type { Prepared } from "./contender.ts";

/** Parses; resolves once the last body has ended. The chunks of a body are joined, as all others do. */
export async function stompitParsing(workload: ParsingWorkload): Promise<Prepared> {
  const { readings, frames } = workload;
  const chunks = workload.chunks.map(asBuffer);
  verify(frames, await collect(chunks, frames.length), readings);
  const stream = newStream();
  let sum = 0;
  let left = 0;
  let finished: (sum: number) => void = () => {};
  stream.on("data", (frame) => {
    sum = addHeaders(sum, frame, readings);
    const parts: Buffer[] = [];
    frame.on("data", (part: Buffer) => parts.push(part));
    frame.on("end", () => {
      sum = addBytes(sum, joined(parts));
      if (--left === 0) finished(sum);
    });
  });
  return {
    units: frames.length,
    sum: workload.sum,
    pass: () =>
      new Promise<number>((resolve) => {
        sum = 0;
        left = frames.length;
        finished = resolve;
        for (let at = 0; at < chunks.length; at++) stream.write(chunks[at] as Buffer);
      }),
  };
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}

function collect(chunks: readonly Uint8Array[], count: number): Promise<Delivered[]> {
  return new Promise((resolve, reject) => {
    const delivered: Delivered[] = [];
    const stream = newStream();
    stream.on("error", reject);
    stream.on("data", (frame) => {
      const parts: Buffer[] = [];
      frame.on("data", (part: Buffer) => parts.push(part));
      frame.on("end", () => {
        delivered.push({
          command: frame.command,
          read: (name) => value(frame, name),
          body: Buffer.concat(parts),
        });
        if (delivered.length === count) resolve(delivered);
      });
    });
    for (const chunk of chunks) stream.write(chunk);
  });
}

function newStream(): IncomingFrameStream {
  const stream = new stompit.IncomingFrameStream();
  stream.setVersion("1.2");
  return stream;
}

function addHeaders(sum: number, frame: IncomingFrame, readings: readonly Reading[]): number {
  let total = sum;
  for (const name of namesFor(readings, frame.command)) total = addText(total, value(frame, name));
  return total;
}

/** It reads Buffers only. */
function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
}

/** It makes a number of content-length. */
function value(frame: IncomingFrame, name: string): string | undefined {
  const given = frame.headers[name];
  return typeof given === "number" ? String(given) : given;
}
