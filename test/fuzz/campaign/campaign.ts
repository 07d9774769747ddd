/** Runs one case after the other until time is up, or something is wrong. */

import { setImmediate } from "node:timers/promises";
import { Spilt } from "../session/witness.ts";
import type { Tally } from "../tally.ts";
import { type AnyCase, CASES_PER_ROUND, caseOf, KINDS, runCase } from "./kinds.ts";
import { Memory } from "./memory.ts";

export interface Assignment {
  readonly seed: number;
  readonly seconds: number;
  /** Which rounds are its own: one of every so many. */
  readonly worker: number;
  readonly workers: number;
}

export interface Report extends Tally {
  /** Frames and seconds of each kind. */
  readonly kinds: readonly { readonly frames: number; readonly seconds: number }[];
  readonly memory: string;
  readonly violation: Violation | undefined;
}

export interface Violation {
  readonly number: number;
  readonly fault: string;
  /** Undefined where no single case is at fault. */
  readonly given: AnyCase | undefined;
}

const FRAMES_PER_LOOK = 1_000_000;

export class Campaign {
  private readonly assignment: Assignment;
  private readonly tally: Tally = { frames: 0, cases: 0 };
  private readonly kinds = KINDS.map(() => ({ frames: 0, seconds: 0 }));
  private readonly memory = new Memory();
  private unhandled: unknown[] = [];
  private nextLook = FRAMES_PER_LOOK;

  constructor(assignment: Assignment) {
    this.assignment = assignment;
    process.on("unhandledRejection", (reason) => {
      // What `onError` throws behind a promise has nowhere else to go.
      if (!isOurs(reason)) this.unhandled.push(reason);
    });
  }

  async run(): Promise<Report> {
    const { seconds, worker, workers } = this.assignment;
    const end = performance.now() + seconds * 1000;
    let violation: Violation | undefined;
    for (let round = worker; violation === undefined && performance.now() < end; round += workers) {
      violation = (await this.round(round * CASES_PER_ROUND)) ?? this.look();
    }
    const { kinds, memory, tally } = this;
    return { ...tally, kinds, memory: memory.summary, violation };
  }

  private async round(first: number): Promise<Violation | undefined> {
    let number = first;
    for (const [at, { perRound }] of KINDS.entries()) {
      const [frames, start] = [this.tally.frames, performance.now()];
      for (let left = perRound; left > 0; left--, number++) {
        const given = caseOf(this.assignment.seed, number);
        this.tally.cases++;
        const outcome = runCase(given, this.tally);
        const fault = outcome instanceof Promise ? await outcome : outcome;
        if (fault !== undefined) return { number, fault, given };
      }
      const kind = this.kinds[at];
      if (kind === undefined) continue;
      kind.frames += this.tally.frames - frames;
      kind.seconds += (performance.now() - start) / 1000;
    }
    return await this.rejected(first);
  }

  /** Rejections that nobody handled show in a later turn: then all cases of the round are suspects. */
  private async rejected(first: number): Promise<Violation | undefined> {
    await setImmediate();
    if (this.unhandled.length === 0) return undefined;
    const fault = `a rejection was not handled: ${this.unhandled[0]}`;
    for (let number = first; number < first + CASES_PER_ROUND; number++) {
      this.unhandled = [];
      const given = caseOf(this.assignment.seed, number);
      await runCase(given, this.tally);
      await setImmediate();
      if (this.unhandled.length > 0) return { number, fault, given };
    }
    return { number: first, fault, given: undefined };
  }

  private look(): Violation | undefined {
    if (this.tally.frames < this.nextLook) return undefined;
    this.nextLook = this.tally.frames + FRAMES_PER_LOOK;
    const fault = this.memory.look();
    return fault === undefined ? undefined : { number: this.tally.cases, fault, given: undefined };
  }
}

function isOurs(reason: unknown): boolean {
  return reason instanceof Spilt || String(reason).includes("a bug of an observer");
}
