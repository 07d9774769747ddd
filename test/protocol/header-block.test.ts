/** Command lines and header lines, read by a FrameParser: whole, octet by octet and cut in two. */

import { describe, expect, test } from "vitest";
import type { FrameLimits } from "../../src/protocol/limits.ts";
import { FrameParser, type FrameParserOptions } from "../../src/protocol/parser.ts";
import type { Version } from "../../src/protocol/version.ts";
import { bytes, cut, type Outcome, octets, read } from "../vectors/reading.ts";

/** The outcome, which must be the same however the bytes come. */
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
const headersOf = (wire: string, options?: FrameParserOptions) => {
  const { frames, error } = outcomeOf(wire, options);
  expect(error).toBeUndefined();
  return frames[0]?.headers;
};

describe("the command line", () => {
  test.each(["SEND", "UNKNOWN", "send", "constructor", "SEND\\n", "S\u00c3\u00a9"])(
    "%j is a command",
    (command) => {
      expect(outcomeOf(`${command}\n\n\0`).frames[0]?.command).toBe(
        Buffer.from(command, "latin1").toString(),
      );
    },
  );

  test.each([
    " SEND",
    "SEND ",
    "SE ND",
    "SE\tND",
    "SEND:",
    "\u007f",
    "\u0001",
    "\u0016\u0003\u0001",
  ])("%j is none", (command) => {
    expect(errorOf(`${command}\n\n\0`)).toBe("malformed-frame");
  });

  test("a NUL in it is found before its end", () => {
    expect(errorOf("SE\0")).toBe("malformed-frame");
    expect(errorOf("\0")).toBe("malformed-frame");
  });

  test("must be UTF-8", () => {
    expect(errorOf("S\u00ff\n\n\0")).toBe("invalid-utf8");
  });

  test.each(["1.0", "1.1", "1.2"] as Version[])(
    "a carriage return within it is none in %s",
    (version) => {
      expect(errorOf("SE\rND\n\n\0", { version })).toBe("malformed-frame");
      expect(errorOf("SEND\r\r\n\n\0", { version })).toBe("malformed-frame");
    },
  );

  test("may end with a carriage return in 1.2 only", () => {
    expect(errorOf("SEND\r\n\r\n\0", { version: "1.2" })).toBeUndefined();
    expect(errorOf("SEND\r\n\n\0", { version: "1.1" })).toBe("malformed-frame");
    expect(errorOf("SEND\r\n\n\0", { version: "1.0" })).toBe("malformed-frame");
  });
});

