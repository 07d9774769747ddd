/** Memory for the frames that go out. */

/**
 * Room for so many octets. Small frames lie side by side in one piece of memory, which is never
 * reused: memory for each of them would cost more than writing it.
 */
export function roomFor(length: number): Uint8Array<ArrayBuffer> {
  if (length > LARGE) return new Uint8Array(length);
  // Whoever was handed a frame may have transferred its memory: then there is none left here.
  if (used + length > slab.byteLength) {
    slab = new ArrayBuffer(SLAB);
    used = 0;
  }
  const room = new Uint8Array(slab, used, length);
  used += length;
  return room;
}

const SLAB = 16_384;
/** Larger frames get memory of their own. */
const LARGE = 4_096;

let slab = new ArrayBuffer(0);
let used = 0;
