/** Memory for the frames that go out. */

import { allocate } from "./memory.ts";
import { BYTES_PER_UNIT, encodeUtf8, writeUtf8 } from "./utf8.ts";

/**
 * Room for so many octets, all of which have to be written: there may be anything in it. Frames lie
 * side by side in one piece of memory, which is never reused: memory for each of them would cost more
 * than writing it.
 */
export function roomFor(length: number): Uint8Array<ArrayBuffer> {
  if (length <= SMALL) return FOR_SMALL.room(length);
  return length <= MIDDLING ? FOR_MIDDLING.room(length) : allocate(length);
}

/** The bytes of a text, in such memory if they are few. */
export function roomWith(text: string): Uint8Array<ArrayBuffer> {
  const most = BYTES_PER_UNIT * text.length;
  return most <= SMALL_TEXT ? FOR_SMALL.write(text, most) : encodeUtf8(text);
}

const NOTHING = new Uint8Array(0);

/** Memory that is given away from its beginning to its end. */
class Slab {
  private readonly octets: number;
  /** All of it, whose length tells sooner than that of the memory whether it was transferred. */
  private all: Uint8Array<ArrayBuffer> = NOTHING;
  private memory: ArrayBuffer = NOTHING.buffer;
  private used = 0;

  constructor(octets: number) {
    this.octets = octets;
  }

  room(length: number): Uint8Array<ArrayBuffer> {
    this.need(length);
    const room = new Uint8Array(this.memory, this.used, length);
    this.used += length;
    return room;
  }

  /** Writes a text of no more than so many octets. */
  write(text: string, most: number): Uint8Array<ArrayBuffer> {
    this.need(most);
    return this.room(writeUtf8(text, new Uint8Array(this.memory, this.used)));
  }

  private need(length: number): void {
    // Whoever was handed a frame may have transferred its memory: then there is none left here.
    if (this.used + length <= this.all.length) return;
    this.all = allocate(this.octets);
    this.memory = this.all.buffer;
    this.used = 0;
  }
}

// A frame that has to wait keeps all of its slab: that of small frames must not be large.
const SMALL = 512;
const FOR_SMALL = new Slab(65_536);
/** Larger frames get memory of their own. */
const MIDDLING = 32_768;
const FOR_MIDDLING = new Slab(262_144);

/** What is left of a slab because a text might not fit is lost: it is to be little. */
const SMALL_TEXT = 6_144;
