/**
 * The end of a session: decided once, by whatever comes first, and carried out in one order.
 *
 * That order is: a last frame, if there is one; the end of the transport; `onError`; `onClose`. What
 * the transport or a hook does wrong meanwhile changes nothing of what was decided, and is not
 * swallowed either: it is the cause of the end, or thrown at whoever called the session.
 */

import { ApplicationError, ConnectionError, ProtocolError, type StompError } from "../errors.ts";
import type { Frame } from "../protocol/frame.ts";
import type { Closing, Ending } from "./closing.ts";
import type { Encoded, Outputs } from "./outputs.ts";
import { next, type State, type Step } from "./state.ts";
import { Working } from "./working.ts";

/** The end of the transport, and what it knows of the reason. */
export interface TransportEnd {
  readonly reason: unknown;
}

/** What there is to know of a session that comes to its end. */
interface Last {
  /** The transport has ended, and what came before its end is still to be handled. */
  readonly end?: TransportEnd;
  /** How the session ends, once that is decided: then it sends its last frame, if there is one, and nothing else. */
  readonly ending?: Ending;
  /** The first exception that no hook can be told of, for whoever called the session. */
  readonly uncaught?: { readonly error: unknown } | undefined;
}

const NOTHING_YET: Last = Object.freeze({});

/** How a session gets through its states to its end. */
export abstract class Finishing<Hooks extends Outputs> extends Working {
  /** Given by `attach`, before anything else can be called. */
  declare hooks: Hooks;
  #state: State = "idle";
  /** Shared by all sessions that are not about to end: what most of them never need weighs nothing. */
  #last: Last = NOTHING_YET;

  /** Joins the core with the public class around it. */
  attach(hooks: Hooks): void {
    this.hooks = hooks;
  }

  get state(): State {
    return this.#state;
  }

  receiveEnd(reason?: unknown): void {
    if (this.#state === "closed") return;
    // A link that fails after its end has not ended in order after all.
    if (this.#last.end?.reason === undefined) this.#last = { ...this.#last, end: { reason } };
    this.pump();
  }

  /** Ends the session for what the peer or the link did wrong, and tells the peer where there is a way. */
  protected abstract failed(error: StompError, frame?: Frame): void;
  /** Settles what is open. @returns How to call `onClose`. */
  protected abstract settled(closing: Closing): () => void;
  /** Calls `onError`. */
  protected abstract told(error: StompError, frame: Frame | undefined): void;
  /** Whether a frame has begun to come in. */
  protected abstract get unfinished(): boolean;
  /** From now on nothing that is received is processed. */
  protected abstract mute(): void;
  /** Sends one whole frame, or the pieces of one. */
  abstract put(frame: Encoded): void;

  /** Takes a step that the state allows. */
  protected advance(step: Step): void {
    this.#state = next(this.#state, step) as State;
  }

  /** Whether it is decided how the session ends; it may still be sending its last frame. */
  get isEnding(): boolean {
    return this.#last.ending !== undefined;
  }

  /** The end of the transport, if it has come and the session's has not. */
  protected get transportEnd(): TransportEnd | undefined {
    return this.#last.end;
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

  /** Ends the session as the transport's end has it. */
  protected endOfTransport(cause: unknown): void {
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

  /** Something that the transport was told to do threw. */
  protected transportFailed(member: string, cause: unknown): void {
    if (this.hasEnded) {
      this.tooLate(cause);
      return;
    }
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

  /** Calls `onError`; what it throws is for whoever called the session. */
  protected report(error: StompError, frame?: Frame): void {
    this.guard(() => this.told(error, frame));
  }

  /** The first exception that no hook can be told of is for whoever called the session. */
  protected throwLater(error: unknown): void {
    if (this.#last.uncaught === undefined) this.#last = { ...this.#last, uncaught: { error } };
  }

  /**
   * A hook ended the session and threw then. Nothing may follow `onClose`, so that is for whoever
   * called the session. Not so a refusal, for which it is too late; nor that a command was: the link
   * may have failed under the hook, and that is no reason to stop a process.
   */
  protected tooLate(thrown: unknown): void {
    if (thrown instanceof ApplicationError) return;
    if (thrown instanceof ProtocolError && thrown.code === "closed") return;
    this.throwLater(thrown);
  }

  /** Throws what `onError` or `onClose` threw, or a hook that had ended the session. */
  protected override rethrow(): void {
    const { uncaught } = this.#last;
    if (uncaught === undefined) return;
    this.#last = { ...this.#last, uncaught: undefined };
    throw uncaught.error;
  }

  protected override get hasEnded(): boolean {
    return this.#state === "closed";
  }

  protected override get awaited(): "connect-timeout" | "disconnect-timeout" {
    const introducing = this.#state === "idle" || this.#state === "connecting";
    return introducing ? "connect-timeout" : "disconnect-timeout";
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

  private close(ending: Ending, last: Encoded | undefined): void {
    const truncated = this.unfinished;
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

  private guard(hook: () => void): void {
    try {
      hook();
    } catch (error) {
      this.throwLater(error);
    }
  }
}
