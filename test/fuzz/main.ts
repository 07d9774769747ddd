/**
 * The fuzzer: frames of every kind, right and wrong, cut and changed at random, against parser,
 * client and server, while their applications do what they like.
 *
 *   npm run fuzz -- --seconds 60
 *   npm run fuzz -- --seed 7 --case 1234
 *   npm run fuzz -- --help
 *
 * Everything follows from the seed: a case has the same number in every run of it. What must hold is
 * in `parser/run.ts`, `session/witness.ts` and `session/run.ts`. When something does not, the case
 * is made as small as it gets and printed, and the exit code is 1.
 */

import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { Assignment, Report, Violation } from "./campaign/campaign.ts";
import { fromJson, toJson } from "./campaign/json.ts";
import { type AnyCase, caseOf, KINDS, runCase } from "./campaign/kinds.ts";
import { minimised } from "./campaign/minimise.ts";
import { HELP, type Options, readOptions } from "./options.ts";

const options = readOptions(process.argv.slice(2));
if (options.help) print(HELP);
else if (options.replay !== undefined) await single(fromJson(readFileSync(options.replay, "utf8")));
else if (options.only !== undefined) await single(caseOf(options.seed, options.only));
else await fuzz(options);

async function fuzz({ seed, seconds, workers }: Options): Promise<void> {
  print(`seed ${seed}, ${seconds} s, ${workers} threads`);
  const start = performance.now();
  const reports = await Promise.all(
    Array.from({ length: workers }, (_, worker) => campaign({ seed, seconds, worker, workers })),
  );
  const violations = reports.flatMap(({ violation }) => violation ?? []);
  for (const violation of violations) await show(seed, violation);
  for (const [at, { name }] of KINDS.entries()) print(kindLine(name, at, reports));
  for (const { memory } of reports) print(`memory: ${memory}`);
  const [frames, cases] = [sum(reports, "frames"), sum(reports, "cases")];
  const elapsed = (performance.now() - start) / 1000;
  print(
    `${frames} frames, ${cases} cases, ${elapsed.toFixed(1)} s, ${violations.length} violations`,
  );
  if (violations.length > 0) process.exitCode = 1;
}

function campaign(assignment: Assignment): Promise<Report> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./campaign/worker.js", import.meta.url), {
      workerData: assignment,
    });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

async function single(given: AnyCase): Promise<void> {
  const fault = await runCase(given, { frames: 0, cases: 0 });
  print(fault ?? "nothing is wrong");
  if (fault !== undefined) process.exitCode = 1;
}

async function show(seed: number, { number, fault, given }: Violation): Promise<void> {
  print(`\nVIOLATION (seed ${seed}, case ${number}): ${fault}`);
  if (given === undefined) return;
  const again = await runCase(given, { frames: 0, cases: 0 });
  if (again === undefined) {
    // Such as what the parsers of a process have learnt from one another.
    print("The case alone is right: it takes those before it.");
    print(`input: ${toJson(given)}`);
    return;
  }
  const [smallest, same] = await minimised(given, again);
  print(`smaller: ${same}\ninput: ${toJson(smallest)}\n`);
}

function kindLine(name: string, at: number, reports: readonly Report[]): string {
  let [frames, rate] = [0, 0];
  for (const { kinds } of reports) {
    const kind = kinds[at];
    if (kind === undefined || kind.seconds === 0) continue;
    frames += kind.frames;
    rate += kind.frames / kind.seconds;
  }
  return `${name}: ${frames} frames, ${Math.round(rate)} frames/s`;
}

function sum(reports: readonly Report[], name: "frames" | "cases"): number {
  return reports.reduce((total, report) => total + report[name], 0);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
