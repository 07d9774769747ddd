/** How much memory is held, after everything that can be freed was freed. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What tests allow beyond the limits that they are about. */
export const MEGABYTE = 1_048_576;

/** Growth that no test would object to. */
const ENOUGH_BYTES = MEGABYTE / 2;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heldBytes(): number {
  // Twice: what a finalizer frees is gone only the second time.
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/**
 * By how many bytes what this returns makes memory grow: the least of a few times, because code
 * that is compiled meanwhile takes memory too, but only once.
 */
export function grownBytes(make: () => unknown): number {
  make();
  let least = Number.POSITIVE_INFINITY;
  for (let times = 0; times < 3 && least > ENOUGH_BYTES; times++) {
    least = Math.min(least, growthOf(make));
  }
  return least;
}

/**
 * The same, beyond what the limits allow to be kept. The largest of it is remembered for the
 * checklist.
 */
export function growthBeyond(allowedBytes: number, make: () => unknown): number {
  const growth = grownBytes(make) - allowedBytes;
  largest = Math.max(largest ?? growth, growth);
  return growth;
}

/** The largest growth since this was asked for last; undefined if none was measured. */
export function takeLargestGrowth(): number | undefined {
  const taken = largest;
  largest = undefined;
  return taken;
}

let largest: number | undefined;

/** A function of its own: what it made is not held any more when it has returned. */
function growthOf(make: () => unknown): number {
  const before = heldBytes();
  const made = [make()];
  const growth = heldBytes() - before;
  // Read afterwards, so that it is alive until then.
  return made.length * growth;
}
