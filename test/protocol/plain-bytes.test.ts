import { expect, test } from "vitest";
import { plain } from "../../src/protocol/plain-bytes.ts";

test("a Uint8Array is plain", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  expect(plain(bytes)).toBe(bytes);
});

test("anything that extends it becomes one, on the same memory", () => {
  const buffer = Buffer.from([1, 2, 3, 4]).subarray(1, 3);
  const bytes = plain(buffer);
  expect(bytes.constructor).toBe(Uint8Array);
  expect([...bytes]).toEqual([2, 3]);
  buffer[0] = 9;
  expect(bytes[0]).toBe(9);
});
