/**
 * What both roles share, on top: what is received, frame by frame and in order, and when reading
 * has to stop.
 *
 * A session is one object, because a hundred thousand idle ones are weighed; its purposes are
 * layers, each in a file of its own: time in `timing.ts`, one thing at a time in `working.ts`, the
 * end in `finishing.ts`, what is sent in `sending.ts`, and what is received here.
 */

import { ProtocolError } from "../errors.ts";
import { DIALECTS } from "../protocol/dialect.ts";
import type { Frame } from "../protocol/frame.ts";
import type { FrameLimits } from "../protocol/limits.ts";
import { FrameParser } from "../protocol/parser.ts";
import { isBytes } from "../protocol/plain-bytes.ts";
import { encodeUtf8 } from "../protocol/utf8.ts";
import type { Version } from "../protocol/version.ts";
import type { Receiver } from "./link.ts";
import { isObserved, type Outputs } from "./outputs.ts";
import { Sending } from "./sending.ts";
import type { Settings } from "./settings.ts";
import { trimmed } from "./trimming.ts";

/** While a hook is pending, this much may be received ahead before reading stops. */
const READ_AHEAD_BYTES = 65_536;

/** What is left of a parser once nothing is processed any more. */
const nothing = (): undefined => undefined;
const DISCARDING = {
  unfinished: false,
  unreadBytes: 0,
  push: nothing,
  next: nothing,
  keep: nothing,
  spend: nothing,
};

/**
 * @throws {ProtocolError} `invalid-option` for what is no bytes: it would be lost without a word, or
 * misread.
 */
function checkedChunk(chunk: Uint8Array): Uint8Array {
  if (isBytes(chunk)) return chunk;
  throw new ProtocolError("invalid-option", "receiveData() takes a Uint8Array or a string");
}

/** The life of one connection; what is particular to a role is in `ClientCore` and `ServerCore`. */
export abstract class SessionCore<Hooks extends Outputs = Outputs>
  extends Sending<Hooks>
  implements Receiver
{
  #parser: FrameParser | typeof DISCARDING;
  #paused = false;
  #readingStopped = false;

  constructor(settings: Settings, limits: Readonly<FrameLimits>) {
    super(settings);
    const { copyBodies, strict } = settings;
    this.#parser = new FrameParser({ limits, copyBodies, strict, introducing: true });
  }

  receiveData(chunk: Uint8Array | string): boolean {
    if (this.hasEnded) return true;
    const bytes = typeof chunk === "string" ? encodeUtf8(chunk) : checkedChunk(chunk);
    this.stampReceived();
    const { copyBodies, limits } = this.settings;
    const waiting = this.#parser.unreadBytes + bytes.length;
    if (this.held && waiting > limits.maxPendingBytes && this.#parser !== DISCARDING) {
      this.atWork(() => this.overflow(limits.maxPendingBytes));
    } else {
      this.#parser.push(bytes);
      try {
        this.pump();
      } finally {
        // Whoever wants copies may read into the same memory again, whatever has to wait, or was thrown.
        if (copyBodies) this.#parser.keep(bytes);
      }
    }
    return this.wantsMore();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.pump();
  }

  /** Whether a hook has not answered, or what came behind it has not had its turn. */
  protected abstract get answering(): boolean;
  /** Whether frames have to wait for that. */
  protected abstract get blocked(): boolean;
  /** Handles what came behind a hook and has waited for it, if its turn has come. @returns Whether it had. */
  protected abstract takeHeld(): boolean;
  /** Handles the frame that is next in order. */
  protected abstract received(frame: Frame): void;
  /** Bytes came that are no frame, next in order. */
  protected abstract malformed(error: ProtocolError): void;

  /** The version and the limits hold from the next frame on. */
  protected speak(version: Version, limits: Readonly<FrameLimits>): void {
    this.dialect = DIALECTS[version];
    // Who has not agreed on a version yet, or just has, is not muted.
    const parser = this.#parser as FrameParser;
    parser.version = version;
    parser.limits = limits;
  }

  protected override mute(): void {
    this.#parser.spend();
    this.#parser = DISCARDING;
  }

  protected override get unfinished(): boolean {
    return this.#parser.unfinished;
  }

  protected override get isListening(): boolean {
    return !this.#readingStopped && this.transportEnd === undefined;
  }

  protected override takeOne(): boolean {
    if (this.isEnding) return false;
    if (this.becomeWritable()) return true;
    if (!this.held) {
      const frame = this.nextFrame();
      if (frame !== undefined) {
        this.received(frame);
        return true;
      }
    } else if (this.takeHeld()) {
      return true;
    }
    const end = this.transportEnd;
    if (end !== undefined && !this.completes(end.reason)) {
      this.endOfTransport(end.reason);
      return false;
    }
    return this.readOn();
  }

  protected get isPaused(): boolean {
    return this.#paused;
  }

  /** Whether received frames have to wait. */
  private get held(): boolean {
    return this.#paused || this.blocked;
  }

  private nextFrame(): Frame | undefined {
    let frame: Frame | undefined;
    try {
      frame = this.#parser.next();
    } catch (error) {
      this.malformed(error as ProtocolError);
      return undefined;
    }
    if (frame === undefined) return undefined;
    if (isObserved(this.hooks)) {
      this.observe("in", frame);
      // The observer may have ended the session.
      if (this.isEnding) return undefined;
    }
    return this.dialect?.trims === true ? trimmed(frame) : frame;
  }

  private wantsMore(): boolean {
    if (this.hasEnded || !(this.#paused || this.farAhead)) return true;
    this.#readingStopped = true;
    return false;
  }

  /** Whether more waits behind a hook than it takes to go on at once when it answers. */
  private get farAhead(): boolean {
    const bytes = Math.min(READ_AHEAD_BYTES, this.settings.limits.maxPendingBytes / 4);
    return this.blocked && this.#parser.unreadBytes >= bytes;
  }

  /** Reads on if reading has stopped and need not any more. @returns Whether it does. */
  private readOn(): boolean {
    if (!this.#readingStopped || this.isEnding || this.transportEnd !== undefined) return false;
    if (!this.wantsMore()) return false;
    this.#readingStopped = false;
    // The peer's silence counts from now on.
    this.stampReceived();
    try {
      this.hooks.resumeReading();
    } catch (cause) {
      this.transportFailed("resumeReading", cause);
    }
    return true;
  }

  private overflow(maxPendingBytes: number): void {
    const text = `More than ${maxPendingBytes} bytes wait for the application`;
    this.failed(new ProtocolError("pending-overflow", text));
  }

  /**
   * Whether what came before the transport's end is completed first: a peer may send all it has
   * and close its side, and what it sent counts. The time for that is what is left to connect or
   * disconnect, or that of a DISCONNECT from now on.
   */
  private completes(reason: unknown): boolean {
    if (reason !== undefined) return false;
    if (!this.answering && (!this.#paused || this.#parser.unreadBytes === 0)) return false;
    if (!this.isLimited) this.limit();
    return true;
  }
}
