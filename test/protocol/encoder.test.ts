import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { DIALECTS } from "../../src/protocol/dialect.ts";
import {
  type EncodeOptions,
  encodeFlat,
  encodeFrame,
  encodeParts,
  type OutgoingFrame,
} from "../../src/protocol/encoder.ts";
import { headersOf } from "../../src/protocol/headers.ts";
import type { Version } from "../../src/protocol/version.ts";

const written = (frame: OutgoingFrame, version: Version = "1.2", options?: EncodeOptions) =>
  Buffer.from(encodeFrame(frame, version, options)).toString();
const refused = (code: string) => expect.objectContaining({ code });

test("writes every header as given, in order, repeated ones too", () => {
  const headers: [string, string][] = [
    ["b", "1"],
    ["a", "2"],
    ["b", ""],
  ];
  expect(written({ command: "ACK", headers })).toBe("ACK\nb:1\na:2\nb:\n\n\0");
  expect(written({ command: "ACK", headers: headersOf(headers) })).toBe("ACK\nb:1\na:2\n\n\0");
  expect(written({ command: "ACK" })).toBe("ACK\n\n\0");
});

test("a line feed may follow the NUL", () => {
  expect(written({ command: "ACK" }, "1.2", { trailingLineFeed: true })).toBe("ACK\n\n\0\n");
});

describe("content-length", () => {
  test.each([
    ["abc", undefined, "content-length:3\n\nabc"],
    ["h\u00e9", undefined, "content-length:3\n\nh\u00e9"],
    ["", undefined, "\n"],
    ["", "always", "\n"],
    ["abc", "needed", "\nabc"],
    ["a\0c", "needed", "content-length:3\n\na\0c"],
    ["abc", "never", "\nabc"],
  ] as const)("of %j, %s", (body, contentLength, rest) => {
    expect(written({ command: "SEND", body }, "1.2", { contentLength })).toBe(`SEND\n${rest}\0`);
  });

  test("is counted in octets of bytes, too", () => {
    const body = new Uint8Array([0, 1]);
    expect(written({ command: "MESSAGE", body })).toBe("MESSAGE\ncontent-length:2\n\n\0\u0001\0");
  });

  test("that is given stays where it is", () => {
    const headers = { "content-length": "03", a: "1" };
    for (const contentLength of ["always", "needed", "never"] as const) {
      expect(written({ command: "SEND", headers, body: "a\0c" }, "1.2", { contentLength })).toBe(
        "SEND\ncontent-length:03\na:1\n\na\0c\0",
      );
    }
    expect(written({ command: "SEND", headers: { "content-length": "0" } })).toBe(
      "SEND\ncontent-length:0\n\n\0",
    );
  });

  test.each(["2", "4", "-3", "3x", "", " 3"])("that is given must not be %j", (length) => {
    const frame = { command: "SEND", headers: { "content-length": length }, body: "abc" };
    expect(() => written(frame)).toThrow(refused("invalid-content-length"));
  });

  test("that is given twice must be right twice", () => {
    const headers: [string, string][] = [
      ["content-length", "3"],
      ["content-length", "2"],
    ];
    expect(() => written({ command: "SEND", headers, body: "abc" })).toThrow(
      refused("invalid-content-length"),
    );
  });

  test("cannot be smuggled into 1.0 by padding", () => {
    const frame = { command: "SEND", headers: { "content-length ": "1" }, body: "abc" };
    expect(() => written(frame, "1.0")).toThrow(refused("invalid-content-length"));
    expect(written(frame, "1.2")).toContain("content-length :1\ncontent-length:3\n");
  });

  test("cannot be left out if there is a NUL in the body", () => {
    const frame = { command: "SEND", body: "a\0b" };
    expect(() => written(frame, "1.2", { contentLength: "never" })).toThrow(refused("unencodable"));
  });
});

