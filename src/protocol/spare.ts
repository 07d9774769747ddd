/**
 * Rooms for bytes of which nobody knows yet how many will come.
 *
 * Such a room is left again: for a larger one, or for memory that is as long as the bytes are. To
 * make one costs more than all else that is done for a body in two chunks, so those that were left
 * are used again, by whoever needs one next. Nobody may give away what is in them but as a copy.
 */

import { allocate } from "./memory.ts";

/** A room for two to four times as many octets, with anything in it. */
export function spareRoom(octets: number): Uint8Array<ArrayBuffer> {
  if (octets > LARGEST / 2) return allocate(4 * octets);
  const size = powerFor(2 * octets);
  return SPARE[size]?.pop() ?? allocate(2 ** size);
}

/** Takes a room that was left; it may be of any size, and must not be anybody's. */
export function leave(room: Uint8Array<ArrayBuffer>): void {
  const size = powerFor(room.length);
  const spare = SPARE[size];
  if (room.length === 2 ** size && spare !== undefined && spare.length < MOST_SPARE) {
    spare.push(room);
  }
}

/** So many of each size are kept, which makes half a mebibyte of them at the most. */
const MOST_SPARE = 4;
const SMALLEST = 128;
const LARGEST = 65_536;

/** By the power of two that is their size. */
const SPARE: readonly (Uint8Array<ArrayBuffer>[] | undefined)[] = Array.from(
  { length: powerFor(LARGEST) + 1 },
  (_, power) => (2 ** power < SMALLEST ? undefined : []),
);

/** The smallest power of two that is no less. */
function powerFor(octets: number): number {
  return 32 - Math.clz32(octets - 1);
}
