/** Memory for the frames that go out. */

import { allocate } from "./memory.ts";

/**
 * Room for so many octets, all of which have to be written: there may be anything in it. Frames lie
 * side by side in one piece of memory, which is never reused: memory for each of them would cost more
 * than writing it.
 */
export function roomFor(length: number): Uint8Array<ArrayBuffer> {
  if (length <= SMALL) return FOR_SMALL.room(length);
  return length <= MIDDLING ? FOR_MIDDLING.room(length) : allocate(length);
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
    // Whoever was handed a frame may have transferred its memory: then there is none left here.
    if (this.used + length > this.all.length) {
      this.all = allocate(this.octets);
      this.memory = this.all.buffer;
      this.used = 0;
    }
    const room = new Uint8Array(this.memory, this.used, length);
    this.used += length;
    return room;
  }
}

// A frame that has to wait keeps all of its slab: that of small frames must not be large.
const SMALL = 512;
const FOR_SMALL = new Slab(65_536);
/** Larger frames get memory of their own. */
const MIDDLING = 32_768;
const FOR_MIDDLING = new Slab(262_144);
