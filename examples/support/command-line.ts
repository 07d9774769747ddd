/** Options of a program, its `--help`, and one clear line on stderr when something is wrong. */

import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

/** One option of a program. */
export interface Option {
  readonly type: "string" | "boolean";
  /** A single letter. */
  readonly short?: string;
  /** What stands for the value in the help; a boolean has none. */
  readonly value?: string;
  /** May be given several times. */
  readonly multiple?: boolean;
  /** What it is for, default included. */
  readonly help: string;
}

/** What was given for each option. */
export type Values<Options extends Record<string, Option>> = {
  readonly [Name in keyof Options]: Options[Name] extends { type: "boolean" }
    ? boolean
    : Options[Name] extends { multiple: true }
      ? readonly string[]
      : string | undefined;
};

/** A mistake of whoever started the program: one line on stderr, exit code 2. */
export class UsageError extends Error {}

/** Something that a running program cannot go on from: one line on stderr, exit code 1. */
export class Failure extends Error {}

/**
 * Reads the arguments of a program.
 *
 * @returns undefined when `--help` was asked for, and printed.
 * @throws {UsageError} for an option that there is not, or one that lacks its value.
 */
export function parseCommandLine<const Options extends Record<string, Option>>(
  intro: string,
  options: Options,
  args: readonly string[] = process.argv.slice(2),
): Values<Options> | undefined {
  const { help, ...given } = parse(options, args);
  if (help === true) {
    process.stdout.write(`${intro}\n\n${helpText(options)}\n`);
    return undefined;
  }
  const values: Record<string, unknown> = {};
  for (const [name, { type, multiple }] of Object.entries(options)) {
    values[name] = given[name] ?? (type === "boolean" ? false : multiple ? [] : undefined);
  }
  return values as Values<Options>;
}

/**
 * The whole number that an option was given as.
 *
 * @throws {UsageError} if it is none, or out of range.
 */
export function wholeNumber(
  text: string | undefined,
  name: string,
  fallback: number,
  least = 0,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  if (text === undefined) return fallback;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  throw new UsageError(`--${name} takes a whole number ${range}, not ${JSON.stringify(text)}`);
}

/** Runs `main` if the module is the program that was started, and turns errors into one line. */
export function runProgram(moduleUrl: string, name: string, main: () => Promise<void>): void {
  const started = process.argv[1];
  if (started === undefined || pathToFileURL(started).href !== moduleUrl) return;
  main().catch((error: unknown) => {
    process.stderr.write(`${name}: ${explain(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  });
}

/** The error in one line, without a stack where it is of a kind that we know. */
export function explain(error: unknown): string {
  if (error instanceof UsageError) return `${error.message} (--help lists the options)`;
  if (error instanceof Failure) return error.message;
  if (!(error instanceof Error)) return String(error);
  // What nobody foresaw is a fault of the program: then the stack is what helps.
  return "code" in error ? error.message : (error.stack ?? error.message);
}

function parse(
  options: Record<string, Option>,
  args: readonly string[],
): Record<string, unknown> & { readonly help?: unknown } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { ...options, help: { type: "boolean" } },
      allowPositionals: false,
    });
    return { ...values };
  } catch (error) {
    // Advice follows in further sentences; the first one says what is wrong.
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.split(/\.\s/)[0] ?? message);
  }
}

function helpText(options: Record<string, Option>): string {
  const all: [string, Option][] = [
    ...Object.entries(options),
    ["help", { type: "boolean", help: "print this" }],
  ];
  const rows = all.map(([name, { short, value, help }]) => {
    const flag = `${short === undefined ? "    " : `-${short}, `}--${name}`;
    return [value === undefined ? flag : `${flag} ${value}`, help] as const;
  });
  const width = Math.max(...rows.map(([flag]) => flag.length));
  return rows.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`).join("\n");
}
