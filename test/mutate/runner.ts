/** Runs the tests of one mutant after the other in one Vitest, so that only what changed is loaded anew. */

import { readFile } from "node:fs/promises";
import { createVitest, type TestRunResult, type Vitest } from "vitest/node";
import type { Mutant } from "./mutants.ts";

/**
 * - `killed`: a test failed, as it must
 * - `survived`: all tests passed
 * - `stale`: the text does not occur exactly once, or the tests do not load it, or there are none
 */
export type Verdict = "killed" | "survived" | "stale";

interface Mutated {
  readonly path: string;
  readonly source: string;
  isLoaded: boolean;
}

export class MutantRunner {
  readonly #root: string;
  /** The source with the mutant in it. */
  #mutated: Mutated | undefined = undefined;
  #vitest: Vitest | undefined = undefined;

  private constructor(root: string) {
    this.#root = root;
  }

  static async start(root: string): Promise<MutantRunner> {
    const runner = new MutantRunner(root);
    const plugin = {
      name: "mutant",
      enforce: "pre" as const,
      load: (id: string) => {
        const mutated = runner.#mutated;
        if (mutated === undefined || id !== mutated.path) return undefined;
        mutated.isLoaded = true;
        return mutated.source;
      },
    };
    runner.#vitest = await createVitest(
      "test",
      {
        // One project, whatever else the tests are run with.
        config: false,
        root,
        include: ["test/conformance/*.test.ts"],
        watch: false,
        reporters: [{}],
        coverage: { enabled: false },
        pool: "threads",
        maxWorkers: 1,
      },
      { plugins: [plugin] },
    );
    await runner.#vitest.standalone();
    return runner;
  }

  /** Whether the tests pass as long as nothing is mutated: without that, a failure says nothing. */
  async passes(tests: string): Promise<boolean> {
    return verdictOf(await this.#run(tests)) === "survived";
  }

  async run(mutant: Mutant): Promise<Verdict> {
    const vitest = this.#vitest as Vitest;
    const path = `${this.#root}src/${mutant.file}`;
    const source = await readFile(path, "utf8");
    const parts = source.split(mutant.text);
    if (parts.length !== 2) return "stale";
    const mutated = { path, source: parts.join(mutant.replacement), isLoaded: false };
    this.#mutated = mutated;
    vitest.invalidateFile(path);
    const pattern = new RegExp(`${mutant.rule} \\[[^\\]]*\\] .*${escaped(mutant.named ?? "")}`);
    const result = await this.#run(mutant.tests, pattern);
    this.#mutated = undefined;
    vitest.invalidateFile(path);
    return mutated.isLoaded ? verdictOf(result) : "stale";
  }

  async #run(tests: string, testNamePattern?: RegExp): Promise<TestRunResult> {
    const vitest = this.#vitest as Vitest;
    const file = `${this.#root}test/conformance/${tests}.test.ts`;
    const only = testNamePattern === undefined ? {} : { testNamePattern };
    const specification = vitest.getRootProject().createSpecification(file, only);
    return vitest.runTestSpecifications([specification]);
  }
}

function verdictOf({ testModules: modules, unhandledErrors: errors }: TestRunResult): Verdict {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const states = tests.map((test) => test.result().state);
  if (states.includes("failed")) return "killed";
  // A mutant that does not even load says nothing about the tests.
  const broken = errors.length > 0 || modules.some((module) => module.errors().length > 0);
  return broken || !states.includes("passed") ? "stale" : "survived";
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
