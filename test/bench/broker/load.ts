/**
 * Puts one scenario on one broker, from this process.
 *
 * Throughput is measured with a window: so many messages are on their way at a time, and each that
 * arrives makes room for the next, so that no broker has to hold more than it may. Latency is
 * measured at a fixed rate, from the time of writing, which travels in the body, to the time of
 * reading.
 */

import { Acknowledgements } from "./acknowledgements.ts";
import { Link } from "./link.ts";
import type { Scenario } from "./scenarios.ts";
import type { Started } from "./systems.ts";
import { usageOf } from "./usage.ts";

/** What was seen while a broker had as much to do as it could take. */
export interface Throughput {
  /** Messages delivered per second. */
  readonly perSecond: number;
  /** Seconds on a processor per second. */
  readonly brokerCpu: number;
  readonly generatorCpu: number;
  readonly residentBytes: number;
}

/** Milliseconds; undefined where there were too few messages to tell. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number | undefined;
  readonly p999: number | undefined;
}

/** Deliveries per second while latency is measured, where a message goes to one. */
export const RATE = 4000;
/** The same where it goes to many: it takes more of them to be enough messages. */
export const FAN_OUT_RATE = 20_000;

const SETTLE_MS = 400;
/** While latency is measured: so many messages, but within these bounds. */
const LATENCY_MESSAGES = 1000;
const LATENCY_MS = { least: 1500, most: 5000 };
/** Deliveries on their way at a time, and of a message to many at least so many messages. */
const WINDOW = 8000;
const WINDOW_MESSAGES = 20;
/** The window is filled by so many writes, or more if they would be larger than a broker reads at once. */
const WRITES = 8;
const WRITE_BYTES = 65_536;
const STAMP_DIGITS = 16;
const BLANK_LINE = Buffer.from("\n\n");

let serial = 0;

/** Puts one scenario on one broker: `open` it, measure as often as wanted, `close` it. */
export class Generator {
  readonly #scenario: Scenario;
  readonly #broker: Started;
  readonly #destination: string;
  readonly #producers: Link[] = [];
  readonly #consumers: Link[] = [];
  #sent = 0;
  #received = 0;
  /** Called after each chunk that a consumer has got. */
  #arrived: () => void = () => {};

  constructor(scenario: Scenario, broker: Started) {
    this.#scenario = scenario;
    this.#broker = broker;
    this.#destination = `/${scenario.kind}/bench-${process.pid}-${serial++}`;
  }