describe("header lines", () => {
  test("are names and values, divided by the first colon", () => {
    expect(headersOf("SEND\na:1\nb:\nc:x:y\n\n\0")).toEqual([
      ["a", "1"],
      ["b", ""],
      ["c", "x:y"],
    ]);
  });

  test("the first of repeated ones counts, the others are kept", () => {
    const [frame] = outcomeOf("SEND\na:1\nb:2\na:3\n\n\0").frames;
    expect(frame?.headers).toEqual([
      ["a", "1"],
      ["b", "2"],
    ]);
    expect(frame?.all).toEqual([
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
    ]);
  });

  test("may have names that objects have", () => {
    const names = ["__proto__", "constructor", "hasOwnProperty", "toString"];
    const lines = names.map((name) => `${name}:x\n`).join("");
    expect(headersOf(`SEND\n${lines}\n\0`)).toEqual(names.map((name) => [name, "x"]));
  });

  test("are read alike a second time, when their names are guessed", () => {
    const wire = "SEND\na:1\nbb:2\n\n\0SEND\na:3\nb:4\n\n\0SEND\nab:5\nbb:6\n\n\0SEND\na\n\n\0";
    const { frames, error } = outcomeOf(wire);
    expect(frames.map(({ headers }) => headers)).toEqual([
      [
        ["a", "1"],
        ["bb", "2"],
      ],
      [
        ["a", "3"],
        ["b", "4"],
      ],
      [
        ["ab", "5"],
        ["bb", "6"],
      ],
    ]);
    expect(error).toBe("malformed-header");
  });

  test.each(["a\n", "a", ":x\n", "a:1\nb\n", "\u00c3\u00a9\n"])(
    "%j has no name or no colon",
    (lines) => {
      expect(errorOf(`SEND\n${lines}\n\n\0`)).toBe("malformed-header");
    },
  );

  test("a NUL in one is found before its end", () => {
    expect(errorOf("SEND\na\0")).toBe("malformed-header");
    expect(errorOf("SEND\na:1\0")).toBe("malformed-header");
    expect(errorOf("SEND\n\0")).toBe("malformed-header");
    expect(errorOf("SEND\na:1\nb:2\n\0")).toBe("malformed-header");
  });

  test.each([
    ["a:1\r\n", "1.2", undefined],
    ["a:\r1\n", "1.2", "malformed-header"],
    ["\ra:1\n", "1.2", "malformed-header"],
    ["a:1\r\r\n", "1.2", "malformed-header"],
    ["a\r:1\n", "1.2", "malformed-header"],
    ["\r\r\n", "1.2", "malformed-header"],
  ] as const)("a carriage return in %j in %s", (line, version, error) => {
    expect(errorOf(`SEND\n${line}\n\0`, { version })).toBe(error);
    expect(errorOf(`CONNECT\n${line}\n\0`, { version })).toBe(error);
  });

  test.each(["1.0", "1.1"] as Version[])("a carriage return is data in %s", (version) => {
    expect(headersOf("SEND\na\r:\r1\r\n\n\0", { version })).toEqual([["a\r", "\r1\r"]]);
    expect(errorOf("SEND\na:1\n\r\n\0", { version })).toBe("malformed-header");
  });

  test("CRLF and LF may mix in 1.2, in the middle of a frame", () => {
    expect(headersOf("SEND\r\na:1\nb:2\r\n\n\0")).toEqual([
      ["a", "1"],
      ["b", "2"],
    ]);
    expect(headersOf("SEND\na:1\r\nb:2\n\r\n\0")).toEqual([
      ["a", "1"],
      ["b", "2"],
    ]);
  });

  test("spaces are kept in every version: trimming is up to the session", () => {
    for (const version of ["1.0", "1.1", "1.2"] as const) {
      expect(headersOf("SEND\n a : b \n\n\0", { version })).toEqual([[" a ", " b "]]);
    }
  });

  test("must be UTF-8, name and value", () => {
    expect(headersOf("SEND\n\u00c3\u00a9:\u00f0\u009f\u0098\u0080\n\n\0")).toEqual([["é", "😀"]]);
    expect(errorOf("SEND\n\u00e9:1\n\n\0")).toBe("invalid-utf8");
    expect(errorOf("SEND\na:\u00ed\u00a0\u0080\n\n\0")).toBe("invalid-utf8");
  });

  test("keep a byte order mark", () => {
    expect(headersOf("SEND\na:\u00ef\u00bb\u00bfx\n\n\0")).toEqual([["a", "\ufeffx"]]);
  });
});

describe("escapes", () => {
  test.each([
    ["1.2", "a\\r\\n\\c\\\\:b\\r\\n\\c\\\\", ["a\r\n:\\", "b\r\n:\\"]],
    ["1.1", "a\\n\\c\\\\:b", ["a\n:\\", "b"]],
    ["1.0", "a\\n\\c:b\\t", ["a\\n\\c", "b\\t"]],
    ["1.2", "a:C\\\\new", ["a", "C\\new"]],
    ["1.2", "a:\u00c3\u00a9\\n", ["a", "\u00e9\n"]],
  ] as [Version, string, [string, string]][])("in %s %j", (version, line, header) => {
    expect(headersOf(`SEND\n${line}\n\n\0`, { version })).toEqual([header]);
    expect(headersOf(`UNKNOWN\n${line}\n\n\0`, { version })).toEqual([header]);
  });

  test.each([
    ["1.1", "a:\\r"],
    ["1.2", "a:\\t"],
    ["1.2", "a:\\"],
    ["1.2", "\\x:a"],
    ["1.2", "a:\\N"],
  ] as [Version, string][])("in %s %j is undefined", (version, line) => {
    expect(errorOf(`SEND\n${line}\n\n\0`, { version })).toBe("undefined-escape");
  });

  test.each(["CONNECT", "STOMP", "CONNECTED"])("%s has none", (command) => {
    for (const version of ["1.0", "1.1", "1.2"] as const) {
      expect(headersOf(`${command}\na\\c:\\t:\\n\n\n\0`, { version })).toEqual([
        ["a\\c", "\\t:\\n"],
      ]);
    }
  });
});

