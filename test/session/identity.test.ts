import { expect, test } from "vitest";
import { randomSessionId } from "../../src/session/identity.ts";

test("session ids are 128 bits that nobody can guess", () => {
  const ids = Array.from({ length: 1_000 }, randomSessionId);
  expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(1_000);
  // Every digit takes every value.
  const digits = Array.from({ length: 32 }, (_, at) => new Set(ids.map((id) => id[at])).size);
  expect(Math.min(...digits)).toBe(16);
});
