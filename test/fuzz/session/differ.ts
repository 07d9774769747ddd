/** Runs a case; twice, if it may not depend on how the bytes were cut. */

import type { Tally } from "../tally.ts";
import type { ClientCase } from "./client-case.ts";
import { ClientRun } from "./client-run.ts";
import type { ServerCase } from "./server-case.ts";
import { ServerRun } from "./server-run.ts";

export type AnySessionCase = ServerCase | ClientCase;

/** @returns What is wrong; undefined if nothing is. */
export function runSession(
  given: AnySessionCase,
  tally: Tally,
): string | undefined | Promise<string | undefined> {
  if (given.asynchronous) return start(given, given.cuts, tally).run();
  const whole = start(given, 0, tally);
  const fault = whole.runAtOnce();
  if (fault !== undefined) return fault;
  const cut = start(given, given.cuts | 1, tally);
  const other = cut.runAtOnce();
  if (other !== undefined) return other;
  return whole.witness.digest === cut.witness.digest ? undefined : difference(given, tally);
}

/** Makes the session of a case. */
export function start(given: AnySessionCase, cuts: number, tally: Tally): ServerRun | ClientRun {
  return given.kind === "server"
    ? new ServerRun(given, cuts, tally)
    : new ClientRun(given, cuts, tally);
}

function difference(given: AnySessionCase, tally: Tally): string {
  const [one, other] = [0, given.cuts | 1].map((cuts) => {
    const run = start(given, cuts, tally);
    run.witness.lines = [];
    run.runAtOnce();
    return run.witness.lines;
  }) as [string[], string[]];
  const at = one.findIndex((line, index) => line !== other[index]);
  return `what happens depends on the pieces: ${one[at]} when whole, ${other[at]} when cut`;
}
