/** The bytes of a body that come in chunks. */

import { GrowingBytes } from "./growing.ts";
import { allocate } from "./memory.ts";

/**
 * Takes bytes until there are enough of them, and joins them once. Large chunks with hardly anything
 * else in them may be kept as they came; of all others a copy is made, for a view keeps all of its
 * chunk alive, and costs more than a few bytes do.
 */
export class Pieces {
  length = 0;
  private readonly most: number;
  private readonly mayKeep: boolean;
  /** Those before what is growing. */
  private kept: Uint8Array[] | undefined = undefined;
  private growing: GrowingBytes;

  /**
   * @param most How many bytes there can be at most.
   * @param mayKeep Whether chunks stay as they are until the bytes are joined.
   */
  constructor(most: number, mayKeep: boolean) {
    this.most = most;
    this.mayKeep = mayKeep;
    this.growing = new GrowingBytes(most, false);
  }

  push(octet: number): void {
    this.growing.push(octet);
    this.length++;
  }

  append(chunk: Uint8Array, start: number, end: number): void {
    this.length += end - start;
    if (this.isWorthKeeping(chunk, end - start)) this.keep(chunk.subarray(start, end));
    else this.growing.append(chunk, start, end);
  }

  /** The same for the last ones: those are needed no longer than until they are joined. */
  appendLast(chunk: Uint8Array, start: number, end: number): void {
    this.length += end - start;
    if (this.kept === undefined) this.growing.append(chunk, start, end);
    else this.keep(chunk.subarray(start, end));
  }

  /** All of them, once the last one has come, in memory that has nothing else in it; none are left here. */
  handOver(): Uint8Array {
    const { kept, growing, length } = this;
    if (kept === undefined) return growing.handOver();
    const whole = joined([...kept, growing.bytes], length);
    growing.release();
    return whole;
  }

  /** Whoever keeps a part of a chunk keeps all of the memory that the chunk is a part of. */
  private isWorthKeeping(chunk: Uint8Array, length: number): boolean {
    return this.mayKeep && length >= LARGE && chunk.buffer.byteLength - length <= MOST_REST;
  }

  private keep(piece: Uint8Array): void {
    const { growing } = this;
    this.kept ??= [];
    if (growing.length > 0) {
      this.kept.push(growing.handOver());
      this.growing = new GrowingBytes(this.most - this.length, false);
    }
    this.kept.push(piece);
  }
}

/** From so many bytes on a chunk is kept. */
const LARGE = 4_096;
/** With so many others in its memory, such as a header block. */
const MOST_REST = 512;

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = allocate(length);
  let position = 0;
  for (const piece of pieces) {
    // What was kept may have been transferred since, and has no memory to be read.
    if (piece.length > 0) whole.set(piece, position);
    position += piece.length;
  }
  // Then nobody must see what was in ours before.
  return whole.fill(0, position);
}
