/** How much memory is held, after everything that can be freed was freed. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What tests allow beyond the limits that they are about. */
export const MEGABYTE = 1_048_576;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heldBytes(): number {
  // Twice: what a finalizer frees is gone only the second time.
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** By how many bytes what this returns has made memory grow. */
export function grownBytes(make: () => unknown): number {
  make();
  const before = heldBytes();
  const made = make();
  const after = heldBytes();
  // Read afterwards, so that it is alive until then.
  return made === undefined ? after - before : Math.max(0, after - before);
}
