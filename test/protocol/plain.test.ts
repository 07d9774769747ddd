import { expect, test } from "vitest";
import { isPlain, writePlain } from "../../src/protocol/plain.ts";

test.each(["", "a", "T_0f3a-1", "a b\t", "\u0001\u007f", "~!@#$%^&*()"])("%j is plain", (text) => {
  expect(isPlain(text)).toBe(true);
  const bytes = new Uint8Array(text.length + 2);
  writePlain(bytes, 1, text);
  expect(Buffer.from(bytes).toString()).toBe(`\0${text}\0`);
});

test.each([
  ":",
  "a\\",
  "\n",
  "\r",
  "\0",
  "\u0080",
  "\u00e9",
  "\u0100",
  "\u0261",
  "\ud800",
  "\u{1f600}",
])("%j is not", (text) => {
  expect(isPlain(text)).toBe(false);
});
