/**
 * `npm run mutate`: applies each mutant to the sources while they are loaded, runs the tests that
 * must notice it, and fails if one does not.
 *
 * Nothing is copied and nothing is written. A mutant whose text does not occur exactly once is
 * stale, which fails the run as well: the source has changed, and nobody knows what it would prove.
 */

import { fileURLToPath } from "node:url";
import { MUTANTS, type Mutant } from "./mutants.ts";
import { MutantRunner, type Verdict } from "./runner.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Half as many as there are tests for in parallel would leave a core idle; more do not help. */
const RUNNERS = 2;

const [wanted = ""] = process.argv.slice(2);
const queue = MUTANTS.filter(({ rule }) => rule.startsWith(wanted));
const counts: Record<Verdict, number> = { killed: 0, survived: 0, stale: 0 };

await Promise.all(Array.from({ length: RUNNERS }, () => work()));
process.stdout.write(`${counts.killed} killed, ${counts.survived} survived, ${counts.stale} stale\n`);
process.exit(counts.survived + counts.stale > 0 || queue.length > 0 ? 1 : 0);

async function work(): Promise<void> {
  const runner = await MutantRunner.start(root);
  for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
    const verdict = await runner.run(mutant);
    counts[verdict]++;
    if (verdict !== "killed") process.stdout.write(`${verdict}: ${described(mutant)}\n`);
  }
}

function described({ rule, file, text, replacement }: Mutant): string {
  return `${rule} ${file}\n  - ${text}\n  + ${replacement}`;
}
