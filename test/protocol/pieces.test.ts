import { describe, expect, test } from "vitest";
import { Pieces } from "../../src/protocol/pieces.ts";

const numbers = (length: number, from = 0) => Uint8Array.from({ length }, (_, at) => from + at);

function appendAll(pieces: Pieces, chunk: Uint8Array): void {
  pieces.append(chunk, 0, chunk.length);
}

describe.each([[true], [false]])("whether chunks may be kept (%j) or not", (mayKeep) => {
  test("all bytes come out in their order, whatever they came in", () => {
    const pieces = new Pieces(100_000, mayKeep);
    const [large, larger] = [numbers(4096, 1), numbers(9000, 2)];
    pieces.push(255);
    appendAll(pieces, larger);
    appendAll(pieces, large);
    pieces.push(254);
    appendAll(pieces, numbers(10));
    appendAll(pieces, large);
    pieces.push(253);
    expect(pieces.length).toBe(1 + 9000 + 4096 + 1 + 10 + 4096 + 1);
    const expected = [255, ...larger, ...large, 254, ...numbers(10), ...large, 253];
    pieces.appendLast(larger, 5, 8999);
    expect(pieces.length).toBe(expected.length + 8994);
    expect([...pieces.handOver()]).toEqual([...expected, ...larger.subarray(5, 8999)]);
  });

  test("there is nothing in the memory of the whole but the whole", () => {
    for (const last of [1, 5000, 12_287, 12_288]) {
      const pieces = new Pieces(16_384, mayKeep);
      appendAll(pieces, numbers(4095));
      pieces.push(1);
      pieces.appendLast(numbers(last), 0, last);
      const whole = pieces.handOver();
      expect(whole.length).toBe(4096 + last);
      expect(whole.buffer.byteLength).toBe(4096 + last);
    }
  });

  test("small chunks are copied at once", () => {
    const pieces = new Pieces(100_000, mayKeep);
    const chunk = numbers(4095);
    appendAll(pieces, chunk);
    chunk.fill(0);
    expect(pieces.handOver()).toEqual(numbers(4095));
  });

  test("so are large ones that hold something else as well", () => {
    const pieces = new Pieces(100_000, mayKeep);
    const chunk = numbers(9000);
    pieces.append(chunk, 513, 9000);
    pieces.append(chunk, 0, 8487);
    chunk.fill(0);
    expect(pieces.handOver()).toEqual(Uint8Array.from([...numbers(8487, 513), ...numbers(8487)]));
  });
});

test("large chunks are kept where they may be, also those that begin with something else", () => {
  const pieces = new Pieces(100_000, true);
  const chunks = [numbers(9000), numbers(9000)] as const;
  pieces.append(chunks[0], 512, 9000);
  appendAll(pieces, chunks[1]);
  // Which shows that nothing was copied yet; nobody may do it.
  for (const chunk of chunks) chunk.fill(1);
  expect(pieces.handOver()).toEqual(new Uint8Array(8488 + 9000).fill(1));
});

test("so are large ones whose memory holds something else", () => {
  const pieces = new Pieces(100_000, true);
  const memory = new Uint8Array(9000 + 513).fill(1);
  pieces.append(memory.subarray(0, 9000), 0, 9000);
  memory.fill(0);
  expect(pieces.handOver()).toEqual(new Uint8Array(9000).fill(1));
});

test("large chunks are copied at once where they may not be kept", () => {
  const pieces = new Pieces(100_000, false);
  const chunk = numbers(9000);
  appendAll(pieces, chunk);
  chunk.fill(0);
  expect(pieces.handOver()).toEqual(numbers(9000));
});

test("what was joined is no view on what came", () => {
  const pieces = new Pieces(9000, true);
  const chunk = numbers(9000);
  appendAll(pieces, chunk);
  const whole = pieces.handOver();
  chunk.fill(0);
  expect(whole).toEqual(numbers(9000));
  expect(whole.constructor).toBe(Uint8Array);
  expect(whole.buffer.byteLength).toBe(9000);
});

test("a chunk that was given away in the meantime leaves zeros, never what was in memory before", () => {
  const pieces = new Pieces(50_000, true);
  const [kept, lost] = [numbers(20_000), numbers(20_000)];
  appendAll(pieces, kept);
  appendAll(pieces, lost);
  structuredClone(lost.buffer, { transfer: [lost.buffer] });
  const whole = pieces.handOver();
  expect(whole.subarray(0, 20_000)).toEqual(kept);
  expect(whole.subarray(20_000)).toEqual(new Uint8Array(20_000));
});
