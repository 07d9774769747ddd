/**
 * One write per socket and turn of the event loop.
 *
 * A write costs some microseconds, whatever is in it, and a write of many pieces costs something for
 * each of them. So what a session sends in a turn is kept until the turn is over; small frames are
 * put together then, and large bodies go out beside them as they are.
 */

import { roomFor } from "../protocol/room.ts";

/** What is used of a socket to write to it. */
export interface Writable {
  readonly writable: boolean;
  readonly writableLength: number;
  /** A write costs nothing, as in memory: then nothing is kept for the end of the turn. */
  readonly immediate?: boolean | undefined;
  write(data: Uint8Array, written?: () => void): boolean;
  cork(): void;
  uncork(): void;
}

// Node, Bun and Deno have it. It is looked up once, so that those who replace it do not replace ours.
declare const setImmediate: ((callback: () => void) => unknown) | undefined;
const afterTurn: (callback: () => void) => unknown =
  typeof setImmediate === "function"
    ? setImmediate
    : (callback) => Promise.resolve().then(callback);

/** Pieces from this size on are not copied. */
const LARGE_BYTES = 4_096;
/** The memory that small pieces are put together in, if there are many of them. */
const SLAB_BYTES = 65_536;
/** With so much waiting, the turn is not waited for: another small piece would still fit into a slab. */
const FULL_BYTES = SLAB_BYTES - LARGE_BYTES;
/** Less than this is not worth a slab, which is kept until all of it has gone out. */
const SLAB_WORTH_BYTES = 8_192;
const MOST_SPARE_SLABS = 64;

/** Slabs that nobody reads any more: memory that was just used is faster than new memory. */
const spareSlabs: Uint8Array<ArrayBuffer>[] = [];

/** Writes to one socket. */
export class TurnWriter {
  readonly #socket: Writable;
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #octets = 0;
  #waiting = false;
  #saturated = false;
  readonly #turnIsOver = (): void => {
    this.#waiting = false;
    this.flush();
  };

  constructor(socket: Writable) {
    this.#socket = socket;
  }

  /** @returns false: taken, but the socket is saturated until it drains. */
  write(piece: Uint8Array<ArrayBuffer>): boolean {
    this.#pieces.push(piece);
    this.#octets += piece.length;
    if (this.#octets >= FULL_BYTES || this.#socket.immediate === true) {
      this.flush();
    } else if (!this.#waiting) {
      this.#waiting = true;
      afterTurn(this.#turnIsOver);
    }
    return !this.#saturated;
  }

  /** The socket has drained. */
  drained(): void {
    this.#saturated = false;
  }

  /** Writes what is kept. If the socket takes nothing any more, that is dropped. */
  flush(): void {
    const pieces = this.#pieces;
    if (pieces.length === 0) return;
    this.drop();
    if (!this.#socket.writable) return;
    this.#socket.cork();
    let first = 0;
    for (let at = 0; at < pieces.length; at++) {
      const piece = pieces[at] as Uint8Array;
      if (piece.length < LARGE_BYTES) continue;
      this.#writeTogether(pieces.slice(first, at));
      this.#give(piece);
      first = at + 1;
    }
    this.#writeTogether(first === 0 ? pieces : pieces.slice(first));
    this.#socket.uncork();
  }

  /** Forgets what is kept. */
  drop(): void {
    this.#pieces = [];
    this.#octets = 0;
  }

  #writeTogether(pieces: readonly Uint8Array[]): void {
    const [first] = pieces;
    if (first === undefined) return;
    if (pieces.length === 1) {
      this.#give(first);
      return;
    }
    let octets = 0;
    for (const piece of pieces) octets += piece.length;
    // A peer that lags would keep slabs to itself.
    if (octets < SLAB_WORTH_BYTES || this.#socket.writableLength > 0) {
      const memory = octets < LARGE_BYTES ? roomFor(octets) : new Uint8Array(octets);
      copy(pieces, memory);
      this.#give(memory);
      return;
    }
    const slab = spareSlabs.pop() ?? new Uint8Array(SLAB_BYTES);
    copy(pieces, slab);
    this.#give(new Uint8Array(slab.buffer, 0, octets), () => {
      if (spareSlabs.length < MOST_SPARE_SLABS) spareSlabs.push(slab);
    });
  }

  #give(data: Uint8Array, written?: () => void): void {
    if (!this.#socket.write(data, written)) this.#saturated = true;
  }
}

function copy(pieces: readonly Uint8Array[], memory: Uint8Array): void {
  let at = 0;
  for (const piece of pieces) {
    memory.set(piece, at);
    at += piece.length;
  }
}
