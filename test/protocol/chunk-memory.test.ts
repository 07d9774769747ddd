/** What may become of the memory of chunks, and of that of bodies, once they were read. */

import { describe, expect, test } from "vitest";
import type { Frame } from "../../src/protocol/frame.ts";
import { FrameParser, type FrameParserOptions } from "../../src/protocol/parser.ts";
import { Predictor } from "../../src/protocol/prediction.ts";
import { TEXT } from "../../src/protocol/utf8.ts";
import { collected } from "../faults/collecting.ts";
import { bytes, readWith } from "../vectors/reading.ts";

const SEND = "SEND\ndestination:/queue/a\n\nabc\0";
const EMPTY = "SEND\ndestination:/queue/a\n\n\0";

/** Parsers that share what they learn with no others, and have learnt of such frames. */
function trained(): (options?: FrameParserOptions) => FrameParser {
  const predictor = new Predictor(true);
  const parserOf = (options?: FrameParserOptions) => new FrameParser(options, TEXT, predictor);
  for (const wire of [SEND, SEND, EMPTY]) readWith(parserOf(), [bytes(wire)]);
  expect(predictor.size).toBe(1);
  return parserOf;
}

describe("with copyBodies", () => {
  const parserOf = trained();

  test("bodies in Buffers are copied as well", () => {
    const parser = parserOf({ copyBodies: true });
    for (let time = 0; time < 4; time++) {
      const chunk = Buffer.from(SEND);
      parser.push(chunk);
      const body = parser.next()?.body;
      chunk.fill(0);
      expect(body).toEqual(bytes("abc"));
      expect(body?.buffer.byteLength).toBe(3);
    }
  });

  test.each([
    ["in one chunk", [EMPTY]],
    ["in two", [EMPTY.slice(0, -1), EMPTY.slice(-1)]],
    ["octet by octet", [...EMPTY]],
  ])("bodies without octets, too, may be transferred; %s", (_, chunks) => {
    const parser = parserOf({ copyBodies: true });
    for (let time = 0; time < 3; time++) {
      for (const chunk of chunks) parser.push(bytes(chunk));
      const body = (parser.next() as Frame).body as Uint8Array<ArrayBuffer>;
      expect(() => structuredClone(body, { transfer: [body.buffer] })).not.toThrow();
    }
  });
});

test("what waits is copied once, whatever comes behind it", () => {
  const parser = new FrameParser({ copyBodies: true });
  const waiting = () => (parser as unknown as { chunk: Uint8Array }).chunk;
  const first = bytes(SEND + SEND);
  parser.push(first);
  expect(parser.next()?.text()).toBe("abc");
  parser.keep(first);
  const own = waiting();
  expect(own.buffer).not.toBe(first.buffer);
  const next = bytes(SEND);
  parser.push(next);
  parser.keep(next);
  expect(waiting()).toBe(own);
  for (const chunk of [first, next]) chunk.fill(120);
  expect([parser.next()?.text(), parser.next()?.text()]).toEqual(["abc", "abc"]);
});

test("whoever transfers a body without octets takes memory from nobody else", () => {
  const parser = new FrameParser();
  for (const chunks of [[EMPTY], [EMPTY.slice(0, -1), EMPTY.slice(-1)]]) {
    for (const chunk of chunks) parser.push(bytes(chunk));
    const { buffer } = (parser.next() as Frame).body as Uint8Array<ArrayBuffer>;
    structuredClone(buffer, { transfer: [buffer] });
    for (const pieces of [[...(SEND + EMPTY)], [SEND.slice(0, -4), `abc\0${EMPTY}`]]) {
      const { frames, error } = readWith(new FrameParser(), pieces.map(bytes));
      expect(error).toBeUndefined();
      expect(frames.map(({ body }) => body)).toEqual(["YWJj", ""]);
    }
  }
});

