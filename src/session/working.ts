/**
 * One thing at a time.
 *
 * A session is at work while it handles an input, and whatever arrives meanwhile (from within a
 * hook, or from within `sendData`) waits for the outer call. So every hook sees a session between
 * two steps, never within one, and a chunk of a thousand frames takes no stack.
 */

import { Timing } from "./timing.ts";

/** The order in which a session does its work. */
export abstract class Working extends Timing {
  #atWork = false;

  /** Handles one thing that waits. @returns Whether there was one. */
  protected abstract takeOne(): boolean;
  /** Throws what no hook could be told of: the session's own work is done. */
  protected abstract rethrow(): void;

  protected get isAtWork(): boolean {
    return this.#atWork;
  }

  /** Handles an input that is no bytes, such as the answer of a hook. */
  atWork(input: () => void): void {
    const outermost = this.startWork();
    try {
      input();
    } finally {
      if (outermost) this.#atWork = false;
    }
    if (outermost) this.pump();
  }

  /**
   * Goes to work, for what is done too often for a closure, and does not throw.
   *
   * @returns Whether nobody was at work yet: then `endWork()` has to follow.
   */
  protected startWork(): boolean {
    const outermost = !this.#atWork;
    this.#atWork = true;
    return outermost;
  }

  /** Is done with what was begun; next is what has come in meanwhile. */
  protected endWork(): void {
    this.#atWork = false;
    this.pump();
  }

  /** Handles all that waits, unless the call that is at work does that anyway. */
  protected pump(): void {
    if (this.#atWork) return;
    this.#atWork = true;
    try {
      while (this.takeOne()) {}
    } finally {
      this.#atWork = false;
    }
    this.rethrow();
  }
}
