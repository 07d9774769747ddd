/** Runs the tests of one mutant after the other in one Vitest, so that only what changed is loaded anew. */

import { readFile } from "node:fs/promises";
import { createVitest, type TestModule, type Vitest } from "vitest/node";
import type { Mutant } from "./mutants.ts";

/**
 * - `killed`: a test failed, as it must
 * - `survived`: all tests passed
 * - `stale`: the text does not occur exactly once, or there is no such test
 */
export type Verdict = "killed" | "survived" | "stale";

export class MutantRunner {
  readonly #root: string;
  /** The source with the mutant in it. */
  #mutated: { readonly path: string; readonly source: string } | undefined = undefined;
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
        return mutated !== undefined && id === mutated.path ? mutated.source : undefined;
      },
    };
    runner.#vitest = await createVitest(
      "test",
      {
        config: `${root}test/vitest.config.ts`,
        watch: false,
        reporters: [{}],
        coverage: { enabled: false },
        pool: "threads",
        maxWorkers: 1,
        bail: 1,
      },
      { plugins: [plugin] },
    );
    await runner.#vitest.standalone();
    return runner;
  }

  async run(mutant: Mutant): Promise<Verdict> {
    const vitest = this.#vitest as Vitest;
    const path = `${this.#root}src/${mutant.file}`;
    const source = await readFile(path, "utf8");
    const parts = source.split(mutant.text);
    if (parts.length !== 2) return "stale";
    this.#mutated = { path, source: parts.join(mutant.replacement) };
    vitest.invalidateFile(path);
    const file = `${this.#root}test/conformance/${mutant.tests}.test.ts`;
    const testNamePattern = new RegExp(`${mutant.rule} \\[[^\\]]*\\] .*${escaped(mutant.named ?? "")}`);
    const specification = vitest.getRootProject().createSpecification(file, { testNamePattern });
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications([specification]);
    this.#mutated = undefined;
    vitest.invalidateFile(path);
    return verdictOf(testModules, unhandledErrors);
  }
}

function verdictOf(modules: readonly TestModule[], errors: readonly unknown[]): Verdict {
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
