/** What holds for every frame and for all bytes. Seeded: a failure is the same failure tomorrow. */

import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ProtocolError } from "../src/errors.ts";
import { COMMANDS, ruleOf } from "../src/protocol/commands.ts";
import { DIALECTS } from "../src/protocol/dialect.ts";
import { encodeFlat, encodeFrame, encodeParts } from "../src/protocol/encoder.ts";
import { canCarryName, canCarryValue } from "../src/protocol/escapes.ts";
import type { FrameLimits } from "../src/protocol/limits.ts";
import { FrameParser } from "../src/protocol/parser.ts";
import { Predictor, setPrediction } from "../src/protocol/prediction.ts";
import { deliveryPrefix, PreparedMessage } from "../src/protocol/prepared.ts";
import { nativesOf, textWith } from "../src/protocol/utf8.ts";
import { VERSIONS } from "../src/protocol/version.ts";
import { bytes, octets, read } from "./vectors/reading.ts";

const SEED = 20_121_022;
// Thousands of runs on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });
const options = (numRuns: number) => ({ seed: SEED, numRuns });

const version = fc.constantFrom(...VERSIONS);
const command = fc.constantFrom(...COMMANDS, "UNKNOWN", "constructor");
/** Text in which everything that matters on the wire is likely. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "b", ":", "\\", "\n", "\r", " ", "\t", "é", "😀", "n") }),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom("content-length", "message-id", "__proto__", "", "\0", "\ud800"),
);
const header = fc.tuple(text, text);
const body = fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ max: 10, maxLength: 20 }));

/** Frames that the version can carry, as they go out and as they must come in. */
const carried = fc
  .record({
    version,
    command,
    headers: fc.array(header, { maxLength: 12 }),
    body,
    trailingLineFeed: fc.boolean(),
    contentLength: fc.constantFrom("always", "needed") as fc.Arbitrary<"always" | "needed">,
  })
  .map(({ version, command, headers, body, ...rest }) => ({
    ...rest,
    version,
    command,
    headers: headers.filter(
      ([name, value]) =>
        name.trim() !== "content-length" &&
        canCarryName(name, command, DIALECTS[version]) &&
        canCarryValue(value, command, DIALECTS[version]),
    ),
    body: version === "1.0" || ruleOf(command)?.body === true ? body : new Uint8Array(0),
  }));
type Carried = typeof carried extends fc.Arbitrary<infer T> ? T : never;

