/** Many pairs of a client and a server on one clock, on a network that takes its time. */

import { StompClient, type StompError, StompServer } from "stomp-engine";
import { ManualClock } from "stomp-engine/testing";
import { Random } from "../fuzz/random.ts";

/** Somebody was taken for dead. */
export interface Alarm {
  /** After it was last heard of. */
  readonly afterMs: number;
  readonly intervalMs: number;
  readonly code: string;
}

export interface Weather {
  /** How long bytes are on their way at the most; some take as long as an interval. */
  readonly jitterMs: number;
  /** How late the platform's timers are at the most. */
  readonly lateTimersMs: number;
}

/** The intervals of the pairs: most are longer than usual, so that a day has not too many beats. */
const INTERVALS_MS = [60_000, 120_000, 180_000, 300_000];
/** A slot for each millisecond: nothing is on its way for longer. */
const SLOTS = 1 << 19;

const CONNECTING_MS = 10_000;

/** One direction of a connection. */
interface Direction {
  readonly to: Receiving;
  readonly intervalMs: number;
  /** Bytes keep their order. */
  arrivesMs: number;
  heardMs: number;
  frozen: boolean;
}

interface Receiving {
  receiveData(chunk: Uint8Array): boolean;
}

export class HeartBeatWorld {
  readonly alarms: Alarm[] = [];
  beats = 0;
  readonly #clock = new ManualClock();
  readonly #random: Random;
  readonly #connections: (readonly [Direction, Direction])[] = [];
  /** What arrives, by the millisecond. */
  readonly #arrivals: (Arrival[] | undefined)[] = new Array(SLOTS).fill(undefined);
  readonly #freezes = new Map<number, number[]>();
  #weather: Weather = { jitterMs: 0, lateTimersMs: 0 };

  constructor(pairs: number, seed: number) {
    this.#random = new Random(seed);
    for (let at = 0; at < pairs; at++) this.#connect(INTERVALS_MS[at % 4] as number);
  }

  get longestIntervalMs(): number {
    return Math.max(...INTERVALS_MS);
  }

  /** Each connection, at some time, does not carry anything any more; but all of them are made. */
  freezeEverybodyWithin(ms: number): void {
    for (let at = 0; at < this.#connections.length; at++) {
      const atMs = CONNECTING_MS + this.#random.below(ms - CONNECTING_MS);
      this.#freezes.set(atMs, [...(this.#freezes.get(atMs) ?? []), at]);
    }
  }

  /** Lets time pass: to each timer, or a little later, and to each arrival on the way. */
  run(ms: number, weather: Weather): void {
    this.#weather = weather;
    const endMs = this.#clock.now() + ms;
    while (this.#clock.now() < endMs) {
      const next = this.#clock.now() + Math.max(1, this.#clock.untilNextMs ?? endMs);
      const late = this.#random.below(weather.lateTimersMs + 1);
      this.#pass(Math.min(Math.floor(next) + late, endMs));
    }
  }

  /** No timer fires on the way, however many are due: the machine is busy. */
  #pass(untilMs: number): void {
    for (let atMs = Math.floor(this.#clock.now()) + 1; atMs <= untilMs; atMs++) {
      for (const frozen of this.#freezes.get(atMs) ?? []) this.#freeze(frozen);
      const arrivals = this.#arrivals[atMs % SLOTS];
      if (arrivals === undefined) continue;
      this.#arrivals[atMs % SLOTS] = undefined;
      this.#clock.jump(atMs - this.#clock.now());
      for (const { direction, bytes } of arrivals) this.#arrive(direction, bytes, atMs);
    }
    this.#clock.jump(untilMs - this.#clock.now());
  }

  #connect(intervalMs: number): void {
    const clock = this.#clock;
    const options = { clock, heartBeat: { sendMs: intervalMs, receiveMs: intervalMs } };
    const client: Client = new Client(options, (bytes) => this.#send(toServer, bytes));
    const server: Server = new Server(options, (bytes) => this.#send(toClient, bytes));
    const [toServer, toClient] = [directionTo(server, intervalMs), directionTo(client, intervalMs)];
    client.lost = (error) => this.#alarm(toClient, error);
    server.lost = (error) => this.#alarm(toServer, error);
    this.#connections.push([toServer, toClient]);
    client.connect();
  }

  #send(direction: Direction, bytes: Uint8Array): void {
    const { intervalMs } = direction;
    // Now and then the network holds a heart-beat back for nearly as long as the interval.
    const held = bytes.length === 1 && this.#random.chance(0.01);
    const delayMs = this.#random.below(held ? intervalMs : this.#weather.jitterMs + 1);
    const now = Math.floor(this.#clock.now());
    direction.arrivesMs = Math.max(direction.arrivesMs, now + 1 + delayMs);
    const slot = direction.arrivesMs % SLOTS;
    const arrivals = this.#arrivals[slot] ?? [];
    arrivals.push({ direction, bytes });
    this.#arrivals[slot] = arrivals;
  }

  #arrive(direction: Direction, bytes: Uint8Array, atMs: number): void {
    if (direction.frozen) return;
    this.beats++;
    direction.heardMs = atMs;
    direction.to.receiveData(bytes);
  }

  #freeze(at: number): void {
    for (const direction of this.#connections[at] ?? []) direction.frozen = true;
  }

  #alarm({ heardMs, intervalMs }: Direction, { code }: StompError): void {
    this.alarms.push({ afterMs: this.#clock.now() - heardMs, intervalMs, code });
  }
}

interface Arrival {
  readonly direction: Direction;
  readonly bytes: Uint8Array;
}

function directionTo(to: Receiving, intervalMs: number): Direction {
  return { to, intervalMs, arrivesMs: 0, heardMs: 0, frozen: false };
}

type Options = ConstructorParameters<typeof StompClient>[0];
type Send = (bytes: Uint8Array) => void;

class Client extends StompClient {
  lost: (error: StompError) => void = () => {};
  readonly #send: Send;

  constructor(options: Options, send: Send) {
    super(options);
    this.#send = send;
  }

  protected override sendData(data: Uint8Array): void {
    this.#send(data);
  }

  protected override sendEnd(): void {}
  protected override onConnected(): void {}
  protected override onMessage(): void {}
  protected override onReceipt(): void {}

  protected override onError(error: StompError): void {
    this.lost(error);
  }
}

class Server extends StompServer {
  lost: (error: StompError) => void = () => {};
  readonly #send: Send;

  constructor(options: Options, send: Send) {
    super(options);
    this.#send = send;
  }

  protected override sendData(data: Uint8Array): void {
    this.#send(data);
  }

  protected override sendEnd(): void {}

  protected override onConnect(): boolean {
    return true;
  }

  protected override onMessage(): void {}
  protected override onSubscribe(): void {}
  protected override onUnsubscribe(): void {}
  protected override onAck(): void {}
  protected override onNack(): void {}
  protected override onDisconnect(): void {}

  protected override onError(error: StompError): void {
    this.lost(error);
  }
}
