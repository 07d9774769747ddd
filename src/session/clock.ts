/** Where time comes from. */

/** A source of time. Sessions on the same clock share its timer. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}
