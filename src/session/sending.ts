/**
 * What a session sends: encoded before anything has changed, shown to whoever observes it, and
 * given to a transport that may be full.
 *
 * Sending never waits: a transport that says it is saturated has taken the frame all the same, and
 * it is the application that is told when there is room again.
 */

import type { Dialect } from "../protocol/dialect.ts";
import { type ContentLength, encodeFlat, encodeParts } from "../protocol/encoder.ts";
import { FixedOctets } from "../protocol/fixed-octets.ts";
import type { Frame } from "../protocol/frame.ts";
import { LINE_FEED } from "../protocol/octets.ts";
import { encodeUtf8 } from "../protocol/utf8.ts";
import type { Version } from "../protocol/version.ts";
import { Finishing } from "./finishing.ts";
import { isPending } from "./hooks.ts";
import { decoded, redacted } from "./observation.ts";
import { type Encoded, isObserved, joined, type Outputs, takesParts } from "./outputs.ts";

/** A body of this size goes out as a piece of its own, where the transport takes pieces. */
export const PIECE_BYTES = 4_096;
const END_OF_LINE = new FixedOctets(LINE_FEED);

/**
 * Whether the transport takes data. `early`: it said `drained()` while it was being given some, so
 * if it says that it is saturated, that is over already.
 */
type Writing = "free" | "saturated" | "drained" | "early";

/** How a session gets its frames to the transport. */
export abstract class Sending<Hooks extends Outputs> extends Finishing<Hooks> {
  /** What is spoken; undefined until it was agreed. */
  dialect: Dialect | undefined = undefined;
  #writing: Writing = "free";

  get version(): Version | undefined {
    return this.dialect?.version;
  }

  get writable(): boolean {
    return this.#writing !== "saturated";
  }

  drained(): void {
    if (this.#writing === "saturated") this.#writing = "drained";
    else if (this.#writing === "free" && this.isAtWork) this.#writing = "early";
    this.pump();
  }

  /** A hook threw that answers no frame. */
  protected abstract hookFailed(cause: unknown): void;

  /**
   * Encodes a frame for `put`, so that what cannot be encoded throws before anything has
   * changed. Headers are flat: name, value, name, value.
   */
  protected encode(
    command: string,
    headers: readonly string[],
    body: Uint8Array | string,
    spoken: Dialect,
    contentLength: ContentLength,
    trailingLineFeed: boolean,
  ): Encoded {
    if (body.length < PIECE_BYTES || !takesParts(this.hooks)) {
      return encodeFlat(command, headers, body, spoken, contentLength, trailingLineFeed);
    }
    const bytes = typeof body === "string" ? encodeUtf8(body) : body;
    return encodeParts(command, headers, bytes, spoken, contentLength, trailingLineFeed);
  }

  override put(frame: Encoded): void {
    if (this.hasEnded) return;
    // Read back before it is sent: a transport may give away what it is given.
    this.send(frame, isObserved(this.hooks) ? this.readBack(frame) : undefined);
  }

  /** Shows a frame to whoever observes the session. */
  protected observe(direction: "in" | "out", frame: Frame): void {
    try {
      this.hooks.onFrame(direction, redacted(frame));
    } catch (cause) {
      // While the session ends there is nobody else to tell.
      if (this.isEnding) this.throwLater(cause);
      else this.hookFailed(cause);
    }
  }

  /** Tells the application that there is room again, if there is. @returns Whether there was that to tell. */
  protected becomeWritable(): boolean {
    if (this.#writing !== "drained") return false;
    this.#writing = "free";
    this.saturated(false);
    try {
      const answer = this.hooks.onWritable();
      if (isPending(answer)) this.watchOver(answer);
    } catch (cause) {
      this.hookFailed(cause);
    }
    return true;
  }

  /** A hook that answers no frame is not waited for; that it rejects is told all the same. */
  protected watchOver(answer: Promise<void>): void {
    Promise.resolve(answer).then(undefined, (cause) => {
      // After the end it would be nobody's: mostly it is the end that made it fail.
      if (!this.hasEnded) this.hookFailed(cause);
    });
  }

  protected override beat(): void {
    // A saturated transport still has something on the way.
    if (this.writable) this.send(END_OF_LINE.octets);
  }

  private send(frame: Encoded, observed?: Frame): void {
    this.stampSent();
    const outermost = this.startWork();
    // That there was room again is still to be told, but is not about this frame.
    const owed = this.#writing === "drained";
    if (owed || this.#writing === "early") this.#writing = "free";
    const whole = frame instanceof Uint8Array;
    try {
      const taken = whole ? this.hooks.sendData(frame) : this.hooks.sendParts(frame);
      if (taken === false) this.saturate();
      else if (owed && this.writable) this.#writing = "drained";
    } catch (cause) {
      this.transportFailed(whole ? "sendData" : "sendParts", cause);
    }
    if (observed !== undefined && !this.hasEnded) this.observe("out", observed);
    if (outermost) this.endWork();
  }

  /** Unless `drained()` has come from within the same call: then that is over already. */
  private saturate(): void {
    if (this.#writing === "early") {
      this.#writing = "drained";
    } else if (this.#writing === "free") {
      this.#writing = "saturated";
      this.saturated(true);
    }
  }

  private readBack(frame: Encoded): Frame | undefined {
    return decoded(frame instanceof Uint8Array ? frame : joined(frame), this.dialect);
  }
}
