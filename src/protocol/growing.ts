/** Bytes that come piece by piece. */

/**
 * Takes bytes until there are enough of them. Room is made for a multiple of what has come, never
 * for what was announced, and each byte is moved a bounded number of times on average.
 */
export class GrowingBytes {
  length = 0;
  private room: Uint8Array<ArrayBuffer>;
  private readonly most: number;

  /**
   * @param most How many there can be at most, if that is known.
   */
  constructor(most: number = Number.POSITIVE_INFINITY) {
    this.most = most;
    this.room = NO_ROOM;
  }

  push(octet: number): void {
    if (this.length === this.room.length) this.grow(this.length + 1);
    this.room[this.length++] = octet;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.room.length) this.grow(length);
    if (end - start < WORTH_A_VIEW) {
      for (let from = start, to = this.length; from < end; from++, to++) {
        this.room[to] = bytes[from] as number;
      }
    } else {
      this.room.set(bytes.subarray(start, end), this.length);
    }
    this.length = length;
  }

  /** The bytes so far; valid until more come. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.length === this.room.length ? this.room : this.room.subarray(0, this.length);
  }

  private grow(needed: number): void {
    const doubled = Math.max(needed, SMALLEST, this.room.length * 2);
    const room = new Uint8Array(Math.min(doubled, Math.max(needed, this.most)));
    room.set(this.room);
    this.room = room;
  }
}

const NO_ROOM = new Uint8Array(0);
const SMALLEST = 64;
/** Shorter pieces are copied faster octet by octet than by way of a view. */
const WORTH_A_VIEW = 24;
