/**
 * `npm run mutate`: applies each mutant to the sources while they are loaded, runs the tests that
 * must notice it, and fails if one does not. `npm run mutate -- A08` takes those of one rule.
 *
 * Nothing is copied and nothing is written. A mutant whose text does not occur exactly once is
 * stale, which fails the run as well: the source has changed, and nobody knows what it would prove.
 */

import { fileURLToPath } from "node:url";
import { MUTANTS, type Mutant } from "./mutants.ts";
import { MutantRunner, type Verdict } from "./runner.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const RUNNERS = 2;
/** A mutant may make a loop endless; nothing that ends takes so long. */
const STUCK_MS = 120_000;

const [wanted = ""] = process.argv.slice(2);
const mutants = MUTANTS.filter(({ rule }) => rule.startsWith(wanted));
const files = [...new Set(mutants.map(({ tests }) => tests))];
const counts: Record<Verdict, number> = { killed: 0, survived: 0, stale: 0 };
let broken = 0;

await Promise.all(Array.from({ length: RUNNERS }, () => work()));
const { killed, survived, stale } = counts;
process.stdout.write(`${killed} killed, ${survived} survived, ${stale} stale\n`);
process.exit(killed === 0 || survived + stale + broken > 0 ? 1 : 0);

async function work(): Promise<void> {
  const runner = await MutantRunner.start(root);
  for (let file = files.shift(); file !== undefined; file = files.shift()) {
    if (await runner.passes(file)) continue;
    broken++;
    process.stdout.write(`broken: ${file} fails without any mutant\n`);
  }
  for (let mutant = mutants.shift(); mutant !== undefined; mutant = mutants.shift()) {
    const stuck = setTimeout(giveUp, STUCK_MS, mutant);
    const verdict = await runner.run(mutant);
    clearTimeout(stuck);
    counts[verdict]++;
    if (verdict !== "killed") process.stdout.write(`${verdict}: ${described(mutant)}\n`);
  }
}

/** There is no way to stop a loop within the tests but to stop altogether. */
function giveUp(mutant: Mutant): void {
  process.stdout.write(`stuck: ${described(mutant)}\n`);
  process.exit(1);
}

function described({ rule, file, text, replacement, tests }: Mutant): string {
  return `${rule} ${file}, ${tests}.test.ts\n  - ${text}\n  + ${replacement}`;
}