describe("a chunk that was read", () => {
  const parserOf = trained();
  const many = SEND.repeat(100);

  test("may come again, the same one with other octets in it", () => {
    const chunk = bytes(many);
    const parser = parserOf();
    for (const letters of ["abc", "xyz", "ABC"]) {
      chunk.set(bytes(many.replaceAll("abc", letters)));
      const { frames } = readWith(parser, [chunk]);
      expect(frames.map(({ body }) => Buffer.from(body, "base64").toString())).toEqual(
        new Array(100).fill(letters),
      );
    }
  });

  test.each([
    [90, "itself"],
    [10, "itself"],
    [110, "itself"],
    [90, "another"],
    [110, "another"],
  ])("may be resized and come again, with %i frames, to %s", (count, to) => {
    const memory = resizable(many.length, 2 * many.length);
    const chunk = new Uint8Array(memory);
    const parser = parserOf();
    chunk.set(bytes(many));
    parser.push(chunk);
    for (let at = 0; at < 100; at++) expect(parser.next()?.text()).toBe("abc");
    memory.resize(count * SEND.length);
    expect(parser.unreadBytes).toBe(0);
    chunk.set(bytes(SEND.repeat(count)));
    const reader = to === "another" ? parserOf() : parser;
    const { frames, error } = readWith(reader, [chunk]);
    expect(error).toBeUndefined();
    expect(frames.length).toBe(count);
  });

  test.each([
    ["large", "", SEND.repeat(2), 2],
    ["small", SEND.slice(0, -3), SEND.slice(-3), 1],
  ])(
    "may grow: what is behind its end then was never pushed; a %s one",
    (_, before, last, count) => {
      const memory = resizable(last.length, last.length + SEND.length);
      const chunk = new Uint8Array(memory);
      chunk.set(bytes(last));
      const parser = parserOf();
      parser.push(bytes(before));
      expect(parser.next()).toBeUndefined();
      parser.push(chunk);
      for (let frame = 0; frame < count; frame++) expect(parser.next()?.text()).toBe("abc");
      memory.resize(memory.maxByteLength);
      chunk.set(bytes(SEND), last.length);
      expect(parser.unreadBytes).toBe(0);
      expect(parser.next()).toBeUndefined();
      expect(parser.unfinished).toBe(false);
    },
  );

  test("may be resized while the rest of its body is awaited", () => {
    const memory = resizable(5_000, 16_000);
    const parser = parserOf();
    parser.push(bytes("SEND\ndestination:/queue/a\ncontent-length:8000\n\n"));
    expect(parser.next()).toBeUndefined();
    parser.push(new Uint8Array(memory).fill(97));
    expect(parser.next()).toBeUndefined();
    memory.resize(9_000);
    parser.push(bytes(`${"b".repeat(3_000)}\0`));
    expect(parser.next()?.text()).toBe("a".repeat(5_000) + "b".repeat(3_000));
  });

  test("may be transferred", () => {
    const parser = parserOf();
    const chunk = bytes(many);
    parser.push(chunk);
    for (let at = 0; at < 100; at++) expect(parser.next()?.text()).toBe("abc");
    structuredClone(chunk, { transfer: [chunk.buffer as ArrayBuffer] });
    expect(parser.unreadBytes).toBe(0);
    expect(readWith(parser, [bytes(SEND)]).frames.length).toBe(1);
  });

  test.each([
    ["no frame", ""],
    ["an error", "SEND\r\r\n"],
  ])("is not kept, whether what follows is %s", async (_, rest) => {
    const read = () => {
      const chunk = bytes(many + rest);
      readWith(parserOf(), [chunk]);
      return new WeakRef(chunk.buffer);
    };
    const memory = read();
    await collected(() => memory.deref() === undefined);
  });

  test("is not kept with a passcode in it, although a body came with that", async () => {
    const read = () => {
      const chunk = bytes("CONNECT\nlogin:a\npasscode:s3cret\n\nabc\0");
      expect(readWith(new FrameParser({ version: "1.0" }), [chunk]).frames.length).toBe(1);
      return new WeakRef(chunk.buffer);
    };
    const memory = read();
    await collected(() => memory.deref() === undefined);
  });
});

