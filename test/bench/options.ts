/** The command line. */

import { parseArgs } from "node:util";

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

export const HELP = `npm run bench -- [options]

  --only W1,E4     only these; also: scale, hostile, broker (which runs on request only)
  --traffic TEXT   of the brokers: only what has this in its title, such as "1 to 50"
  --rounds 7       turns of each contender, of which the median counts
  --processes 3    so often all of that in new processes, of which the median counts
  --turn 80        milliseconds of work in a turn
  --mixed          each process does the other workloads first
  --json FILE      writes all rounds as JSON
  --list           names the workloads
`;

/** @throws {TypeError} for an option that does not exist. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
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
  });
  return {
    rounds: Number(values.rounds),
    processes: Number(values.processes),
    turnMs: Number(values.turn),
    only: values.only?.split(","),
    traffic: values.traffic,
    json: values.json,
    mixed: values.mixed,
    list: values.list,
    help: values.help,
  };
}
