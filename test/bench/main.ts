/**
 * The benchmark: this engine beside the libraries that do the same, in one run.
 *
 *   npm run bench                      everything but the brokers
 *   npm run bench -- --only W1,E4      some workloads
 *   npm run bench -- --help
 *
 * Only ratios within one run mean something: absolute figures drift with the machine. Every
 * contender delivers the command, all headers (read by name) and the body of each frame; that is
 * verified against the generator before timing, and a sum over it is checked in every pass. Each
 * has a process of its own, is warmed up, and takes its turns between those of the others; the
 * median of its turns counts, in time that its main thread spent on a processor. All of that is done
 * in three processes one after the other, of which the median counts in turn. "Floor" is one
 * decoding of the header block, one view of the body, or one copy of it where it lies in two chunks,
 * and the reads of the application: a goal that it does not reach either is out of reach. How fast
 * anything is, is not asserted; but the exit code is 1 if something of the engine did not work.
 */

import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import type { BrokerRow } from "./broker/suite.ts";
import type { HostileRow } from "./hostile/suite.ts";
import { HELP, listed, type Options, readOptions, UsageError } from "./options.ts";
import { between } from "./report/between.ts";
import { absences, isEngine, type Measured, table } from "./report/table.ts";
import { runRounds } from "./run/rounds.ts";
import type { Scale } from "./scale/suite.ts";
import { CATALOGUE } from "./suites/catalogue.ts";

try {
  await obey(readOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 2;
}

async function obey(options: Options): Promise<void> {
  if (options.help) print(HELP);
  else if (options.list) print(listed());
  else await run(options);
}

async function run(given: Options): Promise<void> {
  print(`Node ${process.version}, ${availableParallelism()} x ${cpus()[0]?.model ?? "?"}`);
  const { only, json } = given;
  const wants = (suite: string) => only?.includes(suite) ?? suite !== "broker";
  const results = {
    workloads: await rounds(given),
    scale: wants("scale") ? await unlessItFails(scale) : undefined,
    hostile: wants("hostile") ? await unlessItFails(() => hostile(given)) : undefined,
    brokers: wants("broker") ? await unlessItFails(() => brokers(given)) : undefined,
  };
  if (json !== undefined) writeFileSync(json, JSON.stringify(results, undefined, 1));
}

async function scale(): Promise<Scale> {
  const { measureScale, scaleTable } = await import("./scale/suite.ts");
  const measured = await measureScale(progress);
  print(scaleTable(measured));
  return measured;
}

async function hostile(given: Options): Promise<HostileRow[]> {
  const { measureHostile, hostileTable } = await import("./hostile/suite.ts");
  const rows = await measureHostile(given, progress);
  print(hostileTable(rows));
  return rows;
}

async function brokers({ traffic }: Options): Promise<BrokerRow[]> {
  const { measureBrokers, brokerTable, BROKER_NOTE, oursWorks } = await import("./broker/suite.ts");
  const rows = await measureBrokers(progress, traffic);
  print(`${brokerTable(rows)}\n${BROKER_NOTE}`);
  if (!oursWorks(rows)) failed();
  return rows;
}

/** A suite that cannot be run does not keep the others away, but is not forgotten. */
async function unlessItFails<Result>(suite: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await suite();
  } catch (error) {
    print(String(error));
    failed();
    return undefined;
  }
}

async function rounds({ only, mixed, ...given }: Options): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const entry of CATALOGUE) {
    if (only !== undefined && !only.includes(entry.name)) continue;
    progress(`${entry.name} `);
    const names = entry.contenders.map(({ name }) => name);
    const running = { ...given, mixed: mixed || entry.mixed === true };
    measured.push({ entry, outcomes: await runRounds(entry.name, names, running) });
  }
  if (measured.length > 0) {
    progress("\n");
    print(table(measured));
    print(between(measured));
    print(absences(measured));
  }
  const engines = measured.flatMap(({ outcomes }) => outcomes.filter(isEngine));
  if (engines.some(({ absent }) => absent !== undefined)) failed();
  return measured;
}

function failed(): void {
  process.exitCode = 1;
}

function print(text: string): void {
  if (text !== "") process.stdout.write(`${text}\n\n`);
}

function progress(text: string): void {
  process.stderr.write(text);
}
