/** Bytes that come piece by piece. */

import { allocate } from "./memory.ts";

/**
 * Takes bytes until there are enough of them. There is room for a few times of what has come, never
 * for what was announced, and each byte is moved a bounded number of times on average.
 */
export class GrowingBytes {
  length = 0;
  /** Where the bytes are: they come first in it, and behind them is anything, which nobody must see. */
  room: Uint8Array<ArrayBuffer> = NO_ROOM;
  private readonly most: number;

  /**
   * @param most How many there can be at most, if that is known.
   */
  constructor(most: number = Number.POSITIVE_INFINITY) {
    this.most = most;
  }

  /** @returns How many there are then. */
  push(octet: number): number {
    const { length } = this;
    if (length === this.room.length) this.grow(length + 1);
    this.room[length] = octet;
    this.length = length + 1;
    return length + 1;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.room.length) this.grow(length);
    const isAll = start === 0 && end === bytes.length;
    this.room.set(isAll ? bytes : bytes.subarray(start, end), this.length);
    this.length = length;
  }

  /** Starts again, in the same room. */
  clear(): void {
    this.length = 0;
  }

  /** The bytes so far. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.length === this.room.length ? this.room : this.room.subarray(0, this.length);
  }

  private grow(needed: number): void {
    const wanted = Math.max(needed * GROWTH, SMALLEST);
    const room = allocate(Math.min(wanted, Math.max(needed, this.most)));
    if (this.length > 0) room.set(this.bytes);
    this.room = room;
  }
}

const NO_ROOM = new Uint8Array(0);
// So much fits into the heap of V8, where it costs next to nothing.
const SMALLEST = 64;
/**
 * New memory costs more than copying into it, so there are few steps: what comes in two pieces mostly
 * has its first room for both.
 */
const GROWTH = 4;
