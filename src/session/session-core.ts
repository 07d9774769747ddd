/**
 * What both roles share: bytes in, frames out in order, failing and closing.
 *
 * A session is at work while it handles an input, and whatever arrives meanwhile (from within a
 * hook, or from within `sendData`) waits for the outer call. So every hook sees a session between
 * two steps, never within one, and a chunk of a thousand frames takes no stack.
 */

import { ConnectionError, ProtocolError, type StompError } from "../errors.ts";
import { DIALECTS, type Dialect } from "../protocol/dialect.ts";
import { type ContentLength, encodeFlat, encodeParts } from "../protocol/encoder.ts";
import type { Frame } from "../protocol/frame.ts";
import type { FrameLimits } from "../protocol/limits.ts";
import { FrameParser } from "../protocol/parser.ts";
import { encodeUtf8 } from "../protocol/utf8.ts";
import type { Version } from "../protocol/version.ts";
import type { HeartBeat } from "./heartbeat.ts";
import type { Receiver } from "./link.ts";
import { decoded, redacted } from "./observation.ts";
import type { Settings } from "./settings.ts";
import { next, type State, type Step } from "./state.ts";
import { type Timed, Timing } from "./timing.ts";
import { trimmed } from "./trimming.ts";

/** How a session ended. */
export interface Closing {
  /**
   * - `disconnect`: DISCONNECT was sent or received, or `disconnect()` called
   * - `ended`: the transport ended without a word
   * - `lost`: the link failed, or time ran out
   * - `error`: one side violated the protocol or refused the other
   */
  readonly reason: "disconnect" | "ended" | "lost" | "error";
  /** What `onError` was told, or what the application ended the session with. */
  readonly error: StompError | undefined;
  /** What lies behind it: the reason that the transport or the application gave. */
  readonly cause: unknown;
  /** The transport ended within a frame. */
  readonly truncated: boolean;
}

/** How a session is to end. */
export interface Ending {
  readonly reason: Closing["reason"];
  readonly how: "flush" | "now";
  readonly error?: StompError | undefined;
  /** Whether `onError` is told. */
  readonly reported?: boolean;
  /** The frame at fault. */
  readonly frame?: Frame | undefined;
  readonly cause?: unknown;
}

/** A frame as it is sent: whole, or in pieces. */
export type Encoded = Uint8Array<ArrayBuffer> | readonly Uint8Array<ArrayBuffer>[];

/** While a hook is pending, this much may be received ahead before reading stops. */
const READ_AHEAD_BYTES = 65_536;
/** A body of this size goes out as a piece of its own, where the transport takes pieces. */
export const PIECE_BYTES = 4_096;
const END_OF_LINE: Uint8Array<ArrayBuffer> = Uint8Array.of(10);

/** What is left of a parser once nothing is processed any more. */
const DISCARDING = {
  unfinished: false,
  unreadBytes: 0,
  push(): void {},
  next(): undefined {},
};

/** What a session calls: the members of the public class, which an application's subclass may override. */
export interface Outputs {
  sendData(data: Uint8Array<ArrayBuffer>): boolean | void;
  sendEnd(how: "flush" | "now"): void;
  sendParts(parts: readonly Uint8Array<ArrayBuffer>[]): boolean | void;
  resumeReading(): void;
  onWritable(): void;
  onFrame(direction: "in" | "out", frame: Frame): void;
}

/** The life of one connection; what is particular to a role is in `ClientCore` and `ServerCore`. */
export abstract class SessionCore<Hooks extends Outputs = Outputs> implements Receiver, Timed {
  /** What is spoken; undefined until it was agreed. */
  dialect: Dialect | undefined = undefined;
  protected readonly settings: Settings;
  /** Given by `attach`, before anything else can be called. */
  declare protected hooks: Hooks;
  /** The members as they are unless overridden. */
  #defaults: Outputs | undefined = undefined;
  #state: State = "idle";
  #parser: FrameParser | typeof DISCARDING;
  readonly #timing: Timing;
  #atWork = false;
  #paused = false;
  #readingStopped = false;
  #writable = true;
  #drained = false;
  /** The transport has ended, and what came before its end is still to be handled. */
  #end: { readonly reason: unknown } | undefined = undefined;
  /** The first exception out of `onError` or `onClose`, for whoever called the session. */
  #uncaught: { readonly error: unknown } | undefined = undefined;