describe("a body", () => {
  test.each(["CONNECT", "SUBSCRIBE", "RECEIPT", "UNKNOWN"])("is refused for %s", (command) => {
    for (const version of ["1.1", "1.2"] as const) {
      expect(() => written({ command, body: "x" }, version)).toThrow(refused("body-not-allowed"));
    }
    expect(written({ command, body: "x" }, "1.0")).toBe(`${command}\ncontent-length:1\n\nx\0`);
    expect(written({ command, body: "" }, "1.2")).toBe(`${command}\n\n\0`);
  });
});

describe("escaping", () => {
  test.each([
    ["SEND", "1.2", "a\\r\\n\\c\\\\b:a\\r\\n\\c\\\\b"],
    ["SEND", "1.1", "a\r\\n\\c\\\\b:a\r\\n\\c\\\\b"],
    ["UNKNOWN", "1.2", "a\\r\\n\\c\\\\b:a\\r\\n\\c\\\\b"],
  ] as const)("of %s in %s", (command, version, line) => {
    const headers: [string, string][] = [["a\r\n:\\b", "a\r\n:\\b"]];
    expect(written({ command, headers }, version)).toBe(`${command}\n${line}\n\n\0`);
  });

  test.each(["CONNECT", "STOMP", "CONNECTED"])("does not happen in %s", (command) => {
    expect(written({ command, headers: { "a\\c": "b:\\n" } })).toBe(`${command}\na\\c:b:\\n\n\n\0`);
  });

  test("does not happen in 1.0", () => {
    expect(written({ command: "SEND", headers: { "a\\\r": "b:\\\r" } }, "1.0")).toBe(
      "SEND\na\\\r:b:\\\r\n\n\0",
    );
  });
});

describe("never emitted", () => {
  // biome-ignore format: one row a case
  test.each([
    ["SEND",      "1.0", "a\nb", "1"],
    ["SEND",      "1.0", "a:b",  "1"],
    ["SEND",      "1.0", "a",    "1\n\nFAKE\0"],
    ["CONNECT",   "1.2", "a",    "1\npasscode:x"],
    ["CONNECT",   "1.2", "a",    "1\r"],
    ["CONNECT",   "1.2", "a\r",  "1"],
    ["CONNECT",   "1.2", "a:b",  "1"],
    ["CONNECT",   "1.1", "a",    "1\n"],
    ["STOMP",     "1.2", "a\nb", "1"],
    ["CONNECTED", "1.2", "a",    "\n"],
    ["SEND",      "1.2", "",     "1"],
    ["SEND",      "1.2", "a\0",  "1"],
    ["SEND",      "1.2", "a",    "1\0"],
    ["SEND",      "1.2", "a",    "\ud800"],
    ["SEND",      "1.2", "\udc00", "1"],
  ] as const)("%s in %s with %j: %j", (command, version, name, value) => {
    expect(() => written({ command, headers: [["ok", "1"], [name, value]] }, version)).toThrow(
      refused("unencodable"),
    );
  });

  test.each([
    "",
    " ",
    "SE ND",
    "SEND\n",
    "SEND\n\n\0",
    "SE:ND",
    "\0",
    "\r",
    "\t",
    "\u007f",
    "\ud800",
  ])("command %j", (command) => {
    expect(() => written({ command })).toThrow(refused("unencodable"));
  });

  test("what is emitted of a command may be unknown, and not ASCII", () => {
    expect(written({ command: "S\u00e9ND\u{1f600}" })).toBe("S\u00e9ND\u{1f600}\n\n\0");
  });

  test.each([
    ["numbers of more than an octet", Uint16Array.of(300, 65)],
    ["a list", [65, 321]],
    ["memory", new ArrayBuffer(3)],
    ["a view that is no array", new DataView(new ArrayBuffer(3))],
    ["what only has a length", { length: 3 }],
    ["null", null],
  ])("bodies that have no octets: %s", (_, body) => {
    const frame = { command: "SEND", body: body as never };
    expect(() => written(frame)).toThrow(refused("unencodable"));
  });

  test("but bodies of another realm are", () => {
    const body = runInNewContext("Uint8Array.of(97, 98)") as Uint8Array;
    expect(body).not.toBeInstanceOf(Uint8Array);
    expect(written({ command: "SEND", body })).toBe("SEND\ncontent-length:2\n\nab\0");
  });

  test("headers that are not strings", () => {
    const headers = { a: 1 } as unknown as Record<string, string>;
    expect(() => written({ command: "SEND", headers })).toThrow(refused("invalid-header"));
  });

  test("versions that do not exist", () => {
    expect(() => written({ command: "SEND" }, "1.3" as Version)).toThrow(refused("invalid-option"));
  });

  test.each([true, "Always", ""])("a content-length of no kind: %j", (contentLength) => {
    const options = { contentLength: contentLength as never };
    expect(() => encodeFrame({ command: "SEND", body: "a" }, "1.2", options)).toThrow(
      refused("invalid-option"),
    );
  });

  test("errors name the command and repeat no values", () => {
    try {
      written({ command: "CONNECT", headers: { passcode: "s3cret\n" } });
      expect.unreachable();
    } catch (error) {
      expect((error as { command: string }).command).toBe("CONNECT");
      expect((error as Error).message).not.toContain("s3cret");
    }
  });
});

