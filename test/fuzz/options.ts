/** The command line. */

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

export interface Options {
  readonly seconds: number;
  readonly seed: number;
  readonly workers: number;
  readonly only: number | undefined;
  readonly replay: string | undefined;
  readonly help: boolean;
}

export const HELP = `npm run fuzz -- [options]

  --seconds 60     how long
  --seed N         which cases; another one every time if it is left out
  --workers N      threads (default: one for each processor)
  --case N         only this case of the seed
  --replay FILE    only the case in this file: what was printed as "input"
`;

/** @throws {TypeError} for an option that does not exist, or is no number. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string", default: "60" },
      seed: { type: "string" },
      workers: { type: "string" },
      case: { type: "string" },
      replay: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  return {
    seconds: number("seconds", values.seconds),
    seed: number("seed", values.seed) ?? Math.floor(Math.random() * 0x1_0000_0000),
    workers: number("workers", values.workers) ?? availableParallelism(),
    only: number("case", values.case),
    replay: values.replay,
    help: values.help,
  };
}

function number(name: string, text: string): number;
function number(name: string, text: string | undefined): number | undefined;
function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text !== "" && value >= 0) return value;
  throw new TypeError(`--${name} takes a number`);
}
