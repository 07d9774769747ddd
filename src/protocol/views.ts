/** Bodies that are views on the chunk that they came in. */

/**
 * A part of a chunk, as a Uint8Array and nothing more. The chunk is kept until it is forgotten: its
 * memory is asked for once for all of its bodies, because that costs as much as one of them.
 */
export function viewOn(chunk: Uint8Array, start: number, length: number): Uint8Array {
  if (chunk !== viewed.chunk) {
    viewed.chunk = chunk;
    viewed.memory = chunk.buffer;
    viewed.offset = chunk.byteOffset;
  }
  return new Uint8Array(viewed.memory, viewed.offset + start, length);
}

/** Lets go of the last chunk. */
export function forgetViewed(): void {
  if (viewed.chunk === NOTHING) return;
  viewed.chunk = NOTHING;
  viewed.memory = NO_MEMORY;
}

const NOTHING = new Uint8Array(0);
const NO_MEMORY = NOTHING.buffer as ArrayBufferLike;
const viewed = { chunk: NOTHING as Uint8Array, memory: NO_MEMORY, offset: 0 };
