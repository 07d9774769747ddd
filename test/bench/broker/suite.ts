/**
 * All traffic on all brokers that this machine has. They all run at the same time, and each takes
 * its turns between those of the others, so that whatever else the machine does concerns all of
 * them; the median of its turns counts.
 */

import { columns, digits, short } from "../report/figures.ts";
import { atLeast } from "../report/verdicts.ts";
import { FAN_OUT_RATE, Generator, type Percentiles, RATE, type Throughput } from "./load.ts";
import { isOrientation, matching, SCENARIOS, type Scenario, titleOf } from "./scenarios.ts";
import { ACTIVE_MQ, OURS, type Started, SYSTEMS, type System } from "./systems.ts";

/** One row of the result. */
export interface BrokerRow {
  readonly scenario: string;
  /** How many times as many messages as this system ours is to deliver. */
  readonly goal: number | undefined;
  readonly system: string;
  /** Of all turns. */
  readonly turns: readonly Throughput[];
  readonly latency: Percentiles | undefined;
  readonly failure: string | undefined;
  /** Why it did not take part, though it could have if it were another. */
  readonly absent: string | undefined;
}

const TURNS = 3;
const TURN_MS = 1000;
/** Virtual machines compile what they have run for a while. */
const WARM_UP_MS = 4000;

const HEADINGS = [
  "traffic",
  "broker",
  "messages/s",
  "x",
  "CPU",
  "us CPU each",
  "RSS MB",
  "generator",
  "p50 ms",
  "p99",
  "p99.9",
  "goal",
];

export const BROKER_NOTE = `x: how many times as many messages the first broker of the traffic delivers. CPU, and that of the
generator: 100 % is one core; where the generator is near 100 %, the broker could do more than is
shown. Latency at ${RATE} deliveries per second, at ${FAN_OUT_RATE} where a message goes to many; "-" where
there were too few messages to tell, or the broker cannot keep up. Other programs slow all of it down
but the CPU for each message.`;

interface Contender {
  readonly system: System;
  readonly started: Started;
}

/** @param wanted The title of the traffic that is wanted, or a part of it; all if undefined. */
export async function measureBrokers(
  progress: (text: string) => void,
  wanted?: string,
): Promise<BrokerRow[]> {
  const contenders: Contender[] = [];
  try {
    for (const system of SYSTEMS) {
      const missing = system.missing();
      if (missing !== undefined) {
        progress(`${missing}\n`);
        continue;
      }
      progress(`${system.name} `);
      const contender = { system, started: await system.start() };
      contenders.push(contender);
      await warmUp(contender);
    }
    const rows: BrokerRow[] = [];
    for (const scenario of wanted === undefined ? SCENARIOS : matching(SCENARIOS, wanted)) {
      progress(".");
      rows.push(...(await compare(scenario, contenders)));
    }
    return rows;
  } finally {
    for (const { started } of contenders) await started.stop();
    progress("\n");
  }
}

/** Whether the broker that is made of this engine got all traffic through. */
export function oursWorks(rows: readonly BrokerRow[]): boolean {
  const ours = rows.filter(({ system }) => system === OURS);
  return (
    ours.length > 0 &&
    ours.every(
      ({ failure, turns }) =>
        failure === undefined && turns.every(({ perSecond }) => perSecond > 0),
    )
  );
}

export function brokerTable(rows: readonly BrokerRow[]): string {
  let first: BrokerRow | undefined;
  const lines = rows.map((row) => {
    const begins = row.scenario !== first?.scenario;
    if (begins) first = row;
    return [begins ? row.scenario : "", row.system, ...figures(row, first ?? row)];
  });
  return columns([HEADINGS, ...lines]);
}

async function warmUp({ system, started }: Contender): Promise<void> {
  const small = SCENARIOS.filter(({ consumers, bodyBytes }) => consumers === 1 && bodyBytes === 64);
  const scenarios = small.filter((each) => possible(each, system, started));
  for (const scenario of scenarios) {
    const generator = new Generator(scenario, started);
    try {
      await generator.open();
      await generator.throughput(WARM_UP_MS / scenarios.length);
    } finally {
      generator.close();
    }
  }
}

function possible(scenario: Scenario, system: System, started: Started): boolean {
  return (
    absence(scenario, started) === undefined && (scenario.ack === "auto" || system.acknowledges)
  );
}

function absence({ webSocket }: Scenario, started: Started): string | undefined {
  return webSocket && started.webSocket === undefined ? "no WebSocket" : undefined;
}

/** One traffic on all brokers. */
async function compare(scenario: Scenario, contenders: readonly Contender[]): Promise<BrokerRow[]> {
  const measured = contenders
    .filter(({ system }) => scenario.ack === "auto" || system.acknowledges)
    .map(({ system, started }) => ({
      system: system.name,
      absent: absence(scenario, started),
      generator: new Generator(scenario, started),
      turns: [] as Throughput[],
      latency: undefined as Percentiles | undefined,
      failure: undefined as string | undefined,
    }));
  const each = async (step: (one: (typeof measured)[number]) => Promise<void>) => {
    for (const one of measured) {
      if (one.failure !== undefined || one.absent !== undefined) continue;
      await step(one).catch((error: unknown) => {
        one.failure = String(error);
      });
    }
  };
  await each(({ generator }) => generator.open());
  for (let turn = 0; turn < TURNS; turn++) {
    await each(async ({ generator, turns }) => {
      turns.push(await generator.throughput(TURN_MS));
    });
  }
  await each(async (one) => {
    // Of a broker that cannot keep up, it would tell no more than how long it was measured.
    if ((median(one.turns)?.perSecond ?? 0) < one.generator.rate) return;
    one.latency = await one.generator.latency();
  });
  for (const { generator } of measured) generator.close();
  return measured.map(({ generator: _, ...one }) => ({
    ...one,
    scenario: titleOf(scenario),
    goal: one.system === ACTIVE_MQ ? (isOrientation(scenario) ? 3 : 2) : undefined,
  }));
}

function figures({ turns, latency, failure, absent, goal }: BrokerRow, first: BrokerRow): string[] {
  const middle = median(turns);
  if (middle === undefined || middle.perSecond === 0) {
    return [failure ?? absent ?? "delivered nothing"];
  }
  const { perSecond, brokerCpu, generatorCpu, residentBytes } = middle;
  const best = median(first.turns);
  const times = best === undefined || best === middle ? undefined : best.perSecond / perSecond;
  const delays = [latency?.p50, latency?.p99, latency?.p999];
  return [
    short(perSecond),
    times === undefined ? "" : digits(times),
    `${(brokerCpu * 100).toFixed(0)} %`,
    digits((brokerCpu * 1e6) / perSecond),
    (residentBytes / 1e6).toFixed(0),
    `${(generatorCpu * 100).toFixed(0)} %`,
    ...delays.map((ms) => (ms === undefined ? "-" : digits(ms))),
    times === undefined || goal === undefined ? "" : atLeast(ACTIVE_MQ, times, { must: goal }),
  ];
}

function median(turns: readonly Throughput[]): Throughput | undefined {
  const sorted = [...turns].sort((one, other) => one.perSecond - other.perSecond);
  return sorted[Math.floor(sorted.length / 2)];
}