test.each(["CONNECT", "STOMP", "CONNECTED"])(
  "%s, in which there may be a passcode, lies in no memory with other frames",
  (command) => {
    const headers = { login: "me", passcode: "s3cret" };
    const other = encodeFrame({ command: "SEND", headers }, "1.2");
    for (const trailingLineFeed of [true, false]) {
      const frame = encodeFrame({ command, headers }, "1.2", { trailingLineFeed });
      expect(frame.buffer.byteLength).toBe(frame.length);
    }
    // STOMP 1.0 allows a body everywhere.
    const withBody = encodeFrame({ command, headers, body: "x" }, "1.0");
    expect(withBody.buffer.byteLength).toBe(withBody.length);
    expect(other.buffer.byteLength).toBeGreaterThan(other.length);
  },
);

test("what is no text is no header, whatever was written before, and no command", () => {
  const frames = [
    { command: "SEND", headers: { a: "1", b: "2" } },
    { command: "SEND", headers: { a: "1", b: "3" } },
  ];
  const expected = frames.map((frame) => encodeFrame(frame, "1.2"));
  const number = 5 as never;
  const refused = (code: string) => expect.objectContaining({ code });
  for (const headers of [
    ["a", "1", "b", number],
    ["a", "1", number, "2"],
    ["a", number, "b", number],
  ]) {
    const encode = () =>
      encodeFlat("SEND", headers, new Uint8Array(0), DIALECTS["1.2"], "always", false);
    expect(encode).toThrow(refused("invalid-header"));
    expect(frames.map((frame) => encodeFrame(frame, "1.2"))).toEqual(expected);
  }
  expect(() => encodeFrame({ command: number }, "1.2")).toThrow(refused("unencodable"));
});

test("a getter that encodes a frame of its own changes nothing in the one that it is asked for", () => {
  const send = (headers: Record<string, string>, options?: EncodeOptions) =>
    Buffer.from(encodeFrame({ command: "SEND", headers, body: "x" }, "1.2", options)).toString();
  const expected = send({ destination: "/mine", a: "1" });
  const encodeAnother = () => send({ destination: "/another", a: "22" });
  const headers = {
    destination: "/mine",
    get a() {
      encodeAnother();
      return "1";
    },
  };
  const options = {
    get trailingLineFeed() {
      encodeAnother();
      return true;
    },
  };
  expect(send(headers)).toBe(expected);
  expect(send({ destination: "/mine", a: "1" }, options)).toBe(`${expected}\n`);
});

