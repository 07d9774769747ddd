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
    const piece = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
    this.room.set(piece, this.length);
    // Of memory that has shrunk there is less, and nobody must see what was in ours before.
    if (piece.length < end - start) this.room.fill(0, this.length + piece.length, length);
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

  /** Room for so many octets and more, with anything in it. */
  protected roomFor(needed: number): Uint8Array<ArrayBuffer> {
    return allocate(needed <= SMALLEST ? SMALLEST : needed * GROWTH);
  }

  /** What becomes of a room that was outgrown: nothing, because there may have been a passcode in it. */
  protected leave(_room: Uint8Array<ArrayBuffer>): void {}

  private grow(needed: number): void {
    const { bytes, room } = this;
    this.room = this.roomFor(needed);
    if (bytes.length > 0) this.room.set(bytes);
    this.leave(room);
  }
}

/** The room for no bytes, which is everybody's. */
export const NO_ROOM: Uint8Array<ArrayBuffer> = new Uint8Array(0);
// So much fits into the heap of V8, where it costs next to nothing.
const SMALLEST = 64;
/**
 * New memory costs more than copying into it, so there are few steps: what comes in two pieces mostly
 * has its first room for both.
 */
export const GROWTH = 4;
