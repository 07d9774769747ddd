import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../src/errors.ts";
import type { Frame } from "../../src/protocol/frame.ts";
import { headersOf } from "../../src/protocol/headers.ts";
import { frameLimits } from "../../src/protocol/limits.ts";
import { FrameParser, type FrameParserOptions } from "../../src/protocol/parser.ts";
import { nativesOf, textWith } from "../../src/protocol/utf8.ts";
import type { Version } from "../../src/protocol/version.ts";
import { bytes, cut, type Outcome, octets, read } from "../vectors/reading.ts";

function outcomeOf(wire: string, options: FrameParserOptions = {}): Outcome {
  const whole = bytes(wire);
  const outcome = read([whole], options);
  expect(read(octets(whole), options), "octet by octet").toEqual(outcome);
  for (let at = 0; at <= whole.length; at++) {
    expect(read(cut(whole, at), options), `cut at ${at}`).toEqual(outcome);
  }
  return outcome;
}

const errorOf = (wire: string, options?: FrameParserOptions) => outcomeOf(wire, options).error;

function bodiesOf(wire: string, options?: FrameParserOptions): string[] {
  const { frames, error } = outcomeOf(wire, options);
  expect(error).toBeUndefined();
  return frames.map(({ body }) => Buffer.from(body, "base64").toString("latin1"));
}

describe("between frames", () => {
  test("every end of line is a heart-beat", () => {
    expect(outcomeOf("\n\r\n\nSEND\n\n\0\n\r\nSEND\n\n\0\n")).toMatchObject({
      heartbeats: 6,
      frames: [{ command: "SEND" }, { command: "SEND" }],
      unfinished: false,
    });
  });

  test("a line feed inside a frame is none", () => {
    expect(outcomeOf("SEND\na:1\n\n\n\n\0").heartbeats).toBe(0);
  });

  test("a carriage return is an error unless a line feed follows", () => {
    expect(errorOf("\rSEND\n\n\0")).toBe("malformed-frame");
    expect(errorOf("\r\r\n")).toBe("malformed-frame");
    expect(outcomeOf("\r")).toMatchObject({ error: undefined, unfinished: false });
  });

  test.each(["1.0", "1.1"] as Version[])("a carriage return is an error in %s", (version) => {
    expect(errorOf("\r\n", { version })).toBe("malformed-frame");
    expect(errorOf("SEND\n\n\0\r", { version })).toBe("malformed-frame");
  });

  test("200,000 heart-beats are no problem", () => {
    expect(read([bytes("\n".repeat(200_000))]).heartbeats).toBe(200_000);
  });
});

describe("a counted body", () => {
  test("is read whatever is in it", () => {
    expect(bodiesOf("SEND\ncontent-length:5\n\n\0\n\r\0:\0")).toEqual(["\0\n\r\0:"]);
  });

  test("may be empty", () => {
    expect(bodiesOf("SEND\ncontent-length:0\n\n\0RECEIPT\ncontent-length:0\n\n\0")).toEqual([
      "",
      "",
    ]);
  });

  test("must be followed by a NUL", () => {
    expect(errorOf("SEND\ncontent-length:2\n\nabc\0")).toBe("missing-nul");
    expect(errorOf("SEND\ncontent-length:0\n\na\0")).toBe("missing-nul");
    expect(errorOf("SEND\ncontent-length:2\n\nab\n\0")).toBe("missing-nul");
  });

  test("is waited for, not searched for a NUL", () => {
    expect(outcomeOf("SEND\ncontent-length:9\n\nab\0SEND\n")).toMatchObject({
      frames: [],
      unfinished: true,
    });
  });
});

