/**
 * Bytes and frames that are known from the specifications and from other implementations.
 * Every row of bytes is read whole, octet by octet, and cut in two wherever that could matter.
 */

import { describe, expect, test } from "vitest";
import { ProtocolError } from "../src/errors.ts";
import { encodeFrame } from "../src/protocol/encoder.ts";
import { FrameParser } from "../src/protocol/parser.ts";
import type { Version } from "../src/protocol/version.ts";
import { DECODING, type Decision, ENCODING } from "./vectors/decisions.ts";
import decodeRows from "./vectors/decode.json" with { type: "json" };
import encodeRows from "./vectors/encode.json" with { type: "json" };
import { bytes, cut, limitsOf, type Outcome, octets, read } from "./vectors/reading.ts";

interface VectorFrame {
  command: string;
  headers: [string, string][];
  bodyBase64: string;
  rawHeaders?: [string, string][];
}
interface DecodeRow {
  id: string;
  name: string;
  version: Version;
  chunks: string[];
  expect: { frames?: VectorFrame[]; error?: boolean };
  strict: boolean;
  incomplete?: boolean;
  heartbeats?: number;
  limits?: Record<string, number>;
}
interface EncodeRow {
  id: string;
  name: string;
  version: Version;
  strict: boolean;
  frame: VectorFrame;
  expect: { bytesBase64: string };
  options?: { autoContentLength?: boolean; trailingLF?: boolean };
}

const decoding = decodeRows as unknown as DecodeRow[];
const encoding = encodeRows as unknown as EncodeRow[];
const SECOND_FRAME = bytes("SEND\ndestination:/after\ncontent-length:2\n\n\0\n\0");

describe("bytes to frames", () => {
  test.each(decoding.map((row) => [`${row.id} ${row.name}`, row] as const))("%s", (_, row) => {
    const chunks = row.chunks.map((chunk) => new Uint8Array(Buffer.from(chunk, "base64")));
    const whole = concatenated(chunks);
    const options = { version: row.version, limits: limitsOf(row.limits) };
    const outcome = read([whole], options);
    expectDecided(outcome, row);
    expect(read(chunks, options)).toEqual(outcome);
    expect(read(octets(whole), options)).toEqual(outcome);
    for (const at of cuts(whole))
      expect(read(cut(whole, at), options), `cut at ${at}`).toEqual(outcome);
    if (outcome.error === undefined && !outcome.unfinished) {
      expectFollowed(whole, options, outcome);
    } else if (outcome.error !== undefined) {
      expect(read([concatenated([whole, SECOND_FRAME])], options)).toEqual(outcome);
    }
  });

  test("every row that leaves the decision to us has one", () => {
    const open = decoding.filter((row) => !row.strict).map((row) => row.id);
    expect(Object.keys(DECODING).sort()).toEqual(open.sort());
  });

  test("nothing behind an error is looked at", () => {
    for (const row of decoding.filter(({ expect: { error }, strict }) => error && strict)) {
      const parser = new FrameParser({ version: row.version, limits: limitsOf(row.limits) });
      for (const chunk of row.chunks) parser.push(Buffer.from(chunk, "base64"));
      parser.push(SECOND_FRAME);
      expect(() => drain(parser)).toThrow(ProtocolError);
      expect(parser.unreadBytes).toBe(0);
      parser.push(SECOND_FRAME);
      expect(() => parser.next()).toThrow(expect.objectContaining({ code: "closed" }));
    }
  });
});

describe("frames to bytes", () => {
  test.each(encoding.map((row) => [`${row.id} ${row.name}`, row] as const))("%s", (_, row) => {
    const decided = row.strict ? "as written" : ENCODING[row.id]?.outcome;
    if (decided !== "as written") {
      expect(() => encode(row)).toThrow(expect.objectContaining({ code: decided }));
      return;
    }
    const encoded = encode(row);
    expect(Buffer.from(encoded).toString("base64")).toBe(row.expect.bytesBase64);
    const { frames, error } = read([encoded], { version: row.version });
    expect(error).toBeUndefined();
    const [frame] = frames;
    expect(frame?.command).toBe(row.frame.command);
    expect(frame?.all.slice(0, row.frame.headers.length)).toEqual(row.frame.headers);
    expect(frame?.body).toBe(row.frame.bodyBase64);
  });

  test("every row that leaves the decision to us has one", () => {
    const open = encoding.filter((row) => !row.strict).map((row) => row.id);
    expect(Object.keys(ENCODING).sort()).toEqual(open.sort());
  });
});

function expectDecided(outcome: Outcome, row: DecodeRow): void {
  const decision: Decision = DECODING[row.id] ?? { outcome: "as written", why: "strict" };
  const decided = decision.outcome;
  if (decided === "incomplete") {
    expect(outcome).toMatchObject({ frames: [], error: undefined, unfinished: true });
  } else if (typeof decided === "object") {
    expect(outcome.error).toBeUndefined();
    expect(outcome.frames.map(({ headers }) => headers)).toEqual([decided.headers]);
  } else if (decided === "as written") {
    const expected = row.expect.frames ?? [];
    expect(outcome.frames).toEqual(expected.map(asRead));
    expect(outcome.error !== undefined).toBe(row.expect.error === true);
    if (row.incomplete === true) expect(outcome.unfinished).toBe(true);
    if (row.heartbeats !== undefined) expect(outcome.heartbeats).toBe(row.heartbeats);
  } else {
    expect(outcome.error).toBe(decided);
  }
}

function asRead(frame: VectorFrame): Outcome["frames"][number] {
  return {
    command: frame.command,
    headers: frame.headers,
    all: frame.rawHeaders ?? frame.headers,
    body: frame.bodyBase64,
  };
}

function expectFollowed(whole: Uint8Array, options: object, outcome: Outcome): void {
  const followed = read([concatenated([whole, SECOND_FRAME])], options);
  const second = { command: "SEND", body: "AAo=" };
  expect(followed.error).toBeUndefined();
  expect(followed.frames.slice(0, -1)).toEqual(outcome.frames);
  expect(followed.frames.at(-1)).toMatchObject(second);
}

/** Everywhere in short rows; in long ones around what has a meaning, and here and there besides. */
function* cuts(whole: Uint8Array): Iterable<number> {
  for (let at = 0; at <= whole.length; at++) {
    if (whole.length <= 600 || at % 97 === 0 || isNearStructure(whole, at)) yield at;
  }
}

function isNearStructure(whole: Uint8Array, at: number): boolean {
  if (at > 200 && at < whole.length - 200) return false;
  return whole
    .subarray(Math.max(0, at - 1), at + 1)
    .some((octet) => "\0\n\r:\\".includes(String.fromCharCode(octet)));
}

function concatenated(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}

function drain(parser: FrameParser): void {
  while (parser.next() !== undefined);
}

function encode(row: EncodeRow): Uint8Array {
  const { autoContentLength, trailingLF } = row.options ?? {};
  const { command, headers, bodyBase64 } = row.frame;
  return encodeFrame({ command, headers, body: Buffer.from(bodyBase64, "base64") }, row.version, {
    contentLength: autoContentLength === false ? "needed" : "always",
    trailingLineFeed: trailingLF,
  });
}
