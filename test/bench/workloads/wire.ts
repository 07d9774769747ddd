/** Frames to bytes, bytes to chunks, and back: plain and slow, independent of what is measured. */

import type { PlainFrame } from "./frames.ts";

/** The octets of a frame in STOMP 1.2, ended by NUL alone. */
export function wireOf(frame: PlainFrame): Buffer {
  const lines = frame.headers.map(([name, value]) => `${escaped(name)}:${escaped(value)}\n`);
  const head = Buffer.from(`${frame.command}\n${lines.join("")}\n`);
  return Buffer.concat([head, frame.body, Buffer.from([0])]);
}

/** The octets of the headers of a frame, with the blank line: where its body begins. */
export function headBytes(wire: Buffer): number {
  return wire.indexOf("\n\n") + 2;
}

/** The stream cut every so many octets; each piece has memory of its own, as a socket's reads have. */
export function inChunks(wires: readonly Buffer[], chunkBytes: number): Buffer[] {
  const stream = Buffer.concat(wires);
  const chunks: Buffer[] = [];
  for (let at = 0; at < stream.length; at += chunkBytes) {
    chunks.push(ownMemory(stream.subarray(at, at + chunkBytes)));
  }
  return chunks;
}

/** One chunk per frame, all of them views on a few slabs: what a WebSocket library on Node hands out. */
export function viewsPerFrame(wires: readonly Buffer[], slabBytes: number): Buffer[] {
  const chunks: Buffer[] = [];
  let slab = Buffer.from(new ArrayBuffer(slabBytes));
  let used = 0;
  for (const wire of wires) {
    if (used + wire.length > slabBytes) {
      slab = Buffer.from(new ArrayBuffer(slabBytes));
      used = 0;
    }
    slab.set(wire, used);
    chunks.push(slab.subarray(used, used + wire.length));
    used += wire.length;
  }
  return chunks;
}

/** One chunk per frame with an ArrayBuffer each and no Buffer: what a browser's WebSocket hands out. */
export function arraysPerFrame(wires: readonly Buffer[]): Uint8Array[] {
  return wires.map((wire) => new Uint8Array(wire));
}

/** Every octet as a chunk of its own. */
export function singleOctets(wires: readonly Buffer[]): Buffer[] {
  const stream = ownMemory(Buffer.concat(wires));
  return Array.from(stream, (_, at) => stream.subarray(at, at + 1));
}

/**
 * What an encoder wrote, taken apart again.
 *
 * @throws {Error} when it is not a sequence of whole frames.
 */
export function framesIn(stream: Uint8Array): PlainFrame[] {
  const bytes = Buffer.from(stream.buffer, stream.byteOffset, stream.length);
  const frames: PlainFrame[] = [];
  let at = 0;
  for (;;) {
    while (bytes[at] === 10) at++;
    if (at >= bytes.length) return frames;
    const bodyAt = bytes.indexOf("\n\n", at) + 2;
    if (bodyAt < 2) throw new Error("A frame without a blank line");
    const [command = "", ...lines] = bytes.toString("utf8", at, bodyAt - 2).split("\n");
    const headers = lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [unescaped(line.slice(0, colon)), unescaped(line.slice(colon + 1))];
    });
    const length = headers.find(([name]) => name === "content-length")?.[1];
    const end = length === undefined ? bytes.indexOf(0, bodyAt) : bodyAt + Number(length);
    if (bytes[end] !== 0) throw new Error("A frame without its NUL");
    frames.push({ command, headers, body: new Uint8Array(bytes.subarray(bodyAt, end)) });
    at = end + 1;
  }
}

function ownMemory(bytes: Uint8Array): Buffer {
  const own = Buffer.from(new ArrayBuffer(bytes.length));
  own.set(bytes);
  return own;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  ":": "\\c",
};

function escaped(text: string): string {
  return text.replace(/[\\\n\r:]/g, (character) => ESCAPES[character] ?? character);
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, letter: string) => {
    if (letter === "n") return "\n";
    if (letter === "r") return "\r";
    return letter === "c" ? ":" : letter;
  });
}
