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
  const power = powerFor(2 * Math.max(octets, FEW));
  return SPARE[power]?.pop() ?? allocate(1 << power);
}

/** Takes a room that was left and is nobody's any more; only some are worth keeping. */
export function leaveRoom(room: Uint8Array<ArrayBuffer>): void {
  const power = powerFor(room.length);
  const spare = SPARE[power];
  if (room.length === 1 << power && spare !== undefined && spare.length < MOST_SPARE) {
    spare.push(room);
  }
}

/** Room for twice as many fits into the heap of V8, where it costs next to nothing. */
const FEW = 32;
const LARGEST = 65_536;
/** So many of each size are kept: half a mebibyte of them all at the most. */
const MOST_SPARE = 4;

/** By the power of two that is their size. */
const SPARE: readonly (Uint8Array<ArrayBuffer>[] | undefined)[] = Array.from(
  { length: powerFor(LARGEST) + 1 },
  (_, power) => (1 << power > 2 * FEW ? [] : undefined),
);

/** The smallest power of two that is no less. */
function powerFor(octets: number): number {
  return 32 - Math.clz32(octets - 1);
}
