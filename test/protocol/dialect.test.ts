import { expect, test } from "vitest";
import { DIALECTS, dialectOf, trimmed } from "../../src/protocol/dialect.ts";
import { VERSIONS } from "../../src/protocol/version.ts";

test("each version has its dialect", () => {
  for (const version of VERSIONS) {
    expect(dialectOf(version)).toBe(DIALECTS[version]);
    expect(DIALECTS[version].version).toBe(version);
  }
});

test.each(["1.3", "", "constructor", "__proto__"])("refuses version %j", (version) => {
  expect(() => dialectOf(version as "1.2")).toThrow(
    expect.objectContaining({ code: "invalid-option" }),
  );
});

test("1.0 escapes nothing, 1.1 no carriage return", () => {
  expect([...DIALECTS["1.0"].escapes]).toEqual([]);
  expect([...DIALECTS["1.1"].escapes.keys()]).toEqual(["\n", ":", "\\"]);
  expect([...DIALECTS["1.2"].escapes.keys()]).toEqual(["\n", ":", "\\", "\r"]);
});

test("a line may end with a carriage return in 1.2 only", () => {
  const versions = VERSIONS.filter((version) => DIALECTS[version].carriageReturns);
  expect(versions).toEqual(["1.2"]);
});

test("headers are trimmed in 1.0 only", () => {
  expect(VERSIONS.filter((version) => DIALECTS[version].trims)).toEqual(["1.0"]);
});

test("trims spaces and tabs at both ends and nothing else", () => {
  expect(trimmed(" \t a b\t ")).toBe("a b");
  expect(trimmed("\u00a0a\n")).toBe("\u00a0a\n");
  expect(trimmed(" \t ")).toBe("");
  expect(trimmed("")).toBe("");
});
