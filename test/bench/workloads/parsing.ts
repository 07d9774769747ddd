/** W1 to W10s: streams to parse. */

import { type Reading, readingsOf, sumOf } from "../contenders/consume.ts";
import { acknowledgements, messages, type PlainFrame, richMessages } from "./frames.ts";
import { arraysPerFrame, inChunks, singleOctets, viewsPerFrame, wireOf } from "./wire.ts";

/** A stream of frames, cut into chunks. */
export interface ParsingWorkload {
  readonly title: string;
  readonly frames: readonly PlainFrame[];
  /** The octets of each frame. */
  readonly wires: readonly Buffer[];
  readonly chunks: readonly Uint8Array[];
  readonly readings: readonly Reading[];
  /** What every pass must come to. */
  readonly sum: number;
  /** The octets of all chunks. */
  readonly bytes: number;
}

const CHUNK = 65_536;
const MIB = 1_048_576;

interface Description {
  readonly title: string;
  readonly frames: () => PlainFrame[];
  readonly cut: (wires: readonly Buffer[]) => Uint8Array[];
}

const socketReads = (wires: readonly Buffer[]) => inChunks(wires, CHUNK);
/** What one packet of Ethernet carries. */
const packets = (wires: readonly Buffer[]) => inChunks(wires, 1_460);
const small = (count: number) => () => messages(count, { bodyBytes: 64 });

// biome-ignore format: one row per workload
const DESCRIPTIONS: Readonly<Record<string, Description>> = {
  W1: { title: "MESSAGE, 64 B, 64 KiB chunks", frames: small(4000), cut: socketReads },
  W1m: { title: "16 subscriptions interleaved", frames: () => messages(4000, { bodyBytes: 64, subscriptions: 16, varied: true }), cut: socketReads },
  W2: { title: "a frame per chunk, Buffer views", frames: small(4000), cut: (wires) => viewsPerFrame(wires, CHUNK) },
  W2u: { title: "a frame per chunk, Uint8Arrays", frames: small(4000), cut: arraysPerFrame },
  W3: { title: "1 KiB text", frames: () => messages(1500, { bodyBytes: 1024 }), cut: socketReads },
  W3p: { title: "1 KiB text, 1,460 B chunks", frames: () => messages(1500, { bodyBytes: 1024 }), cut: packets },
  W4: { title: "16 KiB text", frames: () => messages(100, { bodyBytes: 16_384 }), cut: socketReads },
  W5: { title: "1 MiB binary", frames: () => messages(4, { bodyBytes: MIB, binary: true }), cut: socketReads },
  W6: { title: "1 KiB, no content-length", frames: () => messages(1500, { bodyBytes: 1024, contentLength: false }), cut: socketReads },
  W6p: { title: "W6 in 1,460 B chunks", frames: () => messages(1500, { bodyBytes: 1024, contentLength: false }), cut: packets },
  W7: { title: "ACK and RECEIPT in turn", frames: () => acknowledgements(8000), cut: socketReads },
  W8: { title: "20 headers, escapes, UTF-8", frames: () => richMessages(1500), cut: socketReads },
  W9: { title: "W1, an octet per chunk", frames: small(500), cut: singleOctets },
  W10: { title: "8 MiB in 1 KiB chunks", frames: () => messages(1, { bodyBytes: 8 * MIB, binary: true }), cut: (wires) => inChunks(wires, 1024) },
  W10s: { title: "1 MiB in 1 KiB chunks", frames: () => messages(1, { bodyBytes: MIB, binary: true }), cut: (wires) => inChunks(wires, 1024) },
};

/** The names of all parsing workloads. */
export const PARSING: readonly string[] = Object.keys(DESCRIPTIONS);

/** The title of one of them. */
export function parsingTitle(name: string): string {
  return described(name).title;
}

/** One of them, with all its octets. */
export function parsingWorkload(name: string): ParsingWorkload {
  const { title, frames, cut } = described(name);
  return parsingOf(title, frames(), cut);
}

/** These frames, cut like that; all their headers are read unless told otherwise. */
export function parsingOf(
  title: string,
  made: readonly PlainFrame[],
  cut: (wires: readonly Buffer[]) => Uint8Array[],
  readings: readonly Reading[] = readingsOf(made),
): ParsingWorkload {
  const frames = made.map(withDecodedValues);
  const wires = frames.map(wireOf);
  const chunks = cut(wires);
  const bytes = chunks.reduce((total, chunk) => total + chunk.length, 0);
  return { title, frames, wires, chunks, readings, sum: sumOf(frames, readings), bytes };
}

/**
 * Values as decoders make them. The expected sum is made with the code that then reads what contenders
 * deliver: had it met strings of kinds that only this generator makes, it would be slow with all others.
 */
function withDecodedValues({ command, headers, body }: PlainFrame): PlainFrame {
  const decoded = headers.map(([name, value]) => [name, Buffer.from(value).toString()] as const);
  return { command, headers: decoded, body };
}

function described(name: string): Description {
  const description = DESCRIPTIONS[name];
  if (description === undefined) throw new Error(`There is no workload ${name}`);
  return description;
}
