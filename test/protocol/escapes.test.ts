import { expect, test } from "vitest";
import { DIALECTS } from "../../src/protocol/dialect.ts";
import {
  canCarryName,
  canCarryValue,
  escaped,
  isEscaped,
  isWellFormed,
  unescaped,
} from "../../src/protocol/escapes.ts";
import { IS_WIDE } from "../../src/protocol/octets.ts";
import { TEXT } from "../../src/protocol/utf8.ts";
import type { Version } from "../../src/protocol/version.ts";

/** The octets of a text, read back as text; with something around that does not belong to it. */
function readBack(wire: string, version: Version): string | undefined {
  const bytes = Buffer.from(`<${wire}>`);
  return unescaped(TEXT, bytes, 1, bytes.length - 1, IS_WIDE, DIALECTS[version]);
}

test.each([
  ["1.1", "a:b\\c\nd\re", "a\\cb\\\\c\\nd\re"],
  ["1.2", "a:b\\c\nd\re", "a\\cb\\\\c\\nd\\re"],
  ["1.2", "C:\\new", "C\\c\\\\new"],
  ["1.2", "plain", "plain"],
  ["1.2", "é:😀\n", "é\\c😀\\n"],
  ["1.2", "", ""],
  ["1.2", ":::", "\\c\\c\\c"],
] as [Version, string, string][])(
  "in %s %j is written %j, and read back",
  (version, text, wire) => {
    expect(escaped(text, DIALECTS[version])).toBe(wire);
    expect(readBack(wire, version)).toBe(text);
  },
);

test.each([
  ["1.1", "\\r"],
  ["1.2", "\\t"],
  ["1.2", "\\N"],
  ["1.2", "\\"],
  ["1.2", "ok\\\\\\"],
  ["1.2", "\\\u00e9"],
] as [Version, string][])("in %s %j is not defined", (version, wire) => {
  expect(readBack(wire, version)).toBeUndefined();
});

test("long text is read back, too", () => {
  const long = "x:".repeat(2_000);
  expect(readBack(escaped(long, DIALECTS["1.2"]), "1.2")).toBe(long);
});

test("what is not UTF-8 is not read", () => {
  const bytes = new Uint8Array([0x5c, 0x63, 0xff]);
  expect(unescaped(TEXT, bytes, 0, 3, IS_WIDE, DIALECTS["1.2"])).toBeUndefined();
});

test("unescaping is one pass", () => {
  expect(readBack("\\\\n", "1.2")).toBe("\\n");
});

test("escapes depend on the version and the command", () => {
  for (const command of ["CONNECT", "STOMP", "CONNECTED"]) {
    expect(isEscaped(command, DIALECTS["1.2"])).toBe(false);
  }
  for (const command of ["SEND", "ERROR", "UNKNOWN"]) {
    expect(isEscaped(command, DIALECTS["1.0"])).toBe(false);
    expect(isEscaped(command, DIALECTS["1.1"])).toBe(true);
    expect(isEscaped(command, DIALECTS["1.2"])).toBe(true);
  }
});

// biome-ignore format: one row a case
test.each([
  // version, command, text, as a name, as a value
  ["1.2", "SEND",      "a",      true,  true],
  ["1.2", "SEND",      "",       false, true],
  ["1.2", "SEND",      "a\nb",   true,  true],
  ["1.2", "SEND",      "a:b",    true,  true],
  ["1.2", "SEND",      "a\rb",   true,  true],
  ["1.2", "SEND",      "a\0b",   false, false],
  ["1.2", "SEND",      "\ud800", false, false],
  ["1.2", "SEND",      "\u{1f600}", true, true],
  ["1.2", "CONNECT",   "a\nb",   false, false],
  ["1.2", "CONNECT",   "a\rb",   false, false],
  ["1.2", "CONNECT",   "a:b",    false, true],
  ["1.2", "CONNECTED", "a\\b",   true,  true],
  ["1.1", "SEND",      "a\rb",   true,  true],
  ["1.1", "CONNECT",   "a\rb",   false,  false],
  ["1.0", "SEND",      "a\nb",   false, false],
  ["1.0", "SEND",      "a:b",    false, true],
  ["1.0", "SEND",      "a\rb",   true,  true],
  ["1.0", "SEND",      "a\0b",   false, false],
] as [Version, string, string, boolean, boolean][])("%s %s %j", (version, command, text, name, value) => {
  expect(canCarryName(text, command, DIALECTS[version])).toBe(name);
  expect(canCarryValue(text, command, DIALECTS[version])).toBe(value);
});

test("lone surrogates are not well formed", () => {
  for (const text of ["", "a", "\u{1f600}"]) expect(isWellFormed(text)).toBe(true);
  for (const text of ["\ud83d", "a\ude00", "\ude00\ud83d"]) expect(isWellFormed(text)).toBe(false);
});
