/** The kinds of cases, and how many of each make a round. */

import { type ParserCase, parserCase } from "../parser/case.ts";
import { runParser } from "../parser/run.ts";
import { clientCase } from "../session/client-case.ts";
import { type AnySessionCase, runSession } from "../session/differ.ts";
import { type DuoCase, duoCase } from "../session/duo-case.ts";
import { DuoRun } from "../session/duo-run.ts";
import { serverCase } from "../session/server-case.ts";
import type { Tally } from "../tally.ts";

export type AnyCase = ParserCase | AnySessionCase | DuoCase;

export interface Kind {
  readonly name: string;
  readonly perRound: number;
  readonly make: (seed: number, number: number) => AnyCase;
}

// biome-ignore format: one row a kind
export const KINDS: readonly Kind[] = [
  { name: "parser", perRound: 96, make: parserCase },
  { name: "server", perRound: 8, make: (seed, number) => serverCase(seed, number, false) },
  { name: "client", perRound: 8, make: (seed, number) => clientCase(seed, number, false) },
  { name: "server, hooks answer late", perRound: 6, make: (seed, number) => serverCase(seed, number, true) },
  { name: "client, hooks answer late", perRound: 4, make: (seed, number) => clientCase(seed, number, true) },
  { name: "client and server", perRound: 6, make: duoCase },
];

export const CASES_PER_ROUND = KINDS.reduce((cases, { perRound }) => cases + perRound, 0);

/** The case of a number: every number always is the same case. */
export function caseOf(seed: number, number: number): AnyCase {
  let within = number % CASES_PER_ROUND;
  for (const { perRound, make } of KINDS) {
    if (within < perRound) return make(seed, number);
    within -= perRound;
  }
  throw new RangeError(`There is no case ${number}`);
}

/** @returns What is wrong; undefined if nothing is. */
export function runCase(
  given: AnyCase,
  tally: Tally,
): string | undefined | Promise<string | undefined> {
  if (given.kind === "parser") return runParser(given, tally);
  return given.kind === "duo" ? new DuoRun(given, tally).run() : runSession(given, tally);
}
