/** The measurements against each other, and against the goals. */

import type { Outcome } from "../run/rounds.ts";
import type { Entry } from "../suites/catalogue.ts";
import { columns, digits, short } from "./figures.ts";
import { goalsOf, NANOSECONDS } from "./goals.ts";

/** A workload and what came of it. */
export interface Measured {
  readonly entry: Entry;
  readonly outcomes: readonly Outcome[];
}

const HEADINGS = [
  "workload",
  "contender",
  "per second",
  "ns each",
  "x stompjs",
  "x fastest other peer",
  "/ floor",
  "goals (must, stretch)",
];
const ORIENTATION = new Set(["floor", "mqtt-packet", "nats MSG", "nats HMSG"]);

/** One row per variant of the engine, and one below for the peers. */
export function table(measured: readonly Measured[]): string {
  return columns([HEADINGS, ...measured.flatMap(rows)]);
}

/** Whether the cost of an octet stays the same for a frame eight times as long. */
export function linearity(measured: readonly Measured[]): string {
  const [long, short] = ["W10", "W10s"].map((name) =>
    measured.find(({ entry }) => entry.name === name)?.outcomes.find(isOurs),
  );
  if (long?.median === undefined || short?.median === undefined) return "";
  const ratio = short.median / long.median / 8;
  return `W10: an octet costs ${digits(ratio)} times what it costs in W10s; ${atMost(ratio, 3, "times")}`;
}

/** Who did not take part, and why. */
export function absences(measured: readonly Measured[]): string {
  return measured
    .flatMap(({ entry, outcomes }) =>
      outcomes
        .filter(({ absent }) => absent !== undefined)
        .map(({ contender, absent }) => `${entry.name}: ${contender}: ${absent}`),
    )
    .join("\n");
}

function rows({ entry, outcomes }: Measured): string[][] {
  const rate = new Map<string, number>();
  for (const { contender, median } of outcomes) {
    if (median !== undefined) rate.set(contender, median);
  }
  const stompjs = rate.get("stompjs");
  const others = [...rate].filter(
    ([name]) => !isEngine(name) && name !== "stompjs" && !ORIENTATION.has(name),
  );
  const fastest = others.sort(([, a], [, b]) => b - a)[0];
  const floor = rate.get("floor");
  return [...rate].map(([name, value], index) => {
    const first = index === 0 ? `${entry.name}  ${entry.title}` : "";
    const plain = [first, name, short(value), digits(1e9 / value)];
    const ofStompjs = stompjs === undefined ? "" : digits(value / stompjs);
    if (!isEngine(name)) return [...plain, name === "stompjs" ? "" : ofStompjs, "", "", ""];
    return [
      ...plain,
      ofStompjs,
      fastest === undefined ? "" : `${digits(value / fastest[1])} (${fastest[0]})`,
      floor === undefined ? "" : digits(floor / value),
      verdicts(entry.name, name, value, rate),
    ];
  });
}

function isOurs({ contender }: Outcome): boolean {
  return contender === "engine";
}

function isEngine(name: string): boolean {
  return name.startsWith("engine");
}

function verdicts(
  workload: string,
  contender: string,
  value: number,
  rate: ReadonlyMap<string, number>,
): string {
  const parts: string[] = [];
  for (const goal of goalsOf(workload)) {
    if (goal.contender !== contender) continue;
    if (goal.against === NANOSECONDS) parts.push(atMost(1e9 / value, goal.must, "ns"));
    const other = rate.get(goal.against);
    if (other === undefined) continue;
    parts.push(
      goal.against === "floor"
        ? atMost(other / value, goal.must, "floor")
        : atLeast(goal.against, value / other, goal.must, goal.stretch),
    );
  }
  return parts.join("; ");
}

function atMost(figure: number, must: number, of: string): string {
  const goal = `<=${must} ${of}`;
  return figure <= must ? `${goal} ok` : `${goal} ABOVE by ${percent(figure / must - 1)}`;
}

function atLeast(
  against: string,
  ratio: number,
  must: number,
  stretch: number | undefined,
): string {
  const goal = against === "stompjs" ? `>=${must}` : `>=${must} ${against}`;
  if (ratio < must) return `${goal} BELOW by ${percent(1 - ratio / must)}`;
  if (stretch === undefined) return `${goal} ok`;
  return ratio >= stretch
    ? `${goal} ok, ${stretch} reached`
    : `${goal} ok, ${stretch} below by ${percent(1 - ratio / stretch)}`;
}

function percent(share: number): string {
  return `${Math.max(1, Math.round(share * 100))} %`;
}
