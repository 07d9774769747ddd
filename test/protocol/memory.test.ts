import { describe, expect, test } from "vitest";
import { allocate, allocatorOf } from "../../src/protocol/memory.ts";

const SIZES = [0, 1, 64, 4095, 4096, 16_384, 1_048_576];

describe.each([
  ["this platform", allocate],
  ["one without Buffer", allocatorOf({})],
  ["Node", allocatorOf({ Buffer })],
])("the memory of %s", (_, allocating) => {
  test.each(SIZES)("is %i octets, in a buffer of their own", (size) => {
    const memory = allocating(size);
    expect(memory.constructor).toBe(Uint8Array);
    expect([memory.length, memory.byteOffset, memory.buffer.byteLength]).toEqual([size, 0, size]);
    expect(memory.buffer).not.toBe(allocating(size).buffer);
  });
});

test("a Buffer whose memory is not plain is not used", () => {
  const pooled = {
    allocUnsafeSlow: (size: number) => new Uint8Array(new ArrayBuffer(9 * size), 7, size),
  };
  const shared = { allocUnsafeSlow: (size: number) => new Uint8Array(new SharedArrayBuffer(size)) };
  for (const Buffer of [pooled, shared, {}]) {
    const memory = allocatorOf({ Buffer })(5000);
    expect(memory.buffer).toBeInstanceOf(ArrayBuffer);
    expect(memory.buffer.byteLength).toBe(5000);
  }
});

test("a Buffer whose memory is plain is used from a few pages on", () => {
  const asked: number[] = [];
  const counting = {
    allocUnsafeSlow(size: number) {
      asked.push(size);
      return new Uint8Array(size);
    },
  };
  const allocating = allocatorOf({ Buffer: counting });
  asked.length = 0;
  allocating(100);
  allocating(100_000);
  expect(asked).toEqual([100_000]);
});
