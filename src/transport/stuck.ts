/** An end that comes, whatever the peer does. */

import type { Clock } from "../session/clock.ts";

/** How long an end may make no progress before it is forced, unless told otherwise. */
export const CLOSE_TIMEOUT_MS = 10_000;

/**
 * Calls `cut` as soon as `remaining` has not changed for `timeoutMs`: a slow peer may take its time,
 * one that neither reads nor ends may not.
 *
 * @param remaining How many octets are still to be sent.
 * @returns Stops watching.
 */
export function whenStuck(
  clock: Clock,
  timeoutMs: number,
  remaining: () => number,
  cut: () => void,
): () => void {
  let before = remaining();
  let timer = clock.setTimeout(look, timeoutMs);
  return () => clock.clearTimeout(timer);

  function look(): void {
    const now = remaining();
    if (now === before) {
      cut();
    } else {
      before = now;
      timer = clock.setTimeout(look, timeoutMs);
    }
  }
}
