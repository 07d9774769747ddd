/** All traffic on all brokers that this machine has. */

import { columns, digits, short } from "../report/figures.ts";
import { type Load, put, RATE } from "./load.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import { type Started, SYSTEMS, type System } from "./systems.ts";

/** One row of the result. */
export interface BrokerRow {
  readonly scenario: Scenario;
  readonly system: string;
  readonly load: Load | undefined;
  readonly failure: string | undefined;
}

const HEADINGS = [
  "traffic",
  "broker",
  "messages/s",
  "broker CPU",
  "us CPU each",
  "RSS MB",
  "generator CPU",
  "p50 ms",
  "p99",
  "p99.9",
];

export const BROKER_NOTE = `Latency at ${RATE} deliveries per second. CPU: 100 % is one core. Where the generator is near 100 %,
the broker could do more than is shown. Other programs slow all of it down but the CPU for each message.`;

/** Starts each broker once and puts one scenario after the other on it. */
export async function measureBrokers(progress: (text: string) => void): Promise<BrokerRow[]> {
  const rows: BrokerRow[] = [];
  for (const system of SYSTEMS) {
    const missing = system.missing();
    if (missing !== undefined) {
      progress(`${missing}\n`);
      continue;
    }
    progress(`${system.name} `);
    const started = await system.start();
    try {
      await warmUp(started);
      for (const scenario of SCENARIOS.filter((each) => possible(each, system, started))) {
        rows.push(await row(scenario, system, started));
        progress(".");
      }
    } finally {
      await started.stop();
    }
    progress("\n");
  }
  return rows;
}

export function brokerTable(rows: readonly BrokerRow[]): string {
  const lines = SCENARIOS.flatMap((scenario) =>
    rows
      .filter((row) => row.scenario === scenario)
      .map((row, index) => [index === 0 ? titleOf(scenario) : "", row.system, ...figures(row)]),
  );
  return columns([HEADINGS, ...lines]);
}

/** Virtual machines compile what they have run for a while. */
async function warmUp(started: Started): Promise<void> {
  const [first] = SCENARIOS;
  if (first !== undefined) await put(first, started);
}

function possible(scenario: Scenario, system: System, started: Started): boolean {
  if (scenario.webSocket && started.webSocket === undefined) return false;
  return scenario.ack === "auto" || system.acknowledges;
}

async function row(scenario: Scenario, system: System, started: Started): Promise<BrokerRow> {
  try {
    const load = await put(scenario, started);
    return { scenario, system: system.name, load, failure: undefined };
  } catch (error) {
    return { scenario, system: system.name, load: undefined, failure: String(error) };
  }
}

function titleOf({ title, ack, bodyBytes, webSocket }: Scenario): string {
  const acks = ack === "auto" ? "" : ", individual acks";
  return `${title}, ${bodyBytes} B${acks}${webSocket ? ", WebSocket" : ""}`;
}

function figures({ load, failure }: BrokerRow): string[] {
  if (load === undefined) return [failure ?? ""];
  const { perSecond, brokerCpu, generatorCpu, residentBytes, latency } = load;
  const delays =
    latency === undefined ? ["-", "-", "-"] : [latency.p50, latency.p99, latency.p999].map(digits);
  return [
    short(perSecond),
    `${(brokerCpu * 100).toFixed(0)} %`,
    digits((brokerCpu * 1e6) / perSecond),
    (residentBytes / 1e6).toFixed(0),
    `${(generatorCpu * 100).toFixed(0)} %`,
    ...delays,
  ];
}
