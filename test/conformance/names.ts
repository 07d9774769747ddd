/** What the names of tests say: which rule, which version, which part of the engine. */

import type { Part } from "./rules.ts";
import { RULES } from "./rules.ts";

export interface Named {
  readonly rule: string;
  readonly version: string;
  readonly part: Part;
  readonly title: string;
}

const NAME = /^(\S+) \[(1\.\d)\] (parser|encoder|server|client): (.+)$/;

/** What a test is named after; undefined if it is not named after a rule. */
export function named(test: string): Named | undefined {
  const [, rule, version, part, title] = NAME.exec(test) ?? [];
  if (rule === undefined || version === undefined || title === undefined) return undefined;
  return { rule, version, part: part as Part, title };
}

/** What the rules want, as beginnings of names: `A08 [1.1] parser`. */
export function wanted(): string[] {
  return RULES.flatMap(({ id, parts }) =>
    Object.entries(parts).flatMap(([part, versions]) =>
      versions.map((version) => `${id} [${version}] ${part}`),
    ),
  );
}
