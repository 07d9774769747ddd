/**
 * Sees all that a session does to the outside (its hooks, its bytes, its end), and knows what must
 * never happen there. It also decides what the hooks of the application do.
 */

import { ApplicationError, StompError } from "stomp-engine";
import { fromOctets } from "../octets.ts";
import type { Random } from "../random.ts";
import type { Tally } from "../tally.ts";
import { Output, type Side } from "./output.ts";

/** How often hooks do what, of a thousand calls. */
export interface Temper {
  readonly throws: number;
  /** Calls of the session from within the hook. */
  readonly enters: number;
  readonly late: number;
  readonly rejects: number;
  /** Throws out of `onError` and `onClose`, and out of the transport. */
  readonly spills: number;
}

export const CALM: Temper = { throws: 0, enters: 0, late: 0, rejects: 0, spills: 0 };

/** A hook that has not answered. */
export interface PendingHook {
  readonly name: string;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
  /** Takes back what the call has changed in the books of the test. */
  readonly undo: (() => void) | undefined;
}

/** What the code under test is given as an exception of ours, and has to pass on. */
export class Spilt extends Error {}

export class Witness {
  /** The first thing that was wrong. */
  fault: string | undefined;
  /** Of all that was seen. */
  digest = 0;
  /** The same to be read, if wanted. */
  lines: string[] | undefined;
  /** Where the bytes go, if anywhere. */
  forward: ((bytes: Uint8Array) => void) | undefined;
  /** What hooks and transport do from within a call; given by the run. */
  enter: () => void = () => {};
  readonly pending: PendingHook[] = [];
  readonly errors: StompError[] = [];
  closes = 0;
  ends = 0;
  resumes = 0;
  saturated = false;
  readonly output: Output;
  private depth = 0;
  private readonly temper: Temper;
  private readonly random: Random;
  private readonly tally: Tally;
  private readonly maxInFlight: number | undefined;

  constructor(
    side: Side,
    temper: Temper,
    maxInFlight: number | undefined,
    random: Random,
    tally: Tally,
  ) {
    this.output = new Output(side);
    this.temper = temper;
    this.maxInFlight = maxInFlight;
    this.random = random;
    this.tally = tally;
  }

  blame(fault: string): void {
    this.fault ??= fault;
  }

  note(line: string): void {
    let { digest } = this;
    for (let at = 0; at < line.length; at++) {
      digest = Math.imul(digest ^ line.charCodeAt(at), 0x0100_0193);
    }
    this.digest = digest ^ line.length;
    this.lines?.push(line);
  }

  noteBytes(bytes: Uint8Array): void {
    let { digest } = this;
    for (let at = 0; at < bytes.length; at++) {
      digest = Math.imul(digest ^ (bytes[at] as number), 0x0100_0193);
    }
    this.digest = digest ^ bytes.length;
    this.lines?.push(JSON.stringify(fromOctets(bytes.subarray(0, 200))));
  }

  /** A hook that answers a frame. @returns What the hook returns; it may throw. */
  hook(name: string, about: string, undo?: () => void): void | Promise<void> {
    this.note(`${name} ${about}`);
    this.tally.frames++;
    if (this.ends > 0) this.blame(`${name} was called after the end`);
    this.checkTurn(name);
    const { throws, enters, late, rejects } = this.temper;
    let draw = this.random.below(1000);
    if (draw < throws) {
      undo?.();
      throw this.random.chance(0.5) ? new ApplicationError("no") : new TypeError("a bug");
    }
    draw -= throws;
    if (draw < enters) this.reenter();
    draw -= enters;
    if (draw >= 0 && draw < late) return this.later(name, undo);
    draw -= late;
    if (draw < 0 || draw >= rejects) return undefined;
    undo?.();
    return Promise.reject(this.random.chance(0.5) ? new ApplicationError("no") : undefined);
  }

  /** A hook that answers nothing. */
  noted(name: "onError" | "onClose" | "onWritable", about: string): void {
    this.note(`${name} ${about}`);
    if (this.closes > 0) this.blame(`${name} was called after onClose`);
    if (name === "onClose") this.closes++;
    if (this.ends === 0 && name === "onClose") this.blame("onClose was called before sendEnd");
    if (this.random.below(1000) < this.temper.enters) this.reenter();
    if (name !== "onWritable") this.spill();
  }

  /** What `onFrame` does. */
  observe(direction: string, command: string): void {
    this.note(`onFrame ${direction} ${command}`);
    if (this.closes > 0) this.blame("onFrame was called after onClose");
    const { throws, enters } = this.temper;
    const draw = this.random.below(1000);
    if (draw < throws) throw new TypeError("a bug of an observer");
    if (draw < throws + enters) this.reenter();
  }

  onError(error: StompError): void {
    if (!(error instanceof StompError)) this.blame(`onError was told ${error}`);
    this.errors.push(error);
    this.noted("onError", error.code);
  }

  sendData(data: Uint8Array): boolean {
    this.noteBytes(data);
    if (data.length > 1) this.tally.frames++;
    if (this.ends > 0) this.blame("bytes were sent after sendEnd");
    const fault = this.output.take(data);
    if (fault !== undefined) this.blame(fault);
    this.forward?.(data);
    if (this.random.below(1000) < this.temper.enters) this.reenter();
    this.spill();
    return !this.saturated;
  }

  sendEnd(how: string): void {
    this.note(`sendEnd ${how}`);
    this.ends++;
    if (this.ends > 1) this.blame("sendEnd was called twice");
    if (this.random.below(1000) < this.temper.enters) this.reenter();
    this.spill();
  }

  resumeReading(): void {
    this.note("resumeReading");
    this.resumes++;
  }

  /** Calls the session as an application or a transport does. */
  call(what: string, allowed: ReadonlySet<string>, call: () => void): void {
    try {
      call();
    } catch (error) {
      const code = error instanceof StompError ? error.code : undefined;
      if (code !== undefined && allowed.has(code)) this.note(`${what} threw ${code}`);
      else if (!isOurs(error)) this.blame(`${what} threw ${described(error)}`);
    }
  }

  /** Only plain SENDs may be on the way side by side. */
  private checkTurn(name: string): void {
    if (this.pending.length === 0 || this.maxInFlight === undefined) return;
    const plain = name === "onMessage" && this.pending.every((each) => each.name === name);
    if (!plain || this.pending.length >= this.maxInFlight) {
      this.blame(`${name} was called while ${this.pending[0]?.name} is pending`);
    }
  }

  private later(name: string, undo: (() => void) | undefined): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.pending.push({ name, resolve, reject, undo });
    });
  }

  private reenter(): void {
    if (this.depth >= 3) return;
    this.depth++;
    this.enter();
    this.depth--;
  }

  private spill(): void {
    if (this.random.below(1000) < this.temper.spills) throw new Spilt("ours");
  }
}

/** Exceptions of `onError`, `onClose`, and of an observer of the last frame, are for whoever called. */
function isOurs(error: unknown): boolean {
  return (
    error instanceof Spilt || (error instanceof TypeError && error.message.includes("observer"))
  );
}

function described(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
