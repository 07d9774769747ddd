/** Bytes that come piece by piece. */

import { allocate } from "./memory.ts";
import { leaveRoom, spareRoom } from "./spare-rooms.ts";

/**
 * Takes bytes until there are enough of them. There is room for a few times of what has come, never
 * for what was announced, and each byte is moved a bounded number of times on average.
 */
export class GrowingBytes {
  length = 0;
  /** Where the bytes are: they come first in it, and behind them is anything, which nobody must see. */
  room: Uint8Array<ArrayBuffer> = NO_ROOM;
  private readonly most: number;
  private readonly mayBeSecret: boolean;

  /**
   * @param most How many there can be at most, if that is known.
   * @param mayBeSecret Whether what they were in must not be used again.
   */
  constructor(most: number, mayBeSecret: boolean) {
    this.most = most;
    this.mayBeSecret = mayBeSecret;
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

  /** The bytes, in memory that has nothing else in it; none are left here. */
  handOver(): Uint8Array<ArrayBuffer> {
    const { bytes } = this;
    if (bytes === this.room && bytes !== NO_ROOM) {
      this.room = NO_ROOM;
      this.length = 0;
      return bytes;
    }
    const own = allocate(bytes.length);
    own.set(bytes);
    this.release();
    return own;
  }

  /** Lets go of the bytes. */
  release(): void {
    this.leave(this.room);
    this.room = NO_ROOM;
    this.length = 0;
  }

  private grow(needed: number): void {
    const { bytes, room } = this;
    this.room = this.roomFor(needed);
    if (bytes.length > 0) this.room.set(bytes);
    this.leave(room);
  }

  private roomFor(needed: number): Uint8Array<ArrayBuffer> {
    if (needed * GROWTH >= this.most) return allocate(this.most);
    if (!this.mayBeSecret) return spareRoom(needed);
    return allocate(needed <= SMALLEST ? SMALLEST : needed * GROWTH);
  }

  private leave(room: Uint8Array<ArrayBuffer>): void {
    if (!this.mayBeSecret) leaveRoom(room);
  }
}

/** The room for no bytes, which is everybody's. */
const NO_ROOM = new Uint8Array(0);
// So much fits into the heap of V8, where it costs next to nothing.
const SMALLEST = 64;
/**
 * New memory costs more than copying into it, so there are few steps: what comes in two pieces mostly
 * has its first room for both.
 */
const GROWTH = 4;