  async open(): Promise<void> {
    const { producers, consumers, ack } = this.#scenario;
    for (let index = 0; index < consumers; index++) {
      const link = await this.#connected();
      await link.exchange(
        `SUBSCRIBE\nid:0\ndestination:${this.#destination}\nack:${ack}\nreceipt:0\n\n\0`,
        "RECEIPT",
      );
      this.#consumers.push(link);
    }
    for (let index = 0; index < producers; index++) this.#producers.push(await this.#connected());
    for (const link of this.#consumers) this.#listen(link, undefined);
  }

  async throughput(forMs: number): Promise<Throughput> {
    const running = this.#keepWindowFull();
    await pause(SETTLE_MS);
    const before = { usage: usageOf(this.#broker.pid), own: process.cpuUsage() };
    const received = this.#received;
    const start = performance.now();
    await pause(forMs);
    const ms = performance.now() - start;
    const usage = usageOf(this.#broker.pid);
    const own = process.cpuUsage(before.own);
    const perSecond = ((this.#received - received) * 1000) / ms;
    running.stop();
    await this.#quiet();
    return {
      perSecond,
      brokerCpu: ((usage?.cpuMs ?? 0) - (before.usage?.cpuMs ?? 0)) / ms,
      generatorCpu: (own.user + own.system) / 1000 / ms,
      residentBytes: usage?.residentBytes ?? 0,
    };
  }

  /** Deliveries per second while latency is measured. */
  get rate(): number {
    return this.#copies() === 1 ? RATE : FAN_OUT_RATE;
  }

  /** At a fixed rate; undefined when most did not arrive. */
  async latency(): Promise<Percentiles | undefined> {
    const { bodyBytes } = this.#scenario;
    const copies = this.#copies();
    const perSecond = this.rate / copies;
    const { least, most } = LATENCY_MS;
    const ms = Math.min(most, Math.max(least, (LATENCY_MESSAGES / perSecond) * 1000));
    const messages = Math.round((ms / 1000) * perSecond);
    const delays: number[] = [];
    for (const link of this.#consumers) this.#listen(link, delays);
    const start = performance.now();
    let sent = 0;
    while (sent < messages) {
      const passed = Math.floor(((performance.now() - start) / 1000) * perSecond);
      const due = Math.min(messages, passed);
      for (; sent < due; sent++) {
        const link = this.#producers[sent % this.#producers.length];
        const stamp = String(Math.round(performance.now() * 1000)).padStart(STAMP_DIGITS, "0");
        link?.send(link.wire(send(this.#destination, stamp.padEnd(bodyBytes, "."))));
      }
      await pause(1);
    }
    await this.#quiet();
    for (const link of this.#consumers) this.#listen(link, undefined);
    return delays.length < messages * copies * 0.5 ? undefined : percentiles(delays, messages);
  }

  close(): void {
    for (const link of [...this.#producers, ...this.#consumers]) link.close();
  }

  async #connected(): Promise<Link> {
    const { tcp, webSocket, login, passcode } = this.#broker;
    const reach = this.#scenario.webSocket ? webSocket : tcp;
    if (reach === undefined) throw new Error("The broker has no WebSocket");
    const link = await Link.open(reach);
    const user = login === "" ? "" : `login:${login}\npasscode:${passcode}\n`;
    const connect = `CONNECT\naccept-version:1.2\nhost:/\nheart-beat:0,0\n${user}\n\0`;
    await link.exchange(connect, "CONNECTED");
    return link;
  }

  /** Deliveries of one message. */
  #copies(): number {
    return this.#scenario.kind === "topic" ? this.#scenario.consumers : 1;
  }

  /** Sends while fewer deliveries than the window are on their way. */
  #keepWindowFull(): { stop(): void } {
    const copies = this.#copies();
    const body = "x".repeat(this.#scenario.bodyBytes);
    const window = Math.max(WINDOW, copies * WINDOW_MESSAGES);
    const batches = this.#producers.map((link) => {
      const one = link.wire(send(this.#destination, body));
      const size = Math.min(
        Math.ceil(window / copies / this.#producers.length / WRITES),
        Math.ceil(WRITE_BYTES / one.length),
      );
      return {
        link,
        size,
        wire: Buffer.concat(Array.from({ length: size }, () => one)),
        ready: true,
      };
    });
    let running = true;
    this.#sent = 0;
    const first = this.#received;
    const fill = () => {
      if (!running) return;
      let onTheirWay = this.#sent * copies - (this.#received - first);
      for (let progress = true; progress; ) {
        progress = false;
        for (const batch of batches) {
          if (!batch.ready || onTheirWay + batch.size * copies > window) continue;
          batch.ready = batch.link.send(batch.wire);
          this.#sent += batch.size;
          onTheirWay += batch.size * copies;
          progress = true;
        }
      }
    };
    for (const batch of batches) {
      batch.link.drained = () => {
        batch.ready = true;
        fill();
      };
    }
    this.#arrived = fill;
    fill();
    return {
      stop: () => {
        running = false;
      },
    };
  }

  /** Acknowledges and takes the time, where either is wanted. */
  #listen(link: Link, delays: number[] | undefined): void {
    const acknowledgements =
      this.#scenario.ack === "auto" ? undefined : new Acknowledgements(this.#scenario.webSocket);
    link.listener =
      acknowledgements === undefined && delays === undefined
        ? undefined
        : (bytes, start, end) => {
            if (delays !== undefined) delays.push(performance.now() - stampIn(bytes, start) / 1000);
            acknowledgements?.add(bytes, start, end);
          };
    link.arrived = (frames) => {
      this.#received += frames;
      const acks = acknowledgements?.take();
      if (acks !== undefined) link.send(acks);
      this.#arrived();
    };
  }

  /** Waits until nothing arrives any more. */
  async #quiet(): Promise<void> {
    for (let last = -1; last !== this.#received; ) {
      last = this.#received;
      await pause(150);
    }
  }
}

function send(destination: string, body: string): string {
  return `SEND\ndestination:${destination}\ncontent-type:text/plain\ncontent-length:${body.length}\n\n${body}\0`;
}

/** Microseconds, as they stand at the beginning of a body. */
function stampIn(bytes: Buffer, start: number): number {
  const body = bytes.indexOf(BLANK_LINE, start) + BLANK_LINE.length;
  return Number(bytes.toString("latin1", body, body + STAMP_DIGITS));
}

/** The copies of a message wait together: of rare delays only as many messages can tell as they are rare. */
function percentiles(values: readonly number[], messages: number): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    p50: at(0.5),
    p99: messages < 100 ? undefined : at(0.99),
    p999: messages < 1000 ? undefined : at(0.999),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
