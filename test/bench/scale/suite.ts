/** Memory, timers and a million subscriptions. */

import { columns, digits, short } from "../report/figures.ts";
import { atMost } from "../report/verdicts.ts";
import { inProcess } from "./child.ts";
import { type Footprint, WEIGHED } from "./memory.ts";
import type { FanOutScale } from "./subscriptions.ts";
import { TIMERS, type TimerCost } from "./timers.ts";

/** Everything that was measured. */
export interface Scale {
  readonly memory: Readonly<Record<string, Footprint>>;
  readonly timers: Readonly<Record<string, TimerCost>>;
  readonly subscriptions: FanOutScale;
}

/** Bytes, must and stretch. */
const MEMORY_GOALS: Readonly<Record<string, readonly [number, number]>> = {
  parser: [250, 150],
  "session, connected": [400, 320],
};
/** Percent of a core for the heart-beats of all sessions, must and stretch. */
const TIMER_GOAL = [0.5, 0.3] as const;

export async function measureScale(progress: (text: string) => void): Promise<Scale> {
  const memory: Record<string, Footprint> = {};
  for (const name of WEIGHED) {
    progress(`${name} `);
    memory[name] = await inProcess<Footprint>("memory", name);
  }
  progress("timers ");
  // One after the other: what they take is next to nothing, and mostly what is in whose cache.
  const timers: Record<string, TimerCost> = {};
  for (const name of Object.keys(TIMERS)) timers[name] = await inProcess<TimerCost>("timers", name);
  progress("subscriptions\n");
  return { memory, timers, subscriptions: await inProcess("subscriptions") };
}

export function scaleTable({ memory, timers, subscriptions }: Scale): string {
  return [memoryTable(memory), timerTable(timers), subscriptionTable(subscriptions)].join("\n\n");
}

function memoryTable(memory: Scale["memory"]): string {
  return columns([
    ["100,000 idle", "", "heap B", "external B", "goals (must, stretch)"],
    ...Object.entries(memory).map(([name, { heap, external }]) => [
      name,
      "",
      heap.toFixed(0),
      external.toFixed(0),
      memoryVerdict(name, heap + external),
    ]),
  ]);
}

function memoryVerdict(name: string, bytes: number): string {
  const goal = MEMORY_GOALS[name];
  return goal === undefined ? "" : verdict(bytes, goal, "B");
}

function timerTable(timers: Scale["timers"]): string {
  return columns([
    [
      "100,000 sessions",
      "",
      "CPU",
      "in timers",
      "heap MB",
      "set up ms",
      "worst delay ms",
      "sent",
      "goals (must, stretch)",
    ],
    ...Object.entries(timers).map(([name, cost]) => timerRow(name, cost)),
  ]);
}

function timerRow(name: string, cost: TimerCost): string[] {
  return [
    TIMERS[name] ?? name,
    "",
    `${digits(cost.cpu * 100)} %`,
    name === "intervals" ? "" : `${digits(cost.inTimers * 100)} %`,
    digits(cost.heapBytes / 1e6),
    // It lets time pass while it sets up: its sessions must not all beat at the same moment.
    name === "idle" ? "" : digits(cost.setUpMs),
    digits(cost.worstDelayMs),
    short(cost.sent),
    name === "wheel" || name === "idle" ? verdict(cost.inTimers * 100, TIMER_GOAL, "%") : "",
  ];
}

function subscriptionTable({ bytesEach, subscribeNs, points }: FanOutScale): string {
  const [fewest, most] = [points.at(0), points.at(-1)];
  const times = (most?.nsEach ?? Number.NaN) / (fewest?.nsEach ?? Number.NaN);
  const growth = `${digits(times)} times ${short(fewest?.subscriptions ?? 0)}; ${atMost(times, 2, "times")}`;
  return columns([
    ["1,000,000 subscriptions", "", "ns a delivery", "goals"],
    ...points.map((point) => [
      short(point.subscriptions),
      "",
      digits(point.nsEach),
      point === most ? growth : "",
    ]),
    ["SUBSCRIBE, ns each", "", digits(subscribeNs), ""],
    ["heap, B each", "", digits(bytesEach), ""],
  ]);
}

function verdict(figure: number, [must = 0, stretch = 0]: readonly number[], unit: string): string {
  const goal = `<=${must} ${unit}`;
  if (figure > must) return `${goal} ABOVE by ${digits(figure - must)} ${unit}`;
  if (figure > stretch)
    return `${goal} ok, ${stretch} above by ${digits(figure - stretch)} ${unit}`;
  return `${goal} ok, ${stretch} reached`;
}
