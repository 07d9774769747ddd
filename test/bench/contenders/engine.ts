/** This engine's parser, as it is and with its means taken away. */

import { type Frame, FrameParser } from "stomp-engine";
import { setPrediction } from "../../../dist/protocol/prediction.js";
import { textWith } from "../../../dist/protocol/utf8.js";
import type { ParsingWorkload } from "../workloads/parsing.ts";
import { addBytes, addText, type Delivered, namesFor, type Reading, verify } from "./consume.ts";
import type { Prepared } from "./contender.ts";

/** What the benchmark needs of a parser. */
export interface PullParser {
  push(chunk: Uint8Array): void;
  next(): Frame | undefined;
}

/** Room for the largest body of the workloads. */
export const LIMITS = { maxBodyBytes: 16 * 1_048_576 };

/** Parses. */
export function engineParsing(
  workload: ParsingWorkload,
  create: () => PullParser = () => new FrameParser({ version: "1.2", limits: LIMITS }),
): Prepared {
  const { chunks, readings, frames } = workload;
  verify(frames, collect(create(), chunks), readings);
  const parser = create();
  return {
    units: frames.length,
    sum: workload.sum,
    pass: () => {
      let sum = 0;
      for (let at = 0; at < chunks.length; at++) {
        parser.push(chunks[at] as Uint8Array);
        let frame = parser.next();
        while (frame !== undefined) {
          sum = addFrame(sum, frame, readings);
          frame = parser.next();
        }
      }
      return sum;
    },
  };
}

/** Without Node's own decoders and searches, as in a browser. */
export function browserParsing(workload: ParsingWorkload): Prepared {
  const options = { version: "1.2", limits: LIMITS } as const;
  return engineParsing(workload, () => new FrameParser(options, textWith(undefined)));
}

/** The generic parser alone. */
export function genericParsing(workload: ParsingWorkload): Prepared {
  setPrediction(false);
  return engineParsing(workload);
}

/** Reads all of a frame. */
export function addFrame(sum: number, frame: Frame, readings: readonly Reading[]): number {
  let total = sum;
  const headers = frame.headers;
  for (const name of namesFor(readings, frame.command)) total = addText(total, headers.get(name));
  return addBytes(total, frame.body);
}

/** All frames, to be verified. */
export function collect(parser: PullParser, chunks: readonly Uint8Array[]): Delivered[] {
  const delivered: Delivered[] = [];
  for (const chunk of chunks) {
    parser.push(chunk);
    for (let frame = parser.next(); frame !== undefined; frame = parser.next()) {
      const { command, headers, body } = frame;
      delivered.push({ command, read: (name) => headers.get(name), body });
    }
  }
  return delivered;
}
