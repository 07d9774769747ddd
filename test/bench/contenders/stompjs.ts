/** @stomp/stompjs: the parser and frames of the library that most people use today. */

import { FrameImpl, type IRawFrameType, Parser } from "@stomp/stompjs";
import type { ParsingWorkload } from "../workloads/parsing.ts";
import { addBytes, addText, type Delivered, namesFor, verify } from "./consume.ts";
import type { Prepared } from "./contender.ts";

/** Parses; headers are unescaped as its client does it on a 1.2 connection. */
export function stompjsParsing(workload: ParsingWorkload): Prepared {
  const { chunks, readings, frames } = workload;
  verify(frames, collect(chunks), readings);
  let sum = 0;
  const parser = new Parser(
    (raw) => {
      const frame = FrameImpl.fromRawFrame(raw, true);
      const headers = frame.headers;
      for (const name of namesFor(readings, frame.command)) sum = addText(sum, headers[name]);
      sum = addBytes(sum, frame.binaryBody);
    },
    () => {},
  );
  return {
    units: frames.length,
    sum: workload.sum,
    pass: () => {
      sum = 0;
      for (let at = 0; at < chunks.length; at++) {
        parser.parseChunk(asSegment(chunks[at] as Uint8Array));
      }
      return sum;
    },
  };
}

function collect(chunks: readonly Uint8Array[]): Delivered[] {
  const delivered: Delivered[] = [];
  const parser = new Parser(
    (raw: IRawFrameType) => {
      const frame = FrameImpl.fromRawFrame(raw, true);
      delivered.push({
        command: frame.command,
        read: (name) => frame.headers[name],
        body: frame.binaryBody,
      });
    },
    () => {},
  );
  for (const chunk of chunks) parser.parseChunk(asSegment(chunk));
  return delivered;
}

/** Its type asks for an ArrayBuffer; it copies whatever array of octets it is given. */
function asSegment(chunk: Uint8Array): ArrayBuffer {
  return chunk as unknown as ArrayBuffer;
}
