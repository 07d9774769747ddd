/** Waiting for the garbage collector. */

import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const MOST_COLLECTIONS = 50;

/** Collects until something is true of what is left. @throws If it does not come true. */
export async function collected(isTrue: () => boolean): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let left = MOST_COLLECTIONS; left > 0; left--) {
    // A WeakRef is kept alive until the end of the turn that looked at it.
    await setImmediate();
    collect();
    if (isTrue()) return;
  }
  throw new Error("Something is still held that should have been collected");
}
