/** What a session calls, and what is called unless a subclass says otherwise. */

import type { Frame } from "../protocol/frame.ts";
import type { MaybePromise } from "./hooks.ts";

/** The outputs of a session: `send…` and `resumeReading` are the transport's, `on…` the application's. */
export abstract class SessionOutputs {
  /**
   * Sends bytes: one whole frame or one end-of-line. They are not written to again, and not to be
   * written to: other frames may share them, and the memory that they are a part of.
   *
   * @returns false: taken, but saturated until `drained()` is called.
   */
  protected abstract sendData(data: Uint8Array<ArrayBuffer>): boolean | void;

  /** Ends the transport: after what was given is sent, or at once. Called exactly once, on every path. */
  protected abstract sendEnd(how: "flush" | "now"): void;

  /**
   * Sends one frame in several pieces, so that a large body is not copied: one of them may be the
   * application's own bytes. The default puts them together and calls `sendData`.
   */
  protected sendParts(parts: readonly Uint8Array<ArrayBuffer>[]): boolean | void {
    return this.sendData(joined(parts));
  }

  /** Reading may go on after a `receiveData` that returned false. The default does nothing. */
  protected resumeReading(): void {}

  /**
   * The transport can take data again. A promise is not awaited; one that is rejected is the failure of
   * a hook. The default does nothing.
   */
  protected onWritable(): MaybePromise<void> {}

  /** Sees every frame that comes in or goes out, passcodes redacted. Costs nothing unless overridden. */
  protected onFrame(_direction: "in" | "out", _frame: Frame): void {}
}

/** The same, as the session sees it that calls them. */
export interface Outputs {
  sendData(data: Uint8Array<ArrayBuffer>): boolean | void;
  sendEnd(how: "flush" | "now"): void;
  sendParts(parts: readonly Uint8Array<ArrayBuffer>[]): boolean | void;
  resumeReading(): void;
  onWritable(): MaybePromise<void>;
  onFrame(direction: "in" | "out", frame: Frame): void;
}

/** A frame as it is sent: whole, or in pieces. */
export type Encoded = Uint8Array<ArrayBuffer> | readonly Uint8Array<ArrayBuffer>[];

/** Whether anybody looks at frames. */
export function isObserved(outputs: Outputs): boolean {
  return outputs.onFrame !== DEFAULTS.onFrame;
}

/** Whether large bodies are better given as pieces of their own. */
export function takesParts(outputs: Outputs): boolean {
  return outputs.sendParts !== DEFAULTS.sendParts;
}

/** The pieces of a frame, put together. */
export function joined(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// An override is recognised by not being one of these.
const DEFAULTS = SessionOutputs.prototype as unknown as Outputs;
