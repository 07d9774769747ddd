/** A session under test, and what happens to it; what is particular to a side is in the two subclasses. */

import type { StompSession } from "stomp-engine";
import { ManualClock } from "stomp-engine/testing";
import { Random } from "../random.ts";
import type { Tally } from "../tally.ts";
import type { SessionCase } from "./case.ts";
import { JUST, NOTHING } from "./codes.ts";
import type { Side } from "./output.ts";
import type { CommonStep } from "./steps.ts";
import { Witness } from "./witness.ts";

/** More than any time that a session may take for its end. */
const LONG_MS = 120_000;
const TURNS = 6;

export abstract class SessionRun<Step extends readonly [string, ...unknown[]]> {
  readonly witness: Witness;
  readonly clock = new ManualClock();
  protected readonly given: SessionCase<Step>;
  /** Of what happens within hooks. */
  protected readonly random: Random;
  private readonly cuts: Random;
  private readonly cutting: "whole" | "few" | "many" | "octets";
  /** A browser's WebSocket is not. */
  private readonly pausable: boolean;
  /** What is still to be received. */
  private readonly held: Uint8Array[] = [];
  private receiving = false;
  private paused = false;
  private stopped = false;
  private stoppedAt = 0;

  constructor(side: Side, given: SessionCase<Step>, cuts: number, tally: Tally) {
    this.given = given;
    this.random = new Random(given.hooks, 7);
    this.cuts = new Random(cuts);
    this.pausable = given.asynchronous && this.random.chance(0.7);
    this.cutting = cuts === 0 ? "whole" : this.cuts.pick(["few", "few", "many", "octets"]);
    // A client does not wait for its hooks.
    const maxInFlight = side === "client" ? undefined : (given.options.maxInFlight ?? 1);
    this.witness = new Witness(side, given.temper, maxInFlight, new Random(given.hooks), tally);
    this.witness.enter = () => this.enter(this.random);
  }

  protected abstract readonly session: StompSession;
  /** Does what only this side can. */
  protected abstract own(step: Step): void;
  /** Something that an application might do from within a hook. */
  protected abstract enter(random: Random): void;
  /** Looks for what must never be. */
  protected abstract check(): void;
  /** The session is quiet, and nothing is held back: all that was received has been answered. */
  protected abstract checkQuiet(): void;
  /** The session has ended. */
  protected abstract checkEnd(): void;
  /** All promises have had their turn since. */
  protected async checkSettled(): Promise<void> {}

  /** @returns What is wrong; undefined if nothing is. */
  runAtOnce(): string | undefined {
    for (const step of this.given.steps) {
      this.apply(step);
      if (this.witness.fault !== undefined) return this.witness.fault;
      if (this.session.state === "closed") break;
    }
    this.finish();
    return this.witness.fault;
  }

  /** The same where hooks answer late: promises run between the steps. */
  async run(): Promise<string | undefined> {
    for (const step of this.given.steps) {
      this.apply(step);
      await turns();
      if (this.witness.fault !== undefined) return this.witness.fault;
      if (this.session.state === "closed") break;
    }
    await this.settleAll();
    return await this.conclude();
  }

  /** All hooks answer, but for some that never do, and nothing is held back. */
  async settleAll(): Promise<void> {
    this.resume();
    await turns();
    this.receiveHeld();
    await turns();
    while (this.witness.pending.length > 0 && !this.hasEnded) {
      if (this.random.chance(0.05)) break;
      this.settle(0, "resolve");
      await turns();
      this.receiveHeld();
      await turns();
    }
  }

  /** The transport ends, if it has not; and nothing happens after that. */
  async conclude(): Promise<string | undefined> {
    this.finish();
    for (const { resolve, reject } of this.witness.pending.splice(0)) {
      if (this.random.chance(0.5)) resolve();
      else reject(new Error("too late"));
    }
    await turns();
    this.checkNothingMore("an answer that came too late");
    await this.checkSettled();
    return this.witness.fault;
  }

  get hasEnded(): boolean {
    return this.session.state === "closed";
  }

  /** Connected, and nothing is waited for. */
  get isQuiet(): boolean {
    return this.session.state === "connected" && this.witness.pending.length === 0 && !this.paused;
  }

  apply(step: Step | CommonStep): void {
    const { session, witness } = this;
    const common = step as CommonStep;
    switch (common[0]) {
      case "bytes":
        this.receive(common[1]);
        break;
      case "pause":
        this.paused = true;
        session.pause();
        break;
      case "resume":
        this.resume();
        break;
      case "saturate":
        witness.saturated = true;
        break;
      case "drain":
        witness.saturated = false;
        witness.call("drained", NOTHING, () => session.drained());
        break;
      case "advance":
        witness.call("advance", NOTHING, () => this.clock.advance(common[1]));
        break;
      case "jump":
        witness.call("jump", NOTHING, () => this.clock.jump(common[1]));
        break;
      case "settle":
        this.settle(common[1], common[2]);
        break;
      case "end":
        this.end(common[1]);
        break;
      case "snapshot":
        witness.note(JSON.stringify(session.snapshot()));
        break;
      default:
        this.own(step as Step);
    }
    this.receiveHeld();
    this.check();
  }

