import { expect, test } from "vitest";
import { announcedLength, isContentLength } from "../../src/protocol/content-length.ts";
import { DIALECTS } from "../../src/protocol/dialect.ts";

test.each([
  ["0", 0],
  ["5", 5],
  ["05", 5],
  ["9007199254740991", Number.MAX_SAFE_INTEGER],
])("%j is a length", (value, length) => {
  for (const dialect of Object.values(DIALECTS))
    expect(announcedLength(value, dialect)).toBe(length);
});

test.each([
  "",
  "-1",
  "-0",
  "+2",
  "2x",
  "1e9",
  "0x10",
  "3.0",
  "1_0",
  "9007199254740993",
  "\u0665",
  "1\n",
])("%j is none", (value) => {
  for (const dialect of Object.values(DIALECTS)) expect(announcedLength(value, dialect)).toBeNaN();
});

test("padding counts in 1.0 only", () => {
  expect(announcedLength(" 5\t", DIALECTS["1.0"])).toBe(5);
  expect(announcedLength(" 5", DIALECTS["1.1"])).toBeNaN();
  expect(isContentLength(" content-length\t", DIALECTS["1.0"])).toBe(true);
  expect(isContentLength("content-length ", DIALECTS["1.2"])).toBe(false);
});

test("the name is case sensitive", () => {
  expect(isContentLength("content-length", DIALECTS["1.2"])).toBe(true);
  expect(isContentLength("Content-Length", DIALECTS["1.0"])).toBe(false);
});
