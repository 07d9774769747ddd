/**
 * The checklist: what an engine that speaks STOMP has to do, by what part of it and in which
 * versions. Every row has tests that are named after it, and mutants that those tests kill.
 *
 * - A: the three specifications
 * - B: limits, times and what is tolerated
 * - C: hostile and malformed input; names that begin with C- are advisories of other implementations
 * - D: what a predecessor of this engine got wrong
 * - E: what real brokers and clients do
 */

import type { Version } from "../../src/protocol/version.ts";
import { ANCESTOR, QUIRKS } from "./experience-rules.ts";
import { ADVISORIES, HOSTILE, LIMITS } from "./hostile-rules.ts";
import { SPECIFICATION } from "./specification-rules.ts";

/** What of the engine a rule binds. */
export type Part = "parser" | "encoder" | "server" | "client";

export type RuleId = `${"A" | "B" | "C" | "D" | "E"}${string}`;

export interface Rule {
  readonly id: RuleId;
  readonly title: string;
  /** The versions in which each part has to be tested. */
  readonly parts: Readonly<Partial<Record<Part, readonly Version[]>>>;
}

export const RULES: readonly Rule[] = [
  ...SPECIFICATION,
  ...LIMITS,
  ...ADVISORIES,
  ...HOSTILE,
  ...ANCESTOR,
  ...QUIRKS,
];
