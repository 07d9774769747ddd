/** The known bytes and frames of test/vectors, as far as the specifications decide them. */

import type { Version } from "stomp-engine";
import { equal } from "../client/equal.ts";
import type { Checks } from "../report.ts";
import type { Engine } from "./engine.ts";
import type { Platform } from "./everything.ts";

interface VectorFrame {
  readonly command: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly bodyBase64: string;
}
interface DecodeRow {
  readonly id: string;
  readonly version: Version;
  readonly strict: boolean;
  readonly chunks: readonly string[];
  readonly expect: { readonly frames?: readonly VectorFrame[]; readonly error?: boolean };
  readonly limits?: object;
}
interface EncodeRow {
  readonly id: string;
  readonly version: Version;
  readonly strict: boolean;
  readonly frame: VectorFrame;
  readonly expect: { readonly bytesBase64: string };
  readonly options?: { readonly autoContentLength?: boolean; readonly trailingLF?: boolean };
}

/** So many there are at least: none must be lost on the way to here. */
const LEAST_DECODING = 100;
const LEAST_ENCODING = 10;

export async function checkVectors(checks: Checks, platform: Platform): Promise<void> {
  await checks.check("vectors: bytes to frames, in any pieces", async () => {
    const all = (await platform.json("vectors/decode.json")) as DecodeRow[];
    const rows = all.filter(({ strict, limits }) => strict && limits === undefined);
    if (rows.length < LEAST_DECODING) throw new Error(`${rows.length} rows`);
    for (const row of rows) decode(platform.engine(), row);
  });
  await checks.check("vectors: frames to bytes", async () => {
    const all = (await platform.json("vectors/encode.json")) as EncodeRow[];
    const rows = all.filter(({ strict }) => strict);
    if (rows.length < LEAST_ENCODING) throw new Error(`${rows.length} rows`);
    for (const row of rows) encode(platform.engine(), row);
  });
}

function decode(engine: Engine, { id, version, chunks, expect }: DecodeRow): void {
  const pieces = chunks.map(fromBase64);
  const octets = pieces.flatMap((piece) => [...piece]);
  const expected = { frames: expect.frames?.map(asRead) ?? [], refused: expect.error === true };
  const whole = Uint8Array.from(octets);
  for (const cut of [pieces, [whole], octets.map((octet) => Uint8Array.of(octet))]) {
    equal(read(engine, version, cut), expected, `${id} in ${cut.length} pieces:`);
  }
}

function read({ core }: Engine, version: Version, chunks: readonly Uint8Array[]) {
  const parser = new core.FrameParser({ version });
  const frames: ReturnType<typeof asRead>[] = [];
  try {
    for (const chunk of chunks) {
      parser.push(chunk);
      for (let frame = parser.next(); frame !== undefined; frame = parser.next()) {
        const { command, headers, body } = frame;
        frames.push(asRead({ command, headers: [...headers], bodyBase64: toBase64(body) }));
      }
    }
    return { frames, refused: false };
  } catch (error) {
    if (!(error instanceof core.ProtocolError)) throw error;
    return { frames, refused: true };
  }
}

const asRead = ({ command, headers, bodyBase64 }: VectorFrame) => [command, headers, bodyBase64];

function encode({ core }: Engine, { id, version, frame, expect, options }: EncodeRow): void {
  const { command, headers, bodyBase64 } = frame;
  const bytes = core.encodeFrame({ command, headers, body: fromBase64(bodyBase64) }, version, {
    contentLength: options?.autoContentLength === false ? "needed" : "always",
    trailingLineFeed: options?.trailingLF,
  });
  equal(toBase64(bytes), expect.bytesBase64, `${id}:`);
}

const fromBase64 = (text: string) =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const octet of bytes) text += String.fromCharCode(octet);
  return btoa(text);
}
