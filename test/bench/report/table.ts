/** The measurements against each other, and against the goals. */

import { type Outcome, ratio } from "../run/rounds.ts";
import type { Entry } from "../suites/catalogue.ts";
import { columns, digits, short } from "./figures.ts";
import { goalsOf, NANOSECONDS } from "./goals.ts";
import { atLeast, atMost } from "./verdicts.ts";

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
  const present = outcomes.filter(({ median }) => median !== undefined);
  const stompjs = present.find(({ contender }) => contender === "stompjs");
  const floor = present.find(({ contender }) => contender === "floor");
  const [fastest] = present.filter(isPeer).sort((a, b) => (b.median ?? 0) - (a.median ?? 0));
  return present.map((outcome, index) => {
    const { contender, median = 0 } = outcome;
    const first = index === 0 ? `${entry.name}  ${entry.title}` : "";
    const plain = [first, contender, `${short(median)} ${entry.unit}`, digits(1e9 / median)];
    const ofStompjs = stompjs === undefined ? "" : digits(ratio(outcome, stompjs));
    if (!isEngine(outcome)) return [...plain, outcome === stompjs ? "" : ofStompjs, "", "", ""];
    return [
      ...plain,
      ofStompjs,
      fastest === undefined ? "" : `${digits(ratio(outcome, fastest))} (${fastest.contender})`,
      floor === undefined ? "" : digits(ratio(floor, outcome)),
      verdicts(entry.name, outcome, present),
    ];
  });
}

function isPeer(outcome: Outcome): boolean {
  const { contender } = outcome;
  return !isEngine(outcome) && contender !== "stompjs" && !ORIENTATION.has(contender);
}

/** Whether it is a variant of this engine. */
export function isEngine({ contender }: Outcome): boolean {
  return contender.startsWith("engine");
}

function verdicts(workload: string, outcome: Outcome, present: readonly Outcome[]): string {
  const parts: string[] = [];
  const floor = present.find(({ contender }) => contender === "floor");
  for (const goal of goalsOf(workload)) {
    const { against, must } = goal;
    if (goal.contender !== outcome.contender) continue;
    const other = present.find((candidate) => candidate.contender === against);
    if (against === NANOSECONDS) parts.push(atMost(1e9 / (outcome.median ?? 0), must, "ns"));
    else if (other === undefined) continue;
    else if (against === "floor") parts.push(atMost(ratio(other, outcome), must, "floor"));
    else parts.push(atLeast(against, ratio(outcome, other), goal, floor && ratio(floor, other)));
  }
  return parts.join("; ");
}
