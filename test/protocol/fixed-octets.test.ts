import { expect, test } from "vitest";
import { FixedOctets } from "../../src/protocol/fixed-octets.ts";

test("are the same ones every time, until somebody transfers them", () => {
  const fixed = new FixedOctets(0, 10);
  const { octets } = fixed;
  expect(octets).toEqual(new Uint8Array([0, 10]));
  expect(fixed.octets).toBe(octets);
  structuredClone(octets, { transfer: [octets.buffer] });
  expect(fixed.octets).toEqual(new Uint8Array([0, 10]));
});
