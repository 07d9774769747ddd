/** Time that passes when a test says so. */

import type { Clock } from "../session/clock.ts";

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/**
 * A clock moved by hand. It begins at 0, and timers fire only from within {@link advance} and
 * {@link jump}: what takes hours takes no time in a test, and happens the same way every time.
 */
export class ManualClock implements Clock {
  #nowMs = 0;
  /** In the order in which they were set, which is the order of those due at the same moment. */
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#nowMs;
  }

  /** Like that of a platform, it takes at least a millisecond. */
  setTimeout(callback: () => void, ms: number): unknown {
    const timer = { atMs: this.#nowMs + Math.max(1, ms), callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as Timer);
  }

  /** How many timers are set. None are left when everything that used the clock has ended. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer is due; undefined if none is set. */
  get untilNextMs(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : Math.max(0, next.atMs - this.#nowMs);
  }

  /**
   * Lets so many milliseconds pass. Each timer fires at its own moment, also those that are set on
   * the way. What a callback throws comes out of here, at the moment of that timer.
   */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let next = this.#next(); next !== undefined && next.atMs <= untilMs; next = this.#next()) {
      // After a jump it may be overdue.
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#fire(next);
    }
    // What was called may have advanced it further.
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /**
   * Lets so many milliseconds pass at once, as for a machine that was suspended: whatever was due
   * meanwhile fires late, once, at the end.
   */
  jump(ms: number): void {
    this.#nowMs += ms;
    this.advance(0);
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (next === undefined || timer.atMs < next.atMs) next = timer;
    }
    return next;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    timer.callback();
  }
}