describe("a body without a length", () => {
  test("ends with the first NUL", () => {
    expect(bodiesOf("SEND\n\nab\n\0SEND\n\n\0SEND\n\n\r\n\0")).toEqual(["ab\n", "", "\r\n"]);
  });

  test("is limited as it comes, not when it is complete", () => {
    const limits = { maxBodyBytes: 3 };
    expect(bodiesOf("SEND\n\nabc\0", { limits })).toEqual(["abc"]);
    expect(errorOf("SEND\n\nabcd", { limits })).toBe("limit-exceeded");
    expect(errorOf("SEND\n\nabcd\0", { limits })).toBe("limit-exceeded");
    expect(errorOf("SEND\n\na\0", { limits: { maxBodyBytes: 0 } })).toBe("limit-exceeded");
  });

  test("counts for the limit of the frame, together with the headers", () => {
    expect(errorOf("SEND\n\nabc\0", { limits: { maxFrameBytes: 9 } })).toBeUndefined();
    expect(errorOf("SEND\n\nabcd\0", { limits: { maxFrameBytes: 9 } })).toBe("limit-exceeded");
  });
});

describe("a body where there may be none", () => {
  test.each(["CONNECT", "SUBSCRIBE", "RECEIPT", "UNKNOWN"])("is an error in %s", (command) => {
    for (const version of ["1.1", "1.2"] as const) {
      expect(errorOf(`${command}\n\n\0`, { version })).toBeUndefined();
      expect(errorOf(`${command}\n\nx`, { version })).toBe("body-not-allowed");
      expect(errorOf(`${command}\ncontent-length:1\n\n`, { version })).toBe("body-not-allowed");
      expect(errorOf(`${command}\ncontent-length:0\n\n\0`, { version })).toBeUndefined();
    }
  });

  test("is read in 1.0", () => {
    expect(
      bodiesOf("SUBSCRIBE\n\nx\0UNKNOWN\ncontent-length:1\n\nx\0", { version: "1.0" }),
    ).toEqual(["x", "x"]);
  });

  test.each(["SEND", "MESSAGE", "ERROR"])("it is allowed in %s", (command) => {
    expect(bodiesOf(`${command}\n\nx\0`)).toEqual(["x"]);
  });
});

describe("bodies and memory", () => {
  test("a body is a view on its chunk", () => {
    const chunk = bytes("SEND\ndestination:/a\n\nabc\0");
    const [frame] = frames(new FrameParser(), chunk);
    expect(frame?.body.buffer).toBe(chunk.buffer);
    expect(frame?.body.byteOffset).toBe(21);
  });

  test("a body in a very small chunk is not", () => {
    const chunk = bytes("SEND\n\nabc\0");
    const [frame] = frames(new FrameParser(), chunk);
    chunk.fill(0);
    expect(frame?.text()).toBe("abc");
  });

  test("a body in a part of a larger buffer is found there", () => {
    const slab = bytes("XXSEND\ndestination:/a\n\nabc\0XX");
    const [frame] = frames(new FrameParser(), slab.subarray(2, -2));
    expect(Buffer.from(frame?.body ?? []).toString()).toBe("abc");
  });

  test.each([[undefined], [5]])("it is copied if asked for, announced length %j", (length) => {
    const header = length === undefined ? "" : `content-length:${length}\n`;
    const chunk = bytes(`SEND\n${header}\nabcde\0`);
    for (const at of [chunk.length, 8, chunk.length - 3, chunk.length - 1]) {
      const parser = new FrameParser({ copyBodies: true });
      const chunks = cut(chunk, at);
      const [frame] = frames(parser, ...chunks);
      for (const each of chunks) each.fill(0);
      expect(Buffer.from(frame?.body ?? []).toString()).toBe("abcde");
      expect(frame?.body.buffer.byteLength).toBe(5);
    }
  });

  test("a body that comes in pieces is one piece", () => {
    const body = "x".repeat(100_000);
    const wire = bytes(`SEND\ncontent-length:100000\n\n${body}\0SEND\n\n${body}\0`);
    const chunks = Array.from({ length: 200 }, (_, at) =>
      wire.subarray(at * 1009, (at + 1) * 1009),
    );
    const [counted, terminated] = frames(new FrameParser(), ...chunks);
    expect(counted?.text()).toBe(body);
    expect(terminated?.text()).toBe(body);
  });

  test("nothing is allocated for what is merely announced", () => {
    const parser = new FrameParser({ limits: { maxBodyBytes: 2 ** 40 } });
    parser.push(bytes("SEND\ncontent-length:1099511627776\n\nabc"));
    expect(parser.next()).toBeUndefined();
    expect(parser.unfinished).toBe(true);
  });
});