/** Bytes like those of a peer: frames, half frames, and what an enemy makes of them. */
const fragment = fc.constantFrom(
  ..."SEND\n,MESSAGE\n,CONNECT\n,ACK\r\n,a:b\n,a:\\c\n,\\t:x\n,content-length:3\n,content-length:03\n".split(
    ",",
  ),
  ..."content-length:x\n,content-length: 3\n,\n,\n\n,\r\n,\r,\0,\n\0,abc,:,\\,é,\xff,\xc3,abc\0".split(
    ",",
  ),
  "destination:/queue/a\n",
);
const wire = fc.oneof(
  { weight: 3, arbitrary: fc.array(fragment, { maxLength: 25 }).map((all) => bytes(all.join(""))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  {
    weight: 2,
    arbitrary: fc.array(carried, { maxLength: 4 }).map((all) => concatenated(all.map(encode))),
  },
);
const limits: fc.Arbitrary<Partial<FrameLimits>> = fc.oneof(
  fc.constant({}),
  fc.record(
    {
      maxCommandBytes: fc.integer({ min: 0, max: 12 }),
      maxLineBytes: fc.integer({ min: 0, max: 30 }),
      maxHeaders: fc.integer({ min: 0, max: 5 }),
      maxHeaderBytes: fc.integer({ min: 0, max: 80 }),
      maxBodyBytes: fc.integer({ min: 0, max: 30 }),
      maxFrameBytes: fc.integer({ min: 0, max: 100 }),
    },
    { requiredKeys: [] },
  ),
);
const reading = fc.record({ version, limits, strict: fc.boolean(), copyBodies: fc.boolean() });

describe("reading", () => {
  test("any cutting into chunks gives the same frames and the same error", () => {
    fc.assert(
      fc.property(wire, reading, fc.array(fc.nat(220), { maxLength: 6 }), (wire, how, places) => {
        const whole = read([wire], how);
        expect(read(pieces(wire, places), how)).toEqual(whole);
        expect(read(octets(wire), how)).toEqual(whole);
      }),
      options(2000),
    );
  });

  test("all bytes give frames or one of the documented errors", () => {
    fc.assert(
      fc.property(wire, reading, (wire, how) => {
        const { error } = read([wire], how);
        if (error !== undefined) expect(DOCUMENTED).toContain(error);
      }),
      options(2000),
    );
  });

  test("parsers that are fed in turn do not mix, whatever becomes of the bodies of the others", () => {
    const chunkBytes = fc.constantFrom(1, 7, 64, 130, 700, 1460, 5000);
    const bodyBytes = fc.constantFrom(0, 1, 63, 64, 65, 128, 500, 512, 1024, 2048, 3000, 9000);
    const stream = fc.record({
      version,
      chunkBytes,
      copyBodies: fc.boolean(),
      bodies: fc.array(fc.record({ bodyBytes, announced: fc.boolean() }), { maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.array(stream, { minLength: 2, maxLength: 6 }), (streams) => {
        const readers = streams.map(({ bodies, chunkBytes, ...how }, reader) => {
          const sent = bodies.map(({ bodyBytes }, index) => filled(bodyBytes, reader, index));
          const frames = sent.map((body, index) => {
            const contentLength = bodies[index]?.announced === true ? "always" : "needed";
            return encodeFrame({ command: "SEND", body }, how.version, { contentLength });
          });
          const wire = Buffer.concat(frames);
          const chunks = Array.from({ length: Math.ceil(wire.length / chunkBytes) }, (_, at) =>
            Uint8Array.from(wire.subarray(at * chunkBytes, (at + 1) * chunkBytes)),
          );
          return { parser: new FrameParser(how), chunks, sent, got: [] as Uint8Array[] };
        });
        for (let at = 0; readers.some(({ chunks }) => at < chunks.length); at++) {
          for (const { parser, chunks, got } of readers) {
            const chunk = chunks[at];
            if (chunk === undefined) continue;
            parser.push(chunk);
            for (let frame = parser.next(); frame !== undefined; frame = parser.next()) {
              got.push(frame.body);
            }
          }
        }
        for (const { sent, got } of readers) expect(got.map(latin1)).toEqual(sent.map(latin1));
      }),
      options(300),
    );
  });

  /** Large arrays of numbers take long to be compared. */
  const latin1 = (octets: Uint8Array) => Buffer.from(octets).toString("latin1");

  /** Octets that no other body has, without a NUL. */
  function filled(length: number, reader: number, index: number): Uint8Array {
    return Uint8Array.from({ length }, (_, at) => 1 + ((at + reader * 41 + index * 7) % 250));
  }

  const DOCUMENTED = [
    "malformed-frame",
    "malformed-header",
    "undefined-escape",
    "invalid-utf8",
    "invalid-content-length",
    "missing-nul",
    "body-not-allowed",
    "limit-exceeded",
  ];
});

describe("writing", () => {
  test("a frame that the version can carry arrives as it was", () => {
    fc.assert(
      fc.property(fc.array(carried, { maxLength: 3 }), version, (frames, version) => {
        const same = frames.filter((frame) => frame.version === version);
        const {
          frames: received,
          error,
          unfinished,
        } = read([concatenated(same.map(encode))], {
          version,
          strict: true,
        });
        expect(error).toBeUndefined();
        expect(unfinished).toBe(false);
        expect(received.map(withoutLength)).toEqual(same.map(asReceived));
      }),
      options(2000),
    );
  });

  test("in pieces it is the same bytes", () => {
    fc.assert(
      fc.property(carried, (frame) => {
        const args = [
          frame.command,
          frame.headers.flat(),
          frame.body,
          DIALECTS[frame.version],
          frame.contentLength,
          frame.trailingLineFeed,
        ] as const;
        expect(concatenated(encodeParts(...args))).toEqual(new Uint8Array(encodeFlat(...args)));
      }),
      options(1000),
    );
  });

  test("whatever is asked for gives one frame or an error that is the caller's", () => {
    fc.assert(
      fc.property(
        version,
        fc.oneof(command, text),
        fc.array(header, { maxLength: 6 }),
        body,
        fc.constantFrom("always", "needed", "never") as fc.Arbitrary<"always">,
        (version, command, headers, body, contentLength) => {
          let encoded: Uint8Array;
          try {
            encoded = encodeFrame({ command, headers, body }, version, { contentLength });
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
            expect(["unencodable", "invalid-content-length", "body-not-allowed"]).toContain(
              (error as ProtocolError).code,
            );
            return;
          }
          const limits = { maxCommandBytes: 1000 };
          const { frames, error, heartbeats } = read([encoded], { version, limits });
          expect(error).toBeUndefined();
          expect(heartbeats).toBe(0);
          expect(frames.length).toBe(1);
          expect(frames[0]?.command).toBe(command);
          expect(frames[0]?.all.slice(0, headers.length)).toEqual(headers);
        },
      ),
      options(2000),
    );
  });

  test("a prepared message arrives in every version, less what that version cannot carry", () => {
    fc.assert(
      fc.property(version, fc.array(header, { maxLength: 6 }), body, (version, given, body) => {
        const headers = given.filter(
          ([name, value]) =>
            !ruleOf("MESSAGE").owned.includes(name) &&
            canCarryName(name, "MESSAGE", DIALECTS["1.2"]) &&
            canCarryValue(value, "MESSAGE", DIALECTS["1.2"]),
        );
        const prepared = new PreparedMessage({ destination: "/a", headers, body });
        const dialect = DIALECTS[version];
        const prefix = deliveryPrefix(dialect, "s");
        const { frames, error } = read([prepared.deliver(dialect, prefix, "m", "k")], { version });
        expect(error).toBeUndefined();
        const omitted = prepared.omitted(version);
        const arrived = frames[0]?.all.slice(body.length === 0 ? 4 : 5);
        expect(arrived).toEqual(headers.filter(([name]) => !omitted.includes(name)));
        expect(frames[0]?.body).toBe(Buffer.from(body).toString("base64"));
      }),
      options(2000),
    );
  });
});

describe("prediction makes no difference", () => {
  /** Once in so many times something else than usual. */
  const seldom = <T, U>(times: number, otherwise: fc.Arbitrary<T>, usual: U) =>
    fc.oneof(
      { weight: times - 1, arbitrary: fc.constant(usual) },
      { weight: 1, arbitrary: otherwise },
    );
  /** Frames like those of a session: a few kinds, of which the values change, seldom for the worse. */
  const value = fc.oneof(
    { weight: 60, arbitrary: fc.nat(9).map((id) => `value-${"x".repeat(id * 2)}${id}`) },
    { weight: 30, arbitrary: fc.constantFrom("", "1", "12", "value-", "value-xx1", "value-xx") },
    {
      weight: 10,
      // Some begin alike with what has to be decoded.
      arbitrary: fc
        .constantFrom("a\\cb", "\\\\", "\xc3\xa9", "value-\xc3\xa9", "x".repeat(90))
        .chain((start) => fc.constantFrom("", "1", "2", "345678").map((end) => start + end)),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom("a:b", "value-\\t", "\xff", "value-\r", "value-\rx", "a\0", "\\"),
    },
  );
  const spoiling = fc.constantFrom("\r", "x", "\0", "a:1\n", "content-length:x\n");
  const KINDS = [
    (values: string[]) => `MESSAGE\nsubscription:${values[0]}\nmessage-id:${values[1]}\n`,
    (values: string[]) => `MESSAGE\nmessage-id:${values[1]}\n`,
    (values: string[]) => `SEND\ndestination:/a\nname:${values[1]}\nname:${values[2]}\n`,
    (values: string[]) => `ACK\nid:${values[0]}\n`,
    (values: string[]) => `CONNECT\nlogin:${values[0]}\n`,
  ];
  const similar = fc.record({
    kind: fc.nat(1),
    values: fc.array(value, { minLength: 3, maxLength: 3 }),
    counted: fc.boolean(),
    body: fc.constantFrom("abc", "abc", "", "a\0c", "x".repeat(12)),
    spoilt: seldom(60, spoiling, ""),
  });
  /** What one parser is given. */
  const stream = fc.record({
    frames: fc.array(similar, { minLength: 3, maxLength: 25, size: "max" }),
    places: fc.array(fc.nat(900), { maxLength: 3 }),
    padding: fc.constantFrom(0, 0, 3000),
    limits: seldom(
      4,
      fc.record(
        {
          maxCommandBytes: fc.integer({ min: 3, max: 9 }),
          maxLineBytes: fc.integer({ min: 10, max: 60 }),
          maxHeaders: fc.integer({ min: 1, max: 4 }),
          maxHeaderBytes: fc.integer({ min: 20, max: 90 }),
          maxBodyBytes: fc.integer({ min: 0, max: 4 }),
          maxFrameBytes: fc.integer({ min: 10, max: 100 }),
        },
        { requiredKeys: [] },
      ),
      {},
    ),
    otherVersion: seldom(5, version, undefined),
    strict: fc.boolean(),
    copyBodies: fc.boolean(),
    asBuffers: fc.boolean(),
  });
  const traffic = fc.record({
    version,
    kinds: fc.array(fc.constantFrom(...KINDS), { minLength: 2, maxLength: 2 }),
    streams: fc.array(stream, { minLength: 2, maxLength: 5 }),
  });

  function wireOf(
    frame: typeof similar extends fc.Arbitrary<infer T> ? T : never,
    kinds: typeof KINDS,
  ) {
    const lines = kinds[frame.kind]?.(frame.values) ?? "";
    const body = /^(MESSAGE|SEND)/.test(lines) ? frame.body : "";
    const announced = frame.counted ? `content-length:${body.length}\n` : "";
    return bytes(`${lines}${announced}${frame.spoilt}\n${body}\0`);
  }

  test.each([
    ["words, natives", true, textWith(nativesOf(globalThis))],
    ["words, no natives", true, textWith(undefined)],
    ["octets, natives", false, textWith(nativesOf(globalThis))],
    ["octets, no natives", false, textWith(undefined)],
  ])("%s", (_, byWords, text) => {
    let recognised = 0;
    const none = new Predictor(byWords);
    none.set(false);
    fc.assert(
      fc.property(traffic, ({ version, kinds, streams }) => {
        const predictor = new Predictor(byWords);
        const recognise = predictor.recognise.bind(predictor);
        predictor.recognise = (...args) => {
          const head = recognise(...args);
          if (head !== undefined) recognised++;
          return head;
        };
        for (const { frames, places, padding, otherVersion, asBuffers, ...rest } of streams) {
          const how = { ...rest, version: otherVersion ?? version };
          // Heart-beats before the first frame make the chunk too large to be copied.
          const beats = "\n".repeat(padding);
          const wire = concatenated([bytes(beats), ...frames.map((frame) => wireOf(frame, kinds))]);
          const chunks = pieces(
            wire,
            places.map((at) => at + padding),
          );
          const expected = read(chunks, how, text, none);
          expect(read(asBuffers ? chunks.map(asBuffer) : chunks, how, text, predictor)).toEqual(
            expected,
          );
        }
      }),
      options(600),
    );
    // A property of nothing would hold as well.
    expect(recognised).toBeGreaterThan(1000);
  });
});

describe("remembering heads makes no difference", () => {
  afterEach(() => setPrediction(true));

  /** Frames like those of a session: few kinds, of which the values change. */
  const value = fc.oneof(
    { weight: 8, arbitrary: fc.nat(300).map((id) => "x".repeat(id % 31) + id) },
    { weight: 2, arbitrary: text },
  );
  const NAMES = [["destination", "id"], ["destination"], ["é", "a:b", "c"], ["content-length"]];
  const outgoing = fc.record({
    command: fc.constantFrom("SEND", "SEND", "MESSAGE", "CONNECT", "ACK"),
    kind: fc.constantFrom(0, 0, 0, 0, 1, 2, 3),
    values: fc.array(value, { minLength: 3, maxLength: 3 }),
    body: fc.oneof(fc.constant(new Uint8Array(0)), body),
    contentLength: fc.constantFrom("always", "always", "needed", "never") as fc.Arbitrary<"always">,
    version: fc.constantFrom("1.0", "1.2", "1.2", "1.2") as fc.Arbitrary<"1.2">,
  });
  type Outgoing = typeof outgoing extends fc.Arbitrary<infer T> ? T : never;

  const written = (frame: Outgoing): string => {
    const names = NAMES[frame.kind] as string[];
    const headers = names.map((name, at): [string, string] => [name, frame.values[at] as string]);
    try {
      return Buffer.from(encodeFrame({ ...frame, headers }, frame.version, frame)).toString(
        "latin1",
      );
    } catch (error) {
      return (error as ProtocolError).code;
    }
  };

  test("the same bytes, or the same error", () => {
    fc.assert(
      fc.property(fc.array(outgoing, { minLength: 5, maxLength: 40, size: "max" }), (frames) => {
        setPrediction(false);
        const expected = frames.map(written);
        setPrediction(true);
        expect(frames.map(written)).toEqual(expected);
      }),
      options(1000),
    );
  });
});

function encode({ command, headers, body, version, ...rest }: Carried): Uint8Array {
  return encodeFrame({ command, headers, body }, version, rest);
}

function asReceived({ command, headers, body }: Carried): object {
  return { command, all: headers, body: Buffer.from(body).toString("base64") };
}

function withoutLength({ command, all, body }: ReturnType<typeof read>["frames"][number]): object {
  return { command, all: all.filter(([name]) => name !== "content-length"), body };
}

/** The same bytes somewhere within a larger piece of memory, as sockets on Node hand them out. */
function asBuffer(chunk: Uint8Array): Buffer {
  const slab = Buffer.alloc(chunk.length + 7, 10);
  slab.set(chunk, 3);
  return slab.subarray(3, 3 + chunk.length);
}

function pieces(whole: Uint8Array, places: number[]): Uint8Array[] {
  const edges = [0, ...places.map((at) => Math.min(at, whole.length)).sort((a, b) => a - b)];
  return edges.map((edge, index) => whole.slice(edge, edges[index + 1]));
}

function concatenated(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}