describe("an unescaped colon in a value", () => {
  test("is refused when strict, where it could be escaped", () => {
    for (const version of ["1.1", "1.2"] as const) {
      expect(errorOf("SEND\na:b:c\n\n\0", { version, strict: true })).toBe("malformed-header");
      expect(errorOf("SEND\na:b\\cc\n\n\0", { version, strict: true })).toBeUndefined();
      expect(errorOf("SEND\na:b:c\n\n\0", { version })).toBeUndefined();
    }
  });

  test("is not refused in 1.0, nor in CONNECT, STOMP and CONNECTED", () => {
    expect(errorOf("SEND\na:b:c\n\n\0", { version: "1.0", strict: true })).toBeUndefined();
    for (const command of ["CONNECT", "STOMP", "CONNECTED"]) {
      expect(errorOf(`${command}\na:b:c\n\n\0`, { strict: true })).toBeUndefined();
    }
  });
});

describe("content-length", () => {
  test.each(["abc", "-1", "2x", "+2", " 2", "2 ", "1e9", "0x10", "9007199254740993", "", "2,2"])(
    "%j is invalid",
    (length) => {
      expect(errorOf(`SEND\ncontent-length:${length}\n\nab\0`)).toBe("invalid-content-length");
    },
  );

  test("is judged at the end of the headers", () => {
    expect(errorOf("SEND\ncontent-length:x\nbad\n\n\0")).toBe("malformed-header");
    expect(outcomeOf("SEND\ncontent-length:x\n")).toMatchObject({
      error: undefined,
      unfinished: true,
    });
  });

  test("may be repeated, but not with another length", () => {
    expect(errorOf("SEND\ncontent-length:2\ncontent-length:02\n\n\0\0\0")).toBeUndefined();
    for (const [first, second] of [
      ["2", "3"],
      ["2", "x"],
      ["x", "2"],
      ["x", "x"],
    ]) {
      const wire = `SEND\ncontent-length:${first}\ncontent-length:${second}\n\nab\0`;
      expect(errorOf(wire), wire).toBe("invalid-content-length");
    }
    expect(errorOf("SEND\ncontent-length:2\ncontent-length:x\ncontent-length:2\n\nab\0")).toBe(
      "invalid-content-length",
    );
  });

  test("may be padded in 1.0", () => {
    for (const line of ["content-length: 2", "content-length :2", "\tcontent-length\t:\t2 "]) {
      const { frames } = outcomeOf(`SEND\n${line}\n\n\0\0\0`, { version: "1.0" });
      expect(
        frames.map(({ body }) => body),
        line,
      ).toEqual(["AAA="]);
    }
    const padded = "SEND\ncontent-length : x\n\n\0";
    expect(errorOf(padded, { version: "1.0" })).toBe("invalid-content-length");
    expect(errorOf(padded, { version: "1.1" })).toBeUndefined();
  });
});

