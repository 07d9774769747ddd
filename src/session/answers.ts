/**
 * The frames of a server session whose hooks have not answered, in frame order.
 *
 * Hooks may answer in any order, but what a client sees of it (receipts, and the ERROR that ends
 * the session) is in the order of its frames. Only SENDs outside transactions may be on the way
 * side by side: everything else waits for what is before it, and is waited for.
 */

import type { ProtocolError, StompError } from "../errors.ts";
import type { Frame } from "../protocol/frame.ts";

/** What came of a frame: the answer of its hook, or why it is refused. */
export interface Outcome {
  readonly answer?: unknown;
  readonly error?: StompError;
}

/** What came of a frame that is in order, and of which there is nothing more to say. */
export const DONE: Outcome = Object.freeze({});

/** Takes back what a frame has changed, if it is refused. */
export type Undo = () => void;

/** A frame that waits for its hook, or for its turn. */
export interface Pending {
  readonly frame: Frame;
  readonly undo: Undo | undefined;
  outcome: Outcome | undefined;
}

/** The frames that are not answered. */
export class Answers {
  readonly #pending: Pending[] = [];
  #next: Frame | ProtocolError | undefined = undefined;
  #refused = false;

  /** Whether there is any. */
  get waiting(): boolean {
    return this.#pending.length > 0;
  }

  /** Whether there is any, or what came behind it has not had its turn. */
  get open(): boolean {
    return this.waiting || this.#next !== undefined;
  }

  /** Whether the next frame must not be looked at. */
  blocked(maxInFlight: number): boolean {
    if (this.#next !== undefined) return true;
    const first = this.#pending[0];
    if (first === undefined) return false;
    return this.#refused || this.#pending.length >= (isPlainSend(first.frame) ? maxInFlight : 1);
  }

  /** Keeps what is next until all that is pending is answered. */
  hold(next: Frame | ProtocolError): void {
    this.#next = next;
  }

  /** What was kept, if its turn has come. */
  release(): Frame | ProtocolError | undefined {
    if (this.waiting) return undefined;
    const next = this.#next;
    this.#next = undefined;
    return next;
  }

  add(pending: Pending): void {
    this.#pending.push(pending);
    this.#note(pending);
  }

  /** The outcome of one is known. */
  settle(pending: Pending, outcome: Outcome): void {
    pending.outcome = outcome;
    this.#note(pending);
  }

  /** The first one, if its outcome is known. */
  takeReady(): Pending | undefined {
    return this.#pending[0]?.outcome === undefined ? undefined : this.#pending.shift();
  }

  /** One that is refused will end the session: what comes behind it must not be looked at any more. */
  #note({ outcome }: Pending): void {
    if (outcome?.error !== undefined) this.#refused = true;
  }
}

/** Whether a frame may be handed to its hook while others of its kind are pending. */
export function isPlainSend({ command, headers }: Frame): boolean {
  return command === "SEND" && !headers.has("transaction");
}