describe("chunks", () => {
  test("queue until they are read", () => {
    const parser = new FrameParser();
    for (const part of ["SE", "ND\n\nab", "c\0SEN", "", "D\n\n", "\0\n"]) parser.push(bytes(part));
    expect(parser.unreadBytes).toBe(18);
    expect(parser.next()?.text()).toBe("abc");
    expect(parser.unreadBytes).toBe(8);
    expect(parser.next()?.command).toBe("SEND");
    expect(parser.unreadBytes).toBe(1);
    expect(parser.heartbeats).toBe(0);
    expect(parser.next()).toBeUndefined();
    expect(parser.heartbeats).toBe(1);
    expect(parser.unreadBytes).toBe(0);
    parser.push(bytes("SEND\n\n\0"));
    expect(parser.next()?.command).toBe("SEND");
  });

  test("come behind those that wait, also where a frame ended with the one before", () => {
    const parser = new FrameParser();
    for (const body of ["a", "b"]) parser.push(bytes(`SEND\n\n${body}\0`));
    expect(parser.next()?.text()).toBe("a");
    parser.push(bytes("SEND\n\nc\0"));
    expect([parser.next()?.text(), parser.next()?.text(), parser.next()]).toEqual([
      "b",
      "c",
      undefined,
    ]);
  });

  test("of one octet that decides nothing do not wait", () => {
    const parser = new FrameParser({ limits: { maxBodyBytes: 2 } });
    const unread = [..."SEND\na:1\n\nab"].map((octet) => {
      parser.push(bytes(octet));
      const { unreadBytes } = parser;
      expect(parser.next()).toBeUndefined();
      return unreadBytes;
    });
    // The first of a line and its end do: limits are passed with them, and errors come of them.
    expect(unread.join("")).toBe("100011001100");
    parser.push(bytes("c"));
    expect(parser.unreadBytes).toBe(1);
    expect(() => parser.next()).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
  });

  test("bytes of an unfinished frame were looked at", () => {
    const parser = new FrameParser();
    parser.push(bytes("SEND\na:"));
    expect(parser.next()).toBeUndefined();
    expect(parser.unreadBytes).toBe(0);
    expect(parser.unfinished).toBe(true);
    parser.push(bytes("1\n\nxx"));
    expect(parser.unreadBytes).toBe(5);
    expect(parser.next()).toBeUndefined();
    expect(parser.unreadBytes).toBe(0);
  });

  test("may be Buffers", () => {
    const [frame] = frames(new FrameParser(), Buffer.from("SEND\na:1\n\nabc\0"));
    expect(frame?.headers.get("a")).toBe("1");
    expect(frame?.text()).toBe("abc");
    expect(frame?.body.constructor).toBe(Uint8Array);
  });

  test.each([
    ["memory", new ArrayBuffer(8)],
    ["a view that is no array", new DataView(new ArrayBuffer(8))],
    ["numbers of more than an octet", Uint16Array.of(10)],
    ["text", "SEND\n\n\0"],
    ["a list of octets", [10]],
    ["nothing", undefined],
  ])("are refused, and change nothing, if they are %s", (_, chunk) => {
    const parser = new FrameParser();
    parser.push(bytes("SEND\n\na"));
    expect(parser.next()).toBeUndefined();
    expect(() => parser.push(chunk as never)).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
    parser.push(bytes("b\0"));
    expect(parser.next()?.text()).toBe("ab");
  });

  test("20,000 frames in one are no problem", () => {
    const parser = new FrameParser();
    expect(frames(parser, bytes("ACK\nid:1\n\n\0".repeat(20_000))).length).toBe(20_000);
  });

  test("100,000 chunks may wait", () => {
    const parser = new FrameParser();
    for (let at = 0; at < 100_000; at++) parser.push(bytes("\n"));
    expect(parser.unreadBytes).toBe(100_000);
    expect(parser.next()).toBeUndefined();
    expect(parser.heartbeats).toBe(100_000);
  });
});