describe("limits", () => {
  const limit = (limits: Partial<FrameLimits>, version: Version = "1.2") => ({ limits, version });

  test("the command: none longer, in any version", () => {
    const limits = limit({ maxCommandBytes: 4 });
    expect(errorOf("SEND\n\n\0", limits)).toBeUndefined();
    expect(errorOf("SEND\r\n\n\0", limits)).toBeUndefined();
    expect(errorOf("SENDX\n\n\0", limits)).toBe("limit-exceeded");
    expect(errorOf("SENDX", limits)).toBe("limit-exceeded");
    expect(errorOf("SEND\r", limits)).toBeUndefined();
    expect(errorOf("SEND\r", limit({ maxCommandBytes: 4 }, "1.1"))).toBe("limit-exceeded");
    expect(errorOf("SEND\rX", limits)).toBe("limit-exceeded");
    expect(errorOf("SEND\r\r", limits)).toBe("limit-exceeded");
  });

  test("the limit of lines binds the command too", () => {
    expect(errorOf("SENDX\n\n\0", limit({ maxLineBytes: 4 }))).toBe("limit-exceeded");
  });

  test("lines: none longer, complete or not", () => {
    const limits = limit({ maxLineBytes: 5 });
    expect(errorOf("SEND\nabc:1\n\n\0", limits)).toBeUndefined();
    expect(errorOf("SEND\nabc:1\r\n\n\0", limits)).toBeUndefined();
    expect(errorOf("SEND\nabc:1\r", limits)).toBeUndefined();
    expect(errorOf("SEND\nabc:12\n\n\0", limits)).toBe("limit-exceeded");
    expect(errorOf("SEND\nabc:12", limits)).toBe("limit-exceeded");
    expect(errorOf("SEND\nabcdef", limits)).toBe("limit-exceeded");
  });

  test("headers: no more of them, repeated ones included", () => {
    const limits = limit({ maxHeaders: 2 });
    expect(errorOf("SEND\na:1\na:1\n\n\0", limits)).toBeUndefined();
    expect(errorOf("SEND\na:1\na:1\na:1\n", limits)).toBe("limit-exceeded");
    expect(errorOf("SEND\na:1\n\n\0", limit({ maxHeaders: 0 }))).toBe("limit-exceeded");
  });

  test("the block: no longer, its ends of lines included", () => {
    const wire = "SEND\na:1\n\n";
    expect(errorOf(`${wire}\0`, limit({ maxHeaderBytes: wire.length }))).toBeUndefined();
    expect(errorOf(`${wire}\0`, limit({ maxHeaderBytes: wire.length - 1 }))).toBe("limit-exceeded");
    expect(errorOf("SEND\na:1", limit({ maxHeaderBytes: 7 }))).toBe("limit-exceeded");
    expect(errorOf("SEND", limit({ maxHeaderBytes: 3 }))).toBe("limit-exceeded");
  });

  test("the frame: its headers alone can be too long for it", () => {
    expect(errorOf("SEND\na:1\n\n\0", limit({ maxFrameBytes: 9 }))).toBe("limit-exceeded");
    expect(errorOf("SEND\na:1\n\n\0", limit({ maxFrameBytes: 10 }))).toBeUndefined();
  });

  test("a NUL counts before the limit that comes after it, the limit if it is that very octet", () => {
    const limits = limit({ maxLineBytes: 5 });
    expect(errorOf("SEND\nabcd\0efg", limits)).toBe("malformed-header");
    expect(errorOf("SEND\nabcde\0", limits)).toBe("limit-exceeded");
    expect(errorOf("SEND\nabcdef\0", limits)).toBe("limit-exceeded");
    expect(errorOf("SEND\nabcde\r\0", limits)).toBe("limit-exceeded");
    expect(errorOf("SEND\nab\0", limit({ maxHeaderBytes: 7 }))).toBe("limit-exceeded");
    expect(errorOf("SEND\nab\0", limit({ maxHeaderBytes: 8 }))).toBe("malformed-header");
  });

  test("come before what is wrong with the line", () => {
    expect(errorOf("SEND\n\u00ff\\x\n", limit({ maxLineBytes: 2 }))).toBe("limit-exceeded");
    expect(errorOf("SEND\na:1\nnothing\n", limit({ maxHeaders: 1 }))).toBe("limit-exceeded");
  });

  test("come after what is wrong with an earlier line", () => {
    expect(errorOf("SEND\nab\nabcdefghijkl\n", limit({ maxLineBytes: 4 }))).toBe(
      "malformed-header",
    );
  });

  test("the announced length of a body, before any of it has come", () => {
    expect(errorOf("SEND\ncontent-length:11\n\n", limit({ maxBodyBytes: 10 }))).toBe(
      "limit-exceeded",
    );
    expect(errorOf("SEND\ncontent-length:10\n\n", limit({ maxBodyBytes: 10 }))).toBeUndefined();
    expect(errorOf("SEND\ncontent-length:10\n\n", limit({ maxFrameBytes: 33 }))).toBe(
      "limit-exceeded",
    );
    expect(errorOf("SEND\ncontent-length:10\n\n", limit({ maxFrameBytes: 34 }))).toBeUndefined();
  });
});

test("errors know the command, and repeat nothing of what was sent", () => {
  const secret = "s3cret";
  for (const line of [
    secret,
    `:${secret}`,
    `${secret}:\\t`,
    `${secret}:\u00ff`,
    `content-length:${secret}`,
  ]) {
    const thrown = errorThrown(`MESSAGE\n${line}\n\n\0`);
    expect(thrown.command).toBe("MESSAGE");
    expect(thrown.message).not.toContain(secret);
  }
  expect(errorThrown(`${secret} \n\n\0`).message).not.toContain(secret);
});

function errorThrown(wire: string): { command: string | undefined; message: string } {
  const parser = new FrameParser();
  parser.push(bytes(wire));
  try {
    parser.next();
  } catch (error) {
    return error as { command: string | undefined; message: string };
  }
  throw new Error("Nothing was thrown");
}
