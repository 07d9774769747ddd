/**
 * Mutants: each takes one check or rule out of the engine, and names the tests that must notice.
 * A test that would pass without the check that it is about is no test.
 */

import {
  ADVISORY_MUTANTS,
  EXPERIENCE_MUTANTS,
  HOSTILE_MUTANTS,
  LIMIT_MUTANTS,
} from "./hostile-mutants.ts";
import { SPECIFICATION_MUTANTS } from "./specification-mutants.ts";

/** One change to one file, and who has to notice it. */
export interface Mutant {
  /** The rule of the checklist whose tests are run. */
  readonly rule: string;
  /** The file below `src`. */
  readonly file: string;
  /** What is replaced: it must stand there exactly once. */
  readonly text: string;
  readonly replacement: string;
  /** The test file below `test/conformance`, without `.test.ts`. */
  readonly tests: string;
  /** A part of the names of the tests, after the rule. Default: all tests of the rule in that file. */
  readonly named?: string;
}

export const MUTANTS: readonly Mutant[] = [
  ...SPECIFICATION_MUTANTS,
  ...LIMIT_MUTANTS,
  ...ADVISORY_MUTANTS,
  ...HOSTILE_MUTANTS,
  ...EXPERIENCE_MUTANTS,
];