describe("version and limits", () => {
  test("are 1.2 and the defaults", () => {
    expect(new FrameParser().version).toBe("1.2");
    expect(new FrameParser().limits).toEqual(frameLimits());
    expect(new FrameParser({ version: "1.1", limits: { maxHeaders: 3 } }).limits.maxHeaders).toBe(
      3,
    );
  });

  test("may change between two frames of one chunk", () => {
    const parser = new FrameParser({ version: "1.2" });
    parser.push(bytes("SEND\na:\\c\n\n\0SEND\na:\\c\n\n\0SEND\na:\\c\n\n\0"));
    expect(parser.next()?.headers.get("a")).toBe(":");
    parser.version = "1.0";
    expect(parser.version).toBe("1.0");
    expect(parser.next()?.headers.get("a")).toBe("\\c");
    parser.limits = frameLimits({ maxHeaders: 0 });
    expect(() => parser.next()).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
  });

  test("hold from the next frame on", () => {
    const parser = new FrameParser({ version: "1.2" });
    parser.push(bytes("SEND\na:\\c"));
    expect(parser.next()).toBeUndefined();
    parser.version = "1.0";
    parser.limits = frameLimits({ maxHeaders: 0 });
    parser.push(bytes("\n\n\0"));
    expect(parser.next()?.headers.get("a")).toBe(":");
  });

  test("must be valid", () => {
    const invalid = expect.objectContaining({ code: "invalid-option" });
    expect(() => new FrameParser({ version: "1.3" as Version })).toThrow(invalid);
    expect(() => new FrameParser({ limits: { maxHeaders: -1 } })).toThrow(invalid);
    expect(() => {
      new FrameParser().version = "2.0" as Version;
    }).toThrow(invalid);
  });
});

describe("after an error", () => {
  const spent = () => {
    const parser = new FrameParser();
    parser.push(bytes("SEND\n\n\0\rX"));
    parser.push(bytes("SEND\n\n\0"));
    expect(parser.next()?.command).toBe("SEND");
    expect(() => parser.next()).toThrow(ProtocolError);
    return parser;
  };

  test("the parser is closed", () => {
    const parser = spent();
    expect(() => parser.next()).toThrow(expect.objectContaining({ code: "closed" }));
  });

  test("it keeps nothing and takes nothing", () => {
    const parser = spent();
    expect(parser.unreadBytes).toBe(0);
    parser.push(bytes("SEND\n\n\0"));
    expect(parser.unreadBytes).toBe(0);
    expect(parser.unfinished).toBe(false);
    expect(() => parser.next()).toThrow(expect.objectContaining({ code: "closed" }));
  });
});

test.each([
  ["natives", nativesOf(globalThis)],
  ["nothing", undefined],
])("works with %s of the platform", (_, natives) => {
  const text = textWith(natives);
  const long = "x".repeat(100);
  const wire = bytes(`SEND\na:${long}\n\u00c3\u00a9:1\n\n${long}\0`);
  const { frames, error } = read([wire], {}, text);
  expect(error).toBeUndefined();
  expect(frames[0]?.headers).toEqual([
    ...headersOf([
      ["a", long],
      ["\u00e9", "1"],
    ]),
  ]);
  expect(read([bytes("SEND\na:\u00ff\n\n\0")], {}, text).error).toBe("invalid-utf8");
});

function frames(parser: FrameParser, ...chunks: Uint8Array[]): Frame[] {
  for (const chunk of chunks) parser.push(chunk);
  const all: Frame[] = [];
  for (let frame = parser.next(); frame !== undefined; frame = parser.next()) all.push(frame);
  return all;
}
