/** The hostile workloads against the ordinary one, and what they do to their neighbours. */

import { columns, digits } from "../report/figures.ts";
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
  /** Ordinary frames of another connection, beside these. */
  readonly neighbourNs: number;
  /** By how many times dearer they are than beside ordinary ones. */
  readonly slowdown: number;
}

/** The entries of the catalogue that this suite runs. */
export const HOSTILE_PREFIX = "hostile ";
export const NEIGHBOURS = "neighbours";

export async function measureHostile(
  running: Running,
  progress: (text: string) => void,
): Promise<HostileRow[]> {
  const perByte = new Map<string, number>();
  let generic = 0;
  for (const name of HOSTILE) {
    progress(`${name} `);
    const contenders = name === HOSTILE[0] ? ["engine", "engine, no prediction"] : ["engine"];
    const outcomes = await runRounds(`${HOSTILE_PREFIX}${name}`, contenders, running);
    const { bytes, frames } = hostileWorkload(name);
    const nsPerByte = (outcome: Outcome | undefined) =>
      ((1e9 / rate(outcome)) * frames.length) / bytes;
    perByte.set(name, nsPerByte(outcomes[0]));
    if (outcomes.length > 1) generic = nsPerByte(outcomes[1]);
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
      neighbourNs,
      slowdown: undisturbed && neighbour ? ratio(undisturbed, neighbour) : Number.NaN,
    };
  });
}

export function hostileTable(rows: readonly HostileRow[]): string {
  return columns([
    ["hostile input", "", "ns/octet", "x ordinary, generic", "neighbour ns/frame", "slowdown"],
    ...rows.map((row) => [
      row.name,
      row.title,
      digits(row.nsPerByte),
      digits(row.timesOrdinary),
      digits(row.neighbourNs),
      digits(row.slowdown),
    ]),
  ]);
}

function rate(outcome: Outcome | undefined): number {
  if (outcome?.median === undefined) throw new Error(outcome?.absent ?? "Nothing was measured");
  return outcome.median;
}