  /** The peer's bytes come, in whatever pieces; but not where reading has stopped and can stop. */
  protected receive(bytes: Uint8Array): void {
    this.held.push(bytes);
    this.receiveHeld();
  }

  private receiveHeld(): void {
    // A transport that is called back meanwhile has nothing new to tell: its bytes have an order.
    if (this.receiving) return;
    this.receiving = true;
    for (let bytes = this.held[0]; bytes !== undefined; bytes = this.held[0]) {
      if (this.pausable && this.isReadingStopped) break;
      const end = Math.min(bytes.length, this.pieceLength(bytes.length));
      const piece = bytes.subarray(0, end);
      if (end === bytes.length) this.held.shift();
      else this.held[0] = bytes.subarray(end);
      this.witness.call("receiveData", NOTHING, () => this.take(this.session.receiveData(piece)));
    }
    this.receiving = false;
  }

  private take(wanted: boolean): void {
    if (wanted) return;
    if (!this.isReadingStopped) this.stoppedAt = this.witness.resumes;
    this.stopped = true;
    if (this.session.state === "closed") this.witness.blame("an ended session stops reading");
  }

  private get isReadingStopped(): boolean {
    if (this.stopped && this.witness.resumes > this.stoppedAt) this.stopped = false;
    return this.stopped;
  }

  private pieceLength(length: number): number {
    switch (this.cutting) {
      case "whole":
        return length;
      case "few":
        return 1 + this.cuts.below(length);
      case "many":
        return 1 + this.cuts.below(40);
      case "octets":
        return 1;
    }
  }

  private resume(): void {
    this.paused = false;
    this.witness.call("resume", NOTHING, () => this.session.resume());
  }

  private settle(nth: number, how: "resolve" | "reject"): void {
    const { pending } = this.witness;
    const [hook] = pending.splice(nth % Math.max(1, pending.length), 1);
    if (hook === undefined) return;
    if (how === "resolve") {
      hook.resolve();
    } else {
      if (this.session.state !== "closed") hook.undo?.();
      hook.reject(new Error("late"));
    }
  }

  private end(how: "plain" | "reset"): void {
    const reason = how === "plain" ? undefined : new Error("reset");
    this.witness.call("receiveEnd", NOTHING, () => this.session.receiveEnd(reason));
    if (how === "reset" && this.session.state !== "closed") {
      this.witness.blame(`after a reset the session is ${this.session.state}`);
    }
  }

  private finish(): void {
    const { session, witness } = this;
    // Where hooks answer late, whatever goes on from here has not had its turn.
    const isQuiet = witness.pending.length === 0 && !(this.paused && this.given.asynchronous);
    if (this.paused) this.resume();
    this.receiveHeld();
    if (session.state !== "closed" && isQuiet && witness.pending.length === 0) {
      if (this.isReadingStopped || this.held.length > 0)
        witness.blame("reading has stopped, and nothing will resume it");
      else this.checkQuiet();
    }
    if (session.state !== "closed") this.end(this.random.chance(0.5) ? "plain" : "reset");
    witness.call("advance", NOTHING, () => this.clock.advance(LONG_MS));
    if (session.state !== "closed") {
      witness.blame(`${LONG_MS} ms after the end of the transport the session is ${session.state}`);
      return;
    }
    if (witness.closes !== 1) witness.blame(`onClose was called ${witness.closes} times`);
    if (witness.ends !== 1) witness.blame(`sendEnd was called ${witness.ends} times`);
    if (this.clock.pending !== 0) witness.blame("a timer is left");
    this.checkEnd();
    const unjust = this.given.clean && witness.errors.find(({ code }) => !JUST.has(code));
    if (unjust) witness.blame(`the peer did nothing wrong, and it says ${unjust.code}`);
    const { digest } = witness;
    session.receiveData(LATE);
    session.receiveEnd();
    session.receiveEnd(new Error("again"));
    session.drained();
    session.pause();
    session.resume();
    session.snapshot();
    this.clock.advance(LONG_MS);
    if (digest !== witness.digest) witness.blame("something happens after the end");
    this.last = digest;
  }

  private last = 0;

  private checkNothingMore(why: string): void {
    if (this.witness.fault !== undefined || this.session.state !== "closed") return;
    if (this.last !== this.witness.digest) this.witness.blame(`something happens after ${why}`);
  }
}

const LATE = new TextEncoder().encode("SEND\ndestination:/late\nreceipt:late\n\n\0");

/** Promises have their turn. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await undefined;
}
