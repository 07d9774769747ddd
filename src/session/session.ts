/** The public class that clients and servers have in common; what it does is in `session-core.ts`. */

import type { Version } from "../protocol/version.ts";
import type { Receiver } from "./link.ts";
import { type Outputs, SessionOutputs } from "./outputs.ts";
import type { SessionCore } from "./session-core.ts";
import type { Snapshot } from "./snapshot.ts";
import type { State } from "./state.ts";

/**
 * One connection's life, on either side. Not to be extended directly: `StompClient` and
 * `StompServer` are its two kinds.
 */
export abstract class StompSession extends SessionOutputs implements Receiver {
  readonly #core: SessionCore;

  /** @internal */
  protected constructor(core: SessionCore) {
    super();
    this.#core = core;
    // Protected members are for applications to override, and for the core to call.
    core.attach(this as unknown as Outputs);
  }

  /** Where the session is in its life. */
  get state(): State {
    return this.#core.state;
  }

  /** The version that both sides agreed on; undefined before that. */
  get version(): Version | undefined {
    return this.#core.version;
  }

  /** false from a `sendData` that returned false until `drained()`. Sending is possible all the same. */
  get writable(): boolean {
    return this.#core.writable;
  }

  /**
   * Takes what the transport received: any part of a frame, or any number of frames. A string is
   * a text message and taken as UTF-8. Never throws for what the peer sent; after the end it does
   * nothing.
   *
   * @returns false: stop reading until `resumeReading()` is called.
   */
  receiveData(chunk: Uint8Array | string): boolean {
    return this.#core.receiveData(chunk);
  }

  /**
   * Tells that the transport has ended. May be called any number of times. What came before an
   * ordinary end is still handled, even behind a hook that is pending or a `pause()`, for
   * `disconnectTimeoutMs` at most; a link that failed ends the session at once.
   *
   * @param reason What the transport knows of it, such as the exception of a connection that was
   *   reset; nothing for an ordinary end.
   */
  receiveEnd(reason?: unknown): void {
    this.#core.receiveEnd(reason);
  }

  /** Tells that what was saturated can take data again. */
  drained(): void {
    this.#core.drained();
  }

  /** Holds received frames back until `resume()`. Reading stops, and the watch over incoming heart-beats rests. */
  pause(): void {
    this.#core.pause();
  }

  /** Takes up again what `pause()` held back. */
  resume(): void {
    this.#core.resume();
  }

  /** What it takes to carry the session on in another one; may be taken at any time, also after the end. */
  abstract snapshot(): Snapshot;
}