describe("a body that is text", () => {
  const LONG = "The quick brown fox. ".repeat(100);
  const texts = [
    "",
    "a",
    "\u00e9",
    "a\0b",
    LONG,
    `${LONG}\0`,
    `${LONG}\u00e9`,
    "\u65e5".repeat(600),
  ];
  const inputs = {
    object: { destination: "/a" },
    entries: [["destination", "/a"]],
    none: undefined,
  };

  /** A frame, or why there is none. */
  function outcome(encode: () => Uint8Array): string {
    try {
      return Buffer.from(encode()).toString("latin1");
    } catch (error) {
      return (error as { code: string }).code;
    }
  }

  describe.each(["always", "needed", "never"] as const)(
    "with a content-length %s",
    (contentLength) => {
      test.each(Object.keys(inputs) as (keyof typeof inputs)[])("headers: %s", (input) => {
        const headers = inputs[input] as Record<string, string>;
        const options = { contentLength, trailingLineFeed: input === "object" };
        const flat = headers === undefined ? [] : ["destination", "/a"];
        const { trailingLineFeed } = options;
        // Over and over, because much depends on what was written before.
        for (let time = 0; time < 60; time++) {
          const text = texts[(time * 5 + (time >> 3)) % texts.length] as string;
          const bytes = new TextEncoder().encode(text);
          const expected = outcome(() =>
            encodeFrame({ command: "SEND", headers, body: bytes }, "1.2", options),
          );
          expect(
            outcome(() => encodeFrame({ command: "SEND", headers, body: text }, "1.2", options)),
          ).toBe(expected);
          expect(
            outcome(() =>
              encodeFlat("SEND", flat, text, DIALECTS["1.2"], contentLength, trailingLineFeed),
            ),
          ).toBe(expected);
        }
      });
    },
  );

  test("is read for its length where that was given", () => {
    const body = `${LONG}\u00e9`;
    const send = (length: number) => {
      const headers = { "content-length": String(length) };
      return written({ command: "SEND", headers, body });
    };
    for (let time = 0; time < 3; time++) {
      expect(send(LONG.length + 2)).toBe(`SEND\ncontent-length:${LONG.length + 2}\n\n${body}\0`);
      expect(() => send(LONG.length + 1)).toThrow(refused("invalid-content-length"));
    }
  });

  test("is refused for a command that has none", () => {
    for (const body of ["a", LONG]) {
      for (let time = 0; time < 3; time++) {
        written({ command: "ACK", headers: { id: "1" } });
        expect(() => written({ command: "ACK", headers: { id: "1" }, body })).toThrow(
          refused("body-not-allowed"),
        );
      }
    }
  });
});

describe("in pieces", () => {
  const body = new Uint8Array(5000).fill(97);
  const headers = ["destination", "/a\u00e9"];

  test("it is the same frame, and the body is not copied", () => {
    for (const trailing of [true, false]) {
      const parts = encodeParts("SEND", headers, body, DIALECTS["1.2"], "always", trailing);
      const whole = encodeFlat("SEND", headers, body, DIALECTS["1.2"], "always", trailing);
      expect(Buffer.concat(parts).equals(whole)).toBe(true);
      expect(parts[1]).toBe(body);
    }
  });

  test("an end that was transferred ends no other frame", () => {
    for (const [trailing, end] of [
      [false, [0]],
      [true, [0, 10]],
    ] as const) {
      const ends = Array.from({ length: 3 }, () => {
        const parts = encodeParts("SEND", headers, body, DIALECTS["1.2"], "always", trailing);
        const octets = [...(parts[2] ?? [])];
        structuredClone(parts[2], { transfer: [parts[2]?.buffer as ArrayBuffer] });
        return octets;
      });
      expect(ends).toEqual([end, end, end]);
    }
  });

  test("a body in shared memory is copied: transports do not take it", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(3)).fill(98);
    const [, copy] = encodeParts("SEND", headers, shared, DIALECTS["1.2"], "always", false);
    expect(copy?.buffer).toBeInstanceOf(ArrayBuffer);
    expect([...(copy ?? [])]).toEqual([98, 98, 98]);
  });
});
