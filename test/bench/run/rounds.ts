/**
 * Runs the contenders of a workload in turn.
 *
 * Each has a process of its own, so that none finds its code deoptimised, or its heap filled, by
 * another; they take turns round by round, so that whatever else the machine does meets all of them.
 */

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median } from "./median.ts";
import type { Answer, Order } from "./messages.ts";

/** What came of one contender. */
export interface Outcome {
  readonly contender: string;
  /** Units per second: the median of its processes' medians; undefined if it did not take part. */
  readonly median: number | undefined;
  /** Of all processes. */
  readonly rounds: readonly number[];
  /** Why it did not take part. */
  readonly absent: string | undefined;
}

/** How many times as fast one was: the median over all rounds, for what slowed one down slowed both. */
export function ratio(one: Outcome, other: Outcome): number {
  return median(one.rounds.map((rate, round) => rate / (other.rounds[round] ?? Number.NaN)));
}

/** How to run. */
export interface Running {
  readonly rounds: number;
  /** How many processes each contender has, one after the other: compilers decide otherwise in each. */
  readonly processes: number;
  /** The length of a contender's turn. */
  readonly turnMs: number;
  readonly mixed: boolean;
}

/**
 * What a process has freed, it keeps. Left to itself the C library of Linux gives memory back to the
 * system, or not, as luck will have it; and new memory costs ten times as much as copying a body to it.
 */
const KEEPING_MEMORY = {
  MALLOC_TRIM_THRESHOLD_: String(2 ** 32),
  MALLOC_MMAP_THRESHOLD_: String(2 ** 25),
  MALLOC_TOP_PAD_: String(2 ** 26),
};

/** All contenders of a workload, round by round. */
export async function runRounds(
  workload: string,
  contenders: readonly string[],
  running: Running,
): Promise<Outcome[]> {
  const heats: Outcome[][] = [];
  for (let heat = 0; heat < running.processes; heat++) {
    heats.push(await runHeat(workload, contenders, running));
  }
  return contenders.map((contender, index) => {
    const outcomes = heats.flatMap((heat) => heat[index] ?? []);
    const medians = outcomes.flatMap((outcome) => outcome.median ?? []);
    return {
      contender,
      median: medians.length === heats.length ? median(medians) : undefined,
      rounds: outcomes.flatMap(({ rounds }) => rounds),
      absent: outcomes.find(({ absent }) => absent !== undefined)?.absent,
    };
  });
}

/** The same with one process for each. */
async function runHeat(
  workload: string,
  contenders: readonly string[],
  { rounds, turnMs, mixed }: Running,
): Promise<Outcome[]> {
  const entrants: Entrant[] = [];
  try {
    for (const contender of contenders) {
      const entrant = new Entrant(contender);
      entrants.push(entrant);
      await entrant.prepare(workload, mixed);
    }
    for (let round = 0; round < rounds; round++) {
      for (const entrant of entrants) await entrant.takeTurn(turnMs);
    }
    return entrants.map((entrant) => entrant.outcome);
  } finally {
    for (const entrant of entrants) entrant.stop();
  }
}

class Entrant {
  readonly #contender: string;
  readonly #process: ChildProcess;
  readonly #rounds: number[] = [];
  #absent: string | undefined;

  constructor(contender: string) {
    this.#contender = contender;
    this.#process = fork(fileURLToPath(new URL("./worker.js", import.meta.url)), {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { ...process.env, ...KEEPING_MEMORY },
    });
  }

  async prepare(workload: string, mixed: boolean): Promise<void> {
    await this.#order({ kind: "prepare", workload, contender: this.#contender, mixed });
  }

  async takeTurn(ms: number): Promise<void> {
    if (this.#absent === undefined) await this.#order({ kind: "round", ms });
  }

  stop(): void {
    if (this.#process.connected) this.#process.disconnect();
    this.#process.kill();
  }

  get outcome(): Outcome {
    const value = this.#absent === undefined ? median(this.#rounds) : undefined;
    return {
      contender: this.#contender,
      median: value,
      rounds: this.#rounds,
      absent: this.#absent,
    };
  }

  /** An exception of a contender takes it out of the workload, and is told. */
  async #order(order: Order): Promise<void> {
    const answer = await new Promise<Answer>((resolve) => {
      const ended = () => resolve({ kind: "failed", reason: "its process ended" });
      this.#process.once("exit", ended);
      this.#process.once("message", (message: Answer) => {
        this.#process.off("exit", ended);
        resolve(message);
      });
      this.#process.send(order);
    });
    if (answer.kind === "timed") this.#rounds.push(answer.unitsPerSecond);
    else if (answer.kind !== "ready") this.#absent = answer.reason;
  }
}
