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
import type { Receiver } from "./link.ts";
import { decoded, redacted } from "./observation.ts";
import { isObserved, joined, type Outputs, takesParts } from "./outputs.ts";
import type { Settings } from "./settings.ts";
import { next, type State, type Step } from "./state.ts";
import { Timing } from "./timing.ts";
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

/**
 * Whether the transport takes data. `early`: it said `drained()` while it was being given some, so
 * if it says that it is saturated, that is over already.
 */
type Writing = "free" | "saturated" | "drained" | "early";

/** What is left of a parser once nothing is processed any more. */
const nothing = (): undefined => undefined;
const DISCARDING = { unfinished: false, unreadBytes: 0, push: nothing, next: nothing };

/** What there is to know of a session that comes to its end. */
interface Last {
  /** The transport has ended, and what came before its end is still to be handled. */
  readonly end?: { readonly reason: unknown };
  /** How the session ends, once that is decided: then it sends its last frame, if there is one, and nothing else. */
  readonly ending?: Ending;
  /** The first exception that no hook can be told of, for whoever called the session. */
  readonly uncaught?: { readonly error: unknown } | undefined;
}

const NOTHING_YET: Last = Object.freeze({});

/** The life of one connection; what is particular to a role is in `ClientCore` and `ServerCore`. */
export abstract class SessionCore<Hooks extends Outputs = Outputs>
  extends Timing
  implements Receiver
{
  /** What is spoken; undefined until it was agreed. */
  dialect: Dialect | undefined = undefined;
  /** Given by `attach`, before anything else can be called. */
  declare protected hooks: Hooks;
  #state: State = "idle";
  #parser: FrameParser | typeof DISCARDING;
  #atWork = false;
  #paused = false;
  #readingStopped = false;
  #writing: Writing = "free";
  /** Shared by all sessions that are not about to end: what most of them never need weighs nothing. */
  #last: Last = NOTHING_YET;

  constructor(settings: Settings, limits: Readonly<FrameLimits>) {
    super(settings);
    const { copyBodies, strict } = settings;
    this.#parser = new FrameParser({ limits, copyBodies, strict });
  }

  /** Joins the core with the public class around it. */
  attach(hooks: Hooks): void {
    this.hooks = hooks;
  }

  get state(): State {
    return this.#state;
  }

  get version(): Version | undefined {
    return this.dialect?.version;
  }

  get writable(): boolean {
    return this.#writing !== "saturated";
  }

  receiveData(chunk: Uint8Array | string): boolean {
    if (this.#state === "closed") return true;
    const bytes = typeof chunk === "string" ? encodeUtf8(chunk) : chunk;
    this.stampReceived();
    const { maxPendingBytes } = this.settings.limits;
    if (this.held && this.#parser.unreadBytes + bytes.length > maxPendingBytes) {
      this.atWork(() => this.overflow(maxPendingBytes));
    } else {
      this.#parser.push(bytes);
      this.pump();
    }
    return this.wantsMore();
  }

  receiveEnd(reason?: unknown): void {
    if (this.#state === "closed") return;
    // A link that fails after its end has not ended in order after all.
    if (this.#last.end?.reason === undefined) this.#last = { ...this.#last, end: { reason } };
    this.pump();
  }

  drained(): void {
    if (this.#writing === "saturated") this.#writing = "drained";
    else if (this.#writing === "free" && this.#atWork) this.#writing = "early";
    this.pump();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.pump();
  }

  /** Whether a hook has not answered. */
  protected abstract get answering(): boolean;
  /** Whether frames have to wait for that. */
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

  /** Takes a step that the state allows. */
  protected advance(step: Step): void {
    this.#state = next(this.#state, step) as State;
  }

  /** The version and the limits hold from the next frame on. */
  protected speak(version: Version, limits: Readonly<FrameLimits>): void {
    this.dialect = DIALECTS[version];
    // Who has not agreed on a version yet, or just has, is not muted.
    const parser = this.#parser as FrameParser;
    parser.version = version;
    parser.limits = limits;
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
    const encoder = body.length >= PIECE_BYTES && takesParts(this.hooks) ? encodeParts : encodeFlat;
    return encoder(command, headers, body, spoken, contentLength, trailingLineFeed);
  }

  /** Sends one whole frame, or the pieces of one. */
  protected put(frame: Encoded): void {
    if (this.#state === "closed") return;
    // Read back before it is sent: a transport may give away what it is given.
    this.send(frame, isObserved(this.hooks) ? this.readBack(frame) : undefined);
  }

  /** From now on nothing that is received is processed. */
  protected mute(): void {
    this.#parser = DISCARDING;
  }

  /** Calls `onError`; what it throws is for whoever called the session. */
  protected report(error: StompError, frame?: Frame): void {
    this.guard(() => this.told(error, frame));
  }

  /** Whether it is decided how the session ends; it may still be sending its last frame. */
  protected get isEnding(): boolean {
    return this.#last.ending !== undefined;
  }

  /**
   * Ends the session, once; the last hook has been called when this returns.
   *
   * @param last An ERROR to be sent before. No command is possible after it, and whatever happens
   *   while it is sent, how the session ends is decided.
   */
  protected finish(ending: Ending, last?: Encoded): void {
    if (this.isEnding) return;
    this.#last = { ...this.#last, ending };
    // At work, so that whatever its hooks call finds a session that is about to end, and waits.
    this.atWork(() => this.close(ending, last));
  }

  private close(ending: Ending, last: Encoded | undefined): void {
    const truncated = this.#parser.unfinished;
    this.mute();
    if (last !== undefined) {
      this.advance("ERROR");
      this.put(last);
    }
    this.advance("end");
    this.cancel();
    const { how, ...decided } = this.#last.ending as Ending;
    let { error, cause, reported } = decided;
    try {
      this.hooks.sendEnd(how);
    } catch (thrown) {
      cause ??= thrown;
      if (error === undefined) {
        error = new ConnectionError("transport-failed", "sendEnd threw", { cause: thrown });
        reported = true;
      }
    }
    const close = this.settled({ reason: ending.reason, error, cause, truncated });
    if (reported === true && error !== undefined) this.report(error, ending.frame);
    this.guard(close);
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
    if (outermost) this.pump();
  }

  protected override get hasEnded(): boolean {
    return this.#state === "closed";
  }

  protected override get isListening(): boolean {
    return !this.#readingStopped && this.#last.end === undefined;
  }

  protected override get awaited(): "connect-timeout" | "disconnect-timeout" {
    const introducing = this.#state === "idle" || this.#state === "connecting";
    return introducing ? "connect-timeout" : "disconnect-timeout";
  }

  protected override beat(): void {
    // A saturated transport still has something on the way.
    if (this.writable) this.send(END_OF_LINE);
  }

  protected override timedOut(error: ConnectionError): void {
    if (this.#last.end !== undefined && error.code !== "stalled") {
      this.endOfTransport(undefined);
    } else if (error.code === "stalled" || error.code === "disconnect-timeout") {
      this.finish({ reason: "lost", how: "now", error, reported: true });
    } else {
      this.atWork(() => this.failed(error));
    }
  }

  /** Whether received frames have to wait. */
  private get held(): boolean {
    return this.#paused || this.blocked;
  }

  private pump(): void {
    if (this.#atWork) return;
    this.#atWork = true;
    try {
      while (this.takeOne()) {}
    } finally {
      this.#atWork = false;
    }
    this.rethrow();
  }

  /** Handles one thing that waits. @returns Whether there was one. */
  private takeOne(): boolean {
    if (this.isEnding) return false;
    if (this.#writing === "drained") {
      this.becomeWritable();
      return true;
    }
    if (!this.held) {
      const frame = this.nextFrame();
      if (frame !== undefined) {
        this.received(frame);
        return true;
      }
    }
    const { end } = this.#last;
    if (end !== undefined && !this.completes(end.reason)) {
      this.endOfTransport(end.reason);
      return false;
    }
    return this.readOn();
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
    if (this.#state === "closed" || !(this.#paused || this.farAhead)) return true;
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
    if (!this.#readingStopped || this.#last.end !== undefined || !this.wantsMore()) return false;
    this.#readingStopped = false;
    // The peer's silence counts from now on.
    this.stampReceived();
    this.watch();
    try {
      this.hooks.resumeReading();
    } catch (cause) {
      this.transportFailed("resumeReading", cause);
    }
    return true;
  }

  private becomeWritable(): void {
    this.#writing = "free";
    this.saturated(false);
    try {
      this.hooks.onWritable();
    } catch (cause) {
      this.hookFailed(cause);
    }
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

  private endOfTransport(cause: unknown): void {
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

  private send(frame: Encoded, observed?: Frame): void {
    const outermost = !this.#atWork;
    this.#atWork = true;
    this.stampSent();
    if (this.#writing === "early") this.#writing = "free";
    const whole = frame instanceof Uint8Array;
    try {
      const taken = whole ? this.hooks.sendData(frame) : this.hooks.sendParts(frame);
      if (taken === false) this.saturate();
    } catch (cause) {
      this.transportFailed(whole ? "sendData" : "sendParts", cause);
    }
    if (observed !== undefined && this.#state !== "closed") this.observe("out", observed);
    if (!outermost) return;
    this.#atWork = false;
    this.pump();
  }

  private saturate(): void {
    if (this.#writing === "early") {
      this.#writing = "drained";
    } else if (this.#writing !== "saturated") {
      this.#writing = "saturated";
      this.saturated(true);
    }
  }

  private transportFailed(member: string, cause: unknown): void {
    const decided = this.#last.ending;
    if (decided !== undefined) {
      // It was the last frame: why that was sent says more than that it did not get there.
      const ending: Ending = { ...decided, how: "now", cause: decided.cause ?? cause };
      this.#last = { ...this.#last, ending };
      return;
    }
    const error = new ConnectionError("transport-failed", `${member} threw`, { cause });
    this.finish({ reason: "lost", how: "now", error, reported: true, cause });
  }

  private readBack(frame: Encoded): Frame | undefined {
    return decoded(frame instanceof Uint8Array ? frame : joined(frame), this.dialect);
  }

  private observe(direction: "in" | "out", frame: Frame): void {
    try {
      this.hooks.onFrame(direction, redacted(frame));
    } catch (cause) {
      // While the session ends there is nobody else to tell.
      if (this.isEnding) this.throwLater(cause);
      else this.hookFailed(cause);
    }
  }

  private guard(hook: () => void): void {
    try {
      hook();
    } catch (error) {
      this.throwLater(error);
    }
  }

  /** The first exception that no hook can be told of is for whoever called the session. */
  private throwLater(error: unknown): void {
    if (this.#last.uncaught === undefined) this.#last = { ...this.#last, uncaught: { error } };
  }

  /** Throws what `onError` or `onClose` threw, once the session's own work is done. */
  private rethrow(): void {
    const { uncaught } = this.#last;
    if (this.#atWork || uncaught === undefined) return;
    this.#last = { ...this.#last, uncaught: undefined };
    throw uncaught.error;
  }
}
