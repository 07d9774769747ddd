import { describe, expect, test } from "vitest";
import { decodeText, encodeUtf8, nativesOf, TEXT, textWith } from "../../src/protocol/utf8.ts";

const natives = nativesOf(globalThis);

const VALID = ["", "a", "\u00e9", "\u{1f600}x", "\ufeffbom", "\ufffd", "\u0000\n", "é".repeat(100)];
const INVALID = [
  [0xff],
  [0x61, 0xc3],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x82],
  [0x80],
];

describe.each([
  ["natives", textWith(natives)],
  ["nothing", textWith(undefined)],
])("with %s of the platform", (_, text) => {
  test.each(Array.from({ length: 70 }, (_, length) => length))(
    "reads %i octets of ASCII",
    (length) => {
      const expected = Array.from({ length }, (_, at) => String.fromCharCode(33 + at)).join("");
      const bytes = encodeUtf8(`<${expected}>`);
      expect(text.ascii(bytes, 1, length + 1)).toBe(expected);
    },
  );

  test.each(VALID)("reads %j", (expected) => {
    const bytes = encodeUtf8(`<${expected}>`);
    expect(text.utf8(bytes, 1, bytes.length - 1)).toBe(expected);
  });

  test.each(INVALID)("refuses octets that are not UTF-8, case %#", (...octets) => {
    const bytes = new Uint8Array([0x61, ...octets, 0x61]);
    expect(text.utf8(bytes, 0, bytes.length)).toBeUndefined();
    expect(text.utf8(bytes, 1, bytes.length - 1)).toBeUndefined();
  });

  test("finds a NUL", () => {
    const bytes = new Uint8Array([0, 1, 2, 0, 4]);
    expect(text.indexOfNul(bytes, 0)).toBe(0);
    expect(text.indexOfNul(bytes, 1)).toBe(3);
    expect(text.indexOfNul(bytes, 4)).toBe(-1);
    expect(text.indexOfNul(bytes.subarray(1, 3), 0)).toBe(-1);
  });
});

describe("the natives", () => {
  test("are used here", () => {
    expect(natives).toBeDefined();
    expect(TEXT.ascii(new Uint8Array([0x61]), 0, 1)).toBe("a");
  });

  const broken = (name: string, instead: unknown) => ({
    Buffer: { prototype: { ...natives, ...pick(natives), [name]: instead } },
  });

  test.each([
    ["a platform without a Buffer", {}],
    ["one without a prototype", { Buffer: {} }],
    ["one that lacks them", { Buffer: { prototype: {} } }],
    ["one whose latin1Slice fails", broken("latin1Slice", () => "?")],
    ["one whose utf8Slice fails", broken("utf8Slice", () => "?")],
    ["one whose indexOf fails", broken("indexOf", () => -1)],
  ])("are not used on %s", (_, platform) => {
    expect(nativesOf(platform)).toBeUndefined();
  });

  test("are used on one where all of them work", () => {
    expect(nativesOf(broken("other", 0))).toBeDefined();
  });

  function pick(from: typeof natives): object {
    return { latin1Slice: from?.latin1Slice, utf8Slice: from?.utf8Slice, indexOf: from?.indexOf };
  }
});

test("encodes UTF-8", () => {
  expect([...encodeUtf8("\u00e9\ud800")]).toEqual([0xc3, 0xa9, 0xef, 0xbf, 0xbd]);
});

describe("encodes in memory that has nothing else in it", () => {
  const texts = [
    "",
    "a",
    "\u00e9",
    "a\u00e9",
    "\u65e5\u672c",
    "\ud83d\ude42",
    "\ud800",
    "\udc00\ud800",
  ];

  // Around the lengths from which on other ways are taken, and those at which what fits ends in a pair.
  test.each([0, 1, 10, 60, 61, 62, 63, 64, 65, 100, 1000, 4096, 5000])(
    "%i octets and more",
    (length) => {
      for (const text of texts) {
        for (const whole of [
          `${"x".repeat(length)}${text}`,
          `${text}${"x".repeat(length)}`,
          text.repeat(length),
        ]) {
          const bytes = encodeUtf8(whole);
          expect(Buffer.from(bytes).equals(Buffer.from(whole))).toBe(true);
          expect(bytes.buffer.byteLength).toBe(bytes.length);
        }
      }
    },
  );
});

test("decodes other encodings where the platform can", () => {
  const bytes = new Uint8Array([0xe9]);
  expect(decodeText(bytes, "latin1")).toBe("\u00e9");
  expect(decodeText(bytes, "klingon")).toBe("\ufffd");
  expect(decodeText(bytes)).toBe("\ufffd");
});