describe("a passcode", () => {
  const introduction = "CONNECT\nhost:a\npasscode:s3cret\n\n\0";
  const scratchOf = (predictor: Predictor) =>
    Buffer.from((predictor as unknown as { scratch: Uint8Array }).scratch).toString();

  test.each([
    ["alone", [introduction]],
    ["with more behind it", [introduction + SEND]],
    ["in two chunks", [introduction.slice(0, 25), introduction.slice(25) + SEND]],
    ["after a heart-beat", [`\n${introduction}${SEND}`]],
    ["behind another frame", [SEND + introduction]],
    ["between other frames", [SEND + introduction + SEND]],
    ["of STOMP", [introduction.replace("CONNECT", "STOMP") + SEND]],
    ["of CONNECTED", [introduction.replace("CONNECT", "CONNECTED") + SEND]],
  ])("is not copied to where blocks are compared: %s", (_, chunks) => {
    const predictor = new Predictor(true);
    for (let time = 0; time < 3; time++) {
      readWith(new FrameParser({}, TEXT, predictor), [bytes(SEND)]);
    }
    expect(scratchOf(predictor)).toContain("/queue/a");
    const { frames, error } = readWith(new FrameParser({}, TEXT, predictor), chunks.map(bytes));
    expect(error).toBeUndefined();
    const introduced = frames.find(({ command }) => command !== "SEND");
    expect(introduced?.headers[1]).toEqual(["passcode", "s3cret"]);
    expect(scratchOf(predictor)).not.toContain("cret");
  });
});

test("limits that are written to afterwards stay what they were", () => {
  const parserOf = trained();
  const parser = parserOf();
  const limits = { ...parser.limits };
  parser.limits = limits;
  limits.maxHeaders = 0;
  expect(readWith(parser, [bytes(SEND)]).frames.length).toBe(1);
  expect(parser.limits.maxHeaders).toBe(100);
  limits.maxHeaders = -1;
  expect(() => {
    parser.limits = limits;
  }).toThrow(expect.objectContaining({ code: "invalid-option" }));
});

test("limits that cannot be written to are checked like others", () => {
  const parser = new FrameParser();
  expect(() => {
    parser.limits = Object.freeze({ ...parser.limits, maxBodyBytes: Number.NaN });
  }).toThrow(expect.objectContaining({ code: "invalid-option" }));
});

test("a limit that is not a whole number means the same however the bytes come", () => {
  for (const [limits, wire, error] of [
    [{ maxBodyBytes: 3.5 }, SEND, undefined],
    [{ maxBodyBytes: 3.5 }, SEND.replace("abc", "abcd"), "limit-exceeded"],
    [{ maxCommandBytes: 4.5 }, SEND, undefined],
    [{ maxCommandBytes: 3.5 }, SEND, "limit-exceeded"],
    [{ maxLineBytes: 20.5 }, SEND, undefined],
    [{ maxLineBytes: 19.5 }, SEND, "limit-exceeded"],
    [{ maxHeaders: 1.5 }, SEND, undefined],
    [{ maxHeaders: 1.5 }, SEND.replace("\n\n", "\na:b\n\n"), "limit-exceeded"],
  ] as const) {
    for (const chunks of [[`${"\n".repeat(16)}${wire}`], [wire], [...wire]]) {
      const read = readWith(new FrameParser({ limits }), chunks.map(bytes));
      expect([limits, read.error]).toEqual([limits, error]);
    }
  }
});

/** Memory that can be resized, which Node 20 has and the types of ES2022 do not know of. */
function resizable(octets: number, maxByteLength: number): Resizable {
  const Memory = ArrayBuffer as unknown as new (octets: number, options: object) => Resizable;
  return new Memory(octets, { maxByteLength });
}

interface Resizable extends ArrayBuffer {
  readonly maxByteLength: number;
  resize(octets: number): void;
}
