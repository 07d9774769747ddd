/** Where time comes from, and how exactly it is kept. */

// What every platform gives, and no more of it than is used.
declare const setTimeout: (callback: () => void, ms: number) => unknown;
declare const clearTimeout: (handle: unknown) => void;
declare const performance: { now(): number };

/** A source of time. Sessions on the same clock share its timer. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Calls back once, after so many milliseconds. */
  setTimeout(callback: () => void, ms: number): unknown;
  /** Takes a callback back. */
  clearTimeout(handle: unknown): void;
}

/** The clock of the platform. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (handle) => clearTimeout(handle),
};

/** Deadlines are kept to this many milliseconds: what is due comes up to a tick late, never early. */
export const TICK_MS = 50;

/** A moment that does not come. */
export const NEVER: number = Number.POSITIVE_INFINITY;

/** Platforms take a longer timer for none at all, and fire at once. */
export const LONGEST_MS = 2_147_483_647;

/** No platform that is awake is as late as that with its timers. */
const SLEPT_MS = 1_000;

/**
 * How much more time is granted if a deadline was looked at so late. Then the machine slept, and
 * what was awaited may be waiting in turn: for as long as that, one more interval at the most.
 */
export function grace(lateMs: number, intervalMs: number): number {
  // The wheel itself may be a tick late.
  return lateMs > Math.min(intervalMs, SLEPT_MS) + TICK_MS ? Math.min(lateMs, intervalMs) : 0;
}
