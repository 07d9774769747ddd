import { expect, test } from "vitest";
import * as octets from "../../src/protocol/octets.ts";

test("each octet has at most one kind", () => {
  const kindOf = (character: string) => octets.KINDS[character.charCodeAt(0)];
  expect(kindOf("\0")).toBe(octets.IS_NUL);
  expect(kindOf("\n")).toBe(octets.IS_LINE_FEED);
  expect(kindOf("\r")).toBe(octets.IS_CARRIAGE_RETURN);
  expect(kindOf(":")).toBe(octets.IS_COLON);
  expect(kindOf("\\")).toBe(octets.IS_BACKSLASH);
  for (const blank of " \t\u0001\u001f\u007f") expect(kindOf(blank)).toBe(octets.IS_BLANK);
  for (const wide of "\u0080\u00e9\u00ff") expect(kindOf(wide)).toBe(octets.IS_WIDE);
  for (const plain of "!azAZ09-_/~") expect(kindOf(plain)).toBe(0);
});
