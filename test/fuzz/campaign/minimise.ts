/** Makes a case that fails smaller, as long as it fails in the same way. */

import type { DuoCase, DuoStep } from "../session/duo-case.ts";
import type { ClientStep, ServerStep } from "../session/steps.ts";
import { CALM } from "../session/witness.ts";
import { type AnyCase, runCase } from "./kinds.ts";

/** Trying takes time; what is small enough to read is small enough. */
const MOST_TRIALS = 20_000;
const OTHER_CUTS = 16;

/** @returns The smaller case, and how it fails. */
export async function minimised(given: AnyCase, fault: string): Promise<[AnyCase, string]> {
  const search = new Search(given, fault);
  for (let before = ""; before !== size(search.smallest); ) {
    before = size(search.smallest);
    await search.simplify();
    await search.shrink();
  }
  return [search.smallest, search.fault];
}

type AnyStep = ServerStep | ClientStep | DuoStep;

class Search {
  smallest: AnyCase;
  fault: string;
  private trials = 0;

  constructor(given: AnyCase, fault: string) {
    this.smallest = given;
    this.fault = fault;
  }

  /** Leaves out options and tempers. */
  async simplify(): Promise<void> {
    const given = this.smallest;
    if (given.kind === "parser") {
      await this.attempt({ ...given, change: undefined, limits: {}, strict: false });
      return;
    }
    if (given.kind === "duo") {
      for (const side of ["client", "server"] as const) {
        const calm = { ...given[side], temper: CALM, observed: false };
        await this.attempt({ ...(this.smallest as DuoCase), [side]: calm });
      }
    }
    if (given.kind === "duo") return;
    await this.attempt({ ...given, temper: CALM });
    for (const name of ["throws", "enters", "late", "rejects", "spills"] as const) {
      const { temper } = this.smallest as typeof given;
      await this.attempt({ ...(this.smallest as typeof given), temper: { ...temper, [name]: 0 } });
    }
    await this.attempt({ ...(this.smallest as typeof given), options: {} });
    await this.attempt({ ...(this.smallest as typeof given), observed: false });
  }

  /** Leaves out steps, and octets. */
  async shrink(): Promise<void> {
    const given = this.smallest;
    if (given.kind === "parser") {
      await this.shorten(given.input, (input) => ({ ...given, input }));
      return;
    }
    await this.fewer<AnyStep>(given.steps, (steps) => ({ ...given, steps }) as AnyCase);
    const { steps } = this.smallest as typeof given;
    for (let at = 0; at < steps.length; at++) {
      const step = steps[at];
      if (step?.[0] !== "bytes") continue;
      await this.shorten(step[1], (bytes) => {
        const current: readonly AnyStep[] = (this.smallest as typeof given).steps;
        const steps = current.map((each, index) => (index === at ? ["bytes", bytes] : each));
        return { ...this.smallest, steps } as AnyCase;
      });
    }
  }

  private async shorten(bytes: Uint8Array, make: (bytes: Uint8Array) => AnyCase): Promise<void> {
    await this.fewer([...bytes], (octets) => make(Uint8Array.from(octets)));
  }

  /** Leaves out halves, quarters, and so on. */
  private async fewer<T>(all: readonly T[], make: (some: readonly T[]) => AnyCase): Promise<void> {
    let some = all;
    for (let length = Math.ceil(all.length / 2); length >= 1; length = Math.floor(length / 2)) {
      for (let at = 0; at < some.length; ) {
        const less = [...some.slice(0, at), ...some.slice(at + length)];
        if (await this.attempt(make(less))) some = less;
        else at += length;
      }
    }
  }

  /** Whether it still fails in that way; a parser may do so with other pieces. */
  private async attempt(smaller: AnyCase): Promise<boolean> {
    if (await this.fails(smaller)) return true;
    if (smaller.kind !== "parser") return false;
    for (let cuts = 1; cuts <= OTHER_CUTS; cuts++) {
      if (await this.fails({ ...smaller, cuts })) return true;
    }
    return false;
  }

  private async fails(smaller: AnyCase): Promise<boolean> {
    if (this.trials++ >= MOST_TRIALS) return false;
    const fault = await runCase(smaller, { frames: 0, cases: 0 });
    if (fault === undefined || sort(fault) !== sort(this.fault)) return false;
    this.smallest = smaller;
    this.fault = fault;
    return true;
  }
}

/** What kind of fault it is: all but the numbers in it. */
function sort(fault: string): string {
  return fault.slice(0, 30).replace(/\d+/g, "");
}

function size(given: AnyCase): string {
  return given.kind === "parser"
    ? String(given.input.length)
    : given.steps.map((step) => (step[0] === "bytes" ? step[1].length : 0)).join();
}
