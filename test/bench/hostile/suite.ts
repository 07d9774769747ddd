/** The hostile workloads against the ordinary one, and what they do to their neighbours. */

import { columns, digits } from "../report/figures.ts";
import { atMost } from "../report/verdicts.ts";
import { type Outcome, type Running, ratio, runRounds } from "../run/rounds.ts";
import { HOSTILE, hostileTitle, hostileWorkload } from "./workloads.ts";

/** What was measured of one hostile workload. */
export interface HostileRow {
  readonly name: string;
  readonly title: string;
  /** As the engine is. */
  readonly nsPerByte: number;
  /** By how many times dearer an octet is than an ordinary one is to the generic parser. */
  readonly timesOrdinary: number;
  /** Where octets come one by one: how many times what it takes to copy each where it belongs. */
  readonly timesCopying: number | undefined;
  /** Ordinary frames of another connection, beside these. */
  readonly neighbourNs: number;
  /** By how many times dearer they are than beside ordinary ones. */
  readonly slowdown: number;
}

/** The contender that only copies, as the floor of W9 does. */
export const COPYING = "floor";
/** The contender whose cost for ordinary octets is the measure of all others. */
export const GENERIC = "engine, no prediction";

/** The entries of the catalogue that this suite runs. */
export const HOSTILE_PREFIX = "hostile ";
export const NEIGHBOURS = "neighbours";

/** Who is measured: the generic parser on what is ordinary, and copying where octets come one by one. */
export function hostileContenders(name: string): readonly string[] {
  if (name === HOSTILE[0]) return ["engine", GENERIC];
  return name.startsWith("octets") ? ["engine", COPYING] : ["engine"];
}

export async function measureHostile(
  running: Running,
  progress: (text: string) => void,
): Promise<HostileRow[]> {
  const perByte = new Map<string, number>();
  const timesCopying = new Map<string, number>();
  let generic = 0;
  for (const name of HOSTILE) {
    progress(`${name} `);
    const outcomes = await runRounds(`${HOSTILE_PREFIX}${name}`, hostileContenders(name), running);
    const [ours, other] = outcomes;
    const { bytes, frames } = hostileWorkload(name);
    const nsPerByte = (outcome: Outcome | undefined) =>
      ((1e9 / rate(outcome)) * frames.length) / bytes;
    perByte.set(name, nsPerByte(ours));
    if (ours !== undefined && other?.contender === COPYING) {
      rate(other);
      timesCopying.set(name, ratio(other, ours));
    } else if (other !== undefined) generic = nsPerByte(other);
  }
  progress(`${NEIGHBOURS}\n`);
  const neighbours = await runRounds(NEIGHBOURS, HOSTILE, running);
  const [undisturbed] = neighbours;
  return HOSTILE.map((name, index) => {
    const neighbour = neighbours[index];
    const neighbourNs = 1e9 / rate(neighbour);
    const nsPerByte = perByte.get(name) ?? Number.NaN;
    return {
      name,
      title: hostileTitle(name),
      nsPerByte,
      timesOrdinary: nsPerByte / generic,
      timesCopying: timesCopying.get(name),
      neighbourNs,
      slowdown: undisturbed && neighbour ? ratio(undisturbed, neighbour) : Number.NaN,
    };
  });
}

export function hostileTable(rows: readonly HostileRow[]): string {
  return columns([
    [
      "hostile input",
      "",
      "ns/octet",
      "x ordinary, generic",
      "/ copying each",
      "neighbour ns/frame",
      "slowdown",
      "goals",
    ],
    ...rows.map((row) => [
      row.name,
      row.title,
      digits(row.nsPerByte),
      digits(row.timesOrdinary),
      row.timesCopying === undefined ? "" : digits(row.timesCopying),
      digits(row.neighbourNs),
      digits(row.slowdown),
      goals(row),
    ]),
  ]);
}

function goals({ name, timesOrdinary, timesCopying, slowdown }: HostileRow): string {
  if (name === HOSTILE[0]) return "";
  const octets =
    timesCopying === undefined
      ? atMost(timesOrdinary, 3, "ordinary")
      : atMost(timesCopying, 1.3, "floor");
  return `${octets}; ${atMost(slowdown, 1.2, "slowdown")}`;
}

function rate(outcome: Outcome | undefined): number {
  if (outcome?.median === undefined) throw new Error(outcome?.absent ?? "Nothing was measured");
  return outcome.median;
}
