/** An end that comes, whatever the peer does. */

import { type Clock, LONGEST_MS } from "../session/clock.ts";
import { checkedMs } from "../session/settings.ts";

/** How long an end may make no progress before it is forced, unless told otherwise. */
const CLOSE_TIMEOUT_MS = 10_000;

/**
 * The same, as an application wants it; `Infinity`: an end may take for ever.
 *
 * @throws {ProtocolError} `invalid-option`
 */
export function closeTimeout(ms: number | undefined): number {
  return ms === undefined ? CLOSE_TIMEOUT_MS : checkedMs("closeTimeoutMs", ms);
}

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
  if (timeoutMs === Number.POSITIVE_INFINITY) return () => {};
  const ms = Math.min(timeoutMs, LONGEST_MS);
  let timer = clock.setTimeout(look, ms);
  return () => clock.clearTimeout(timer);

  function look(): void {
    const now = remaining();
    if (now === before) {
      cut();
    } else {
      before = now;
      timer = clock.setTimeout(look, ms);
    }
  }
}
