import { expect, test } from "vitest";
import { inOrder, isVersion, negotiate, VERSIONS } from "../../src/protocol/version.ts";

test("knows its versions", () => {
  expect(VERSIONS.every(isVersion)).toBe(true);
  expect(["", "1", "1.3", "1.10", "v1.2", " 1.2"].some(isVersion)).toBe(false);
});

test("orders versions and names each once", () => {
  expect(inOrder(["1.2", "1.0", "1.2"])).toEqual(["1.0", "1.2"]);
});

test.each([
  ["1.0,1.1,2.0", "1.1"],
  ["1.2,1.0", "1.2"],
  ["1.1, 1.2", "1.2"],
  ["1.2\t", "1.2"],
  [undefined, "1.0"],
  ["", undefined],
  ["1.10", undefined],
  ["11.2", undefined],
  ["2.0", undefined],
] as const)("a client that accepts %j gets %j", (accepted, version) => {
  expect(negotiate(accepted, VERSIONS)).toBe(version);
});

test("picks from what is supported, in any order", () => {
  expect(negotiate("1.0,1.1,1.2", ["1.1", "1.0"])).toBe("1.1");
  expect(negotiate("1.2", ["1.0"])).toBeUndefined();
});

test("takes spaces for part of a version when strict", () => {
  expect(negotiate("1.1, 1.2", VERSIONS, true)).toBe("1.1");
});
