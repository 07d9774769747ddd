/** The command line. */

import { closeSync, openSync } from "node:fs";
import { parseArgs } from "node:util";
import { matching, SCENARIOS } from "./broker/scenarios.ts";
import { columns } from "./report/figures.ts";
import { CATALOGUE } from "./suites/catalogue.ts";

export interface Options {
  readonly rounds: number;
  readonly processes: number;
  readonly turnMs: number;
  readonly only: readonly string[] | undefined;
  readonly traffic: string | undefined;
  readonly json: string | undefined;
  readonly mixed: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

/** A mistake of whoever started the benchmark: one line on stderr, exit code 2. */
export class UsageError extends Error {}

export const HELP = `npm run bench -- [options]

  --only W1,E4     only these; also: scale, hostile, broker (which runs on request only)
  --traffic TEXT   of the brokers: the traffic of this title, or all that has it in its title
  --rounds 7       turns of each contender, of which the median counts
  --processes 3    so often all of that in new processes, of which the median counts
  --turn 80        milliseconds of work in a turn
  --mixed          each contender first does other workloads of small frames
  --json FILE      writes all rounds as JSON
  --list           names the workloads
`;

/** What is not measured in a table of rounds. */
const SUITES: Readonly<Record<string, string>> = {
  scale: "memory, timers and a million subscriptions",
  hostile: "what a peer can make slow",
  broker: "examples/broker beside other brokers, on request only",
};

/** All that `--only` takes. */
export function listed(): string {
  const workloads = CATALOGUE.map(({ name, title }) => [name, title]);
  return columns([...workloads, ...Object.entries(SUITES)]);
}

/** @throws {UsageError} for what cannot be meant, before anything is measured. */
export function readOptions(args: readonly string[]): Options {
  const values = parse(args);
  const { help, list, json, mixed } = values;
  const only = help || list ? undefined : values.only?.split(",").map(known);
  const options = {
    rounds: wholeNumber(values.rounds, "rounds"),
    processes: wholeNumber(values.processes, "processes"),
    turnMs: wholeNumber(values.turn, "turn"),
    only,
    traffic: values.traffic,
    json,
    mixed,
    list,
    help,
  };
  if (help || list) return options;
  checkTraffic(options);
  if (json !== undefined) checkWritable(json);
  return options;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        rounds: { type: "string", default: "7" },
        processes: { type: "string", default: "3" },
        turn: { type: "string", default: "80" },
        only: { type: "string" },
        traffic: { type: "string" },
        json: { type: "string" },
        mixed: { type: "boolean", default: false },
        list: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    // Advice follows in further sentences; the first one says what is wrong.
    throw new UsageError(reasonOf(error).split(/\.\s/)[0]);
  }
}

function wholeNumber(text: string, name: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new UsageError(`--${name} takes a whole number from 1 on, not ${JSON.stringify(text)}`);
}

function known(given: string): string {
  const name = given.trim();
  if (CATALOGUE.some((entry) => entry.name === name) || Object.hasOwn(SUITES, name)) return name;
  throw new UsageError(`--only knows no ${JSON.stringify(name)}; --list names what there is`);
}

function checkTraffic({ traffic, only }: Options): void {
  if (traffic === undefined) return;
  if (only?.includes("broker") !== true) throw new UsageError("--traffic needs --only broker");
  if (matching(SCENARIOS, traffic).length > 0) return;
  throw new UsageError(`No traffic has ${JSON.stringify(traffic)} in its title`);
}

/** A run takes long, and would have been for nothing. What the file holds is left until then. */
function checkWritable(path: string): void {
  try {
    closeSync(openSync(path, "a"));
  } catch (error) {
    throw new UsageError(`--json cannot be written: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