  constructor(settings: Settings, limits: Readonly<FrameLimits>) {
    this.settings = settings;
    this.#parser = new FrameParser({
      limits,
      copyBodies: settings.copyBodies,
      strict: settings.strict,
    });
    this.#timing = new Timing(this, settings);
  }

  /** Joins the core with the public class around it. */
  attach(hooks: Hooks, defaults: Outputs): void {
    this.hooks = hooks;
    this.#defaults = defaults;
  }

  get state(): State {
    return this.#state;
  }

  get version(): Version | undefined {
    return this.dialect?.version;
  }

  get writable(): boolean {
    return this.#writable;
  }

  receiveData(chunk: Uint8Array | string): boolean {
    if (this.#state === "closed") return true;
    const bytes = typeof chunk === "string" ? encodeUtf8(chunk) : chunk;
    this.#timing.received();
    const { maxPendingBytes } = this.settings.limits;
    if (this.#held && this.#parser.unreadBytes + bytes.length > maxPendingBytes) {
      this.atWork(() => this.#overflow(maxPendingBytes));
    } else {
      this.#parser.push(bytes);
      this.#pump();
    }
    return this.#wantsMore();
  }

  receiveEnd(reason?: unknown): void {
    if (this.#state === "closed") return;
    this.#end ??= { reason };
    this.#pump();
  }

  drained(): void {
    if (this.#state === "closed") return;
    this.#drained = true;
    this.#pump();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#pump();
  }

  /** Whether frames have to wait for a hook. */
  protected abstract get blocked(): boolean;
  /** Handles the frame that is next in order. */
  protected abstract received(frame: Frame): void;
  /** Bytes came that are no frame, next in order. */
  protected abstract malformed(error: ProtocolError): void;
  /** Ends the session for what the peer or the link did wrong, and tells the peer where there is a way. */
  protected abstract failed(error: StompError, frame?: Frame): void;
  /** A hook threw that answers no frame. */
  protected abstract hookFailed(cause: unknown): void;
  /** Settles what is open. @returns How to call `onClose`. */
  protected abstract settled(closing: Closing): () => void;
  /** Calls `onError`. */
  protected abstract told(error: StompError, frame: Frame | undefined): void;
  /** Settles what else is due. */
  abstract overdue(nowMs: number): void;
  /** When anything else is due. */
  abstract get overdueMs(): number;

  /** Takes a step that the state allows. */
  protected advance(step: Step): void {
    this.#state = next(this.#state, step) as State;
  }

  /** What is awaited has to come in time. */
  protected watch(awaited: "connect-timeout" | "disconnect-timeout"): void {
    this.#timing.limit(awaited);
  }

  /** What else has a deadline has changed. */
  protected watchMore(): void {
    this.#timing.watch();
  }

  /** The version and the limits hold from the next frame on. */
  protected speak(version: Version, limits: Readonly<FrameLimits>): void {
    this.dialect = DIALECTS[version];
    if (this.#parser === DISCARDING) return;
    const parser = this.#parser as FrameParser;
    parser.version = version;
    parser.limits = limits;
  }

  /** Heart-beats are kept as agreed, from now on. */
  protected connected(agreed: HeartBeat): void {
    this.#timing.connected(agreed);
  }

  /** Whether large bodies are better given as pieces of their own. */
  protected get takesParts(): boolean {
    return this.hooks.sendParts !== this.#defaults?.sendParts;
  }

  /**
   * Encodes a frame for `put`, so that what cannot be encoded throws before anything has
   * changed. Headers are flat: name, value, name, value.
   */
  protected encode(
    command: string,
    headers: readonly string[],
    body: Uint8Array,
    spoken: Dialect,
    contentLength: ContentLength,
    trailingLineFeed: boolean,
  ): Encoded {
    const encoder = body.length >= PIECE_BYTES && this.takesParts ? encodeParts : encodeFlat;
    return encoder(command, headers, body, spoken, contentLength, trailingLineFeed);
  }

  /** Sends one whole frame, or the pieces of one. */
  protected put(frame: Encoded): void {
    if (this.#state === "closed") return;
    if (this.#isObserved) {
      const bytes = frame instanceof Uint8Array ? frame : joined(frame);
      this.#observe("out", decoded(bytes, this.dialect));
    }
    this.#send(frame);
  }

  /** From now on nothing that is received is processed. */
  protected mute(): void {
    this.#parser = DISCARDING;
  }

  /** Calls `onError`; what it throws is for whoever called the session. */
  protected report(error: StompError, frame?: Frame): void {
    this.#guard(() => this.told(error, frame));
  }

  /** Ends the session, once; the last hook has been called when this returns. */
  protected finish(ending: Ending): void {
    if (this.#state === "closed") return;
    const truncated = this.#parser.unfinished;
    this.mute();
    this.advance("end");
    this.#timing.stop();
    let { error, cause, reported } = ending;
    try {
      this.hooks.sendEnd(ending.how);
    } catch (thrown) {
      cause ??= thrown;
      if (error === undefined) {
        error = new ConnectionError("transport-failed", "sendEnd threw", { cause: thrown });
        reported = true;
      }
    }
    const close = this.settled({ reason: ending.reason, error, cause, truncated });
    if (reported === true && error !== undefined) this.report(error, ending.frame);
    this.#guard(close);
    this.#rethrow();
  }

  /** Handles an input that is no bytes, such as the answer of a hook. */
  protected atWork(input: () => void): void {
    const outermost = !this.#atWork;
    this.#atWork = true;
    try {
      input();
    } finally {
      if (outermost) this.#atWork = false;
    }
    if (outermost) this.#pump();
  }

  /** A heart-beat is due. */
  beat(): void {
    // A saturated transport still has something on the way.
    if (this.#writable) this.#send(END_OF_LINE);
  }

  /** Something took too long. */
  timedOut(error: ConnectionError): void {
    if (this.#end !== undefined) {
      this.finish({ reason: "ended", how: "now" });
    } else if (error.code === "stalled" || error.code === "disconnect-timeout") {
      this.finish({ reason: "lost", how: "now", error, reported: true });
    } else {
      this.atWork(() => this.failed(error));
    }
  }

  /** Whether received frames have to wait. */
  get #held(): boolean {
    return this.#paused || this.blocked;
  }

  get #isObserved(): boolean {
    return this.hooks.onFrame !== this.#defaults?.onFrame;
  }

  #pump(): void {
    if (this.#atWork) return;
    this.#atWork = true;
    try {
      while (this.#takeOne()) {}
    } finally {
      this.#atWork = false;
    }
    this.#rethrow();
  }

  /** Handles one thing that waits. @returns Whether there was one. */
  #takeOne(): boolean {
    if (this.#state === "closed") return false;
    if (this.#drained) {
      this.#drained = false;
      this.#becomeWritable();
      return true;
    }
    if (!this.#held) {
      const frame = this.#nextFrame();
      if (frame !== undefined) {
        this.received(frame);
        return true;
      }
    }
    if (this.#end !== undefined && !this.#completes(this.#end.reason)) {
      this.#endOfTransport(this.#end.reason);
      return false;
    }
    return this.#readOn();
  }

  #nextFrame(): Frame | undefined {
    let frame: Frame | undefined;
    try {
      frame = this.#parser.next();
    } catch (error) {
      this.malformed(error as ProtocolError);
      return undefined;
    }
    if (frame === undefined) return undefined;
    if (this.#isObserved) this.#observe("in", frame);
    return this.dialect?.trims === true ? trimmed(frame) : frame;
  }

  #wantsMore(): boolean {
    if (this.#state === "closed" || !(this.#paused || this.#farAhead)) return true;
    if (!this.#readingStopped) this.#timing.listen(false);
    this.#readingStopped = true;
    return false;
  }

  /** Whether more waits behind a hook than it takes to go on at once when it answers. */
  get #farAhead(): boolean {
    const bytes = Math.min(READ_AHEAD_BYTES, this.settings.limits.maxPendingBytes / 4);
    return this.blocked && this.#parser.unreadBytes >= bytes;
  }

  /** Reads on if reading has stopped and need not any more. @returns Whether it does. */
  #readOn(): boolean {
    if (!this.#readingStopped || !this.#wantsMore()) return false;
    this.#readingStopped = false;
    this.#timing.listen(true);
    try {
      this.hooks.resumeReading();
    } catch (cause) {
      this.#transportFailed("resumeReading", cause);
    }
    return true;
  }

  #becomeWritable(): void {
    if (this.#writable) return;
    this.#writable = true;
    this.#timing.saturated(false);
    try {
      this.hooks.onWritable();
    } catch (cause) {
      this.hookFailed(cause);
    }
  }

  #overflow(maxPendingBytes: number): void {
    const text = `More than ${maxPendingBytes} bytes wait for the application`;
    this.failed(new ProtocolError("pending-overflow", text));
  }

  /**
   * Whether what came before the transport's end is completed first: a peer may send all it has
   * and close its side, and what it sent counts. The time for that is that of a DISCONNECT.
   */
  #completes(reason: unknown): boolean {
    if (reason !== undefined || this.#state !== "connected" || !this.#held) return false;
    if (!this.blocked && this.#parser.unreadBytes === 0) return false;
    this.#timing.limit("disconnect-timeout");
    return true;
  }

  #endOfTransport(cause: unknown): void {
    if (this.#state === "disconnecting") {
      // Once DISCONNECT is on its way, the peer may end in whatever manner.
      this.finish({ reason: "disconnect", how: "flush", cause });
    } else if (cause === undefined) {
      this.finish({ reason: "ended", how: "flush" });
    } else {
      const error = new ConnectionError("connection-lost", "The transport failed", { cause });
      this.finish({ reason: "lost", how: "now", error, reported: true, cause });
    }
  }

  #send(frame: Encoded): void {
    const outermost = !this.#atWork;
    this.#atWork = true;
    this.#timing.sent();
    const whole = frame instanceof Uint8Array;
    try {
      const taken = whole ? this.hooks.sendData(frame) : this.hooks.sendParts(frame);
      if (taken === false && this.#writable) {
        this.#writable = false;
        this.#timing.saturated(true);
      }
    } catch (cause) {
      this.#transportFailed(whole ? "sendData" : "sendParts", cause);
    }
    if (!outermost) return;
    this.#atWork = false;
    this.#pump();
  }

  #transportFailed(member: string, cause: unknown): void {
    const error = new ConnectionError("transport-failed", `${member} threw`, { cause });
    this.finish({ reason: "lost", how: "now", error, reported: true, cause });
  }

  #observe(direction: "in" | "out", frame: Frame | undefined): void {
    if (frame === undefined) return;
    try {
      this.hooks.onFrame(direction, redacted(frame));
    } catch (cause) {
      this.hookFailed(cause);
    }
  }

  #guard(hook: () => void): void {
    try {
      hook();
    } catch (error) {
      this.#uncaught ??= { error };
    }
  }

  /** Throws what `onError` or `onClose` threw, once the session's own work is done. */
  #rethrow(): void {
    if (this.#atWork || this.#uncaught === undefined) return;
    const { error } = this.#uncaught;
    this.#uncaught = undefined;
    throw error;
  }
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
