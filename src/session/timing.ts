/**
 * Everything about time in one session: heart-beats both ways, and how long the peer and the
 * transport may take.
 *
 * Traffic only leaves time stamps here. If the clock has jumped past a deadline by more than its
 * interval, the machine slept, and what the peer sent meanwhile is still on its way: one more
 * interval is granted before anything fails.
 */

import { ConnectionError, type ConnectionErrorCode } from "../errors.ts";
import { Deadline, NEVER, TICK_MS } from "./clock.ts";
import { type HeartBeat, keepable, NO_HEART_BEAT, SEND_AFTER } from "./heartbeat.ts";
import type { Settings } from "./settings.ts";

/** What has a time limit, by the code of the error if it is passed. */
type Limited = Extract<ConnectionErrorCode, "connect-timeout" | "disconnect-timeout" | "stalled">;

const LIMITED = {
  "connect-timeout": { option: "connectTimeoutMs", what: "The session was not connected" },
  "disconnect-timeout": { option: "disconnectTimeoutMs", what: "DISCONNECT was not answered" },
  stalled: { option: "stallTimeoutMs", what: "The transport took no data" },
} as const satisfies Readonly<Record<Limited, { option: keyof Settings; what: string }>>;

/** Whose time is kept. */
export interface Timed {
  /** A heart-beat has to be sent. */
  beat(): void;
  /** Something took too long. */
  timedOut(error: ConnectionError): void;
  /** Settles what else is due. */
  overdue(nowMs: number): void;
  /** When anything else is due. */
  readonly overdueMs: number;
}

/** The time of one session. */
export class Timing extends Deadline {
  readonly #session: Timed;
  readonly #settings: Settings;
  #agreed: HeartBeat = NO_HEART_BEAT;
  #sentMs = 0;
  #receivedMs = 0;
  /** Whether the peer is listened to: if not, its silence means nothing. */
  #listening = true;
  #stopped = false;
  #phase: Limited = "connect-timeout";
  #phaseByMs: number = NEVER;
  #stallByMs: number = NEVER;

  constructor(session: Timed, settings: Settings) {
    super(settings.clock);
    this.#session = session;
    this.#settings = settings;
  }

  /** The session has to get further within the time that its options give. */
  limit(phase: Exclude<Limited, "stalled">): void {
    this.#phase = phase;
    this.#phaseByMs = this.#from(this.#now, phase);
    this.watch();
  }

  /** The session is connected, and heart-beats are kept as agreed. */
  connected(agreed: HeartBeat): void {
    this.#phaseByMs = NEVER;
    this.#agreed = keepable(agreed);
    this.#sentMs = this.#receivedMs = this.#now;
    this.watch();
  }

  /** Something is being sent. */
  sent(): void {
    if (this.#agreed.sendMs !== 0) this.#sentMs = this.#now;
  }

  /** Something was received. */
  received(): void {
    if (this.#agreed.receiveMs !== 0) this.#receivedMs = this.#now;
  }

  /** Whether the transport is being read from. */
  listen(listening: boolean): void {
    this.#listening = listening;
    this.received();
    this.watch();
  }

  /** Whether the transport is saturated. */
  saturated(saturated: boolean): void {
    this.#stallByMs = saturated ? this.#from(this.#now, "stalled") : NEVER;
    this.watch();
  }

  /** The session has ended: nothing is due any more. */
  stop(): void {
    this.#stopped = true;
    this.cancel();
  }

  override get nextMs(): number {
    if (this.#stopped) return NEVER;
    return Math.min(
      this.#phaseByMs,
      this.#stallByMs,
      this.#beatMs,
      this.#silentMs,
      this.#session.overdueMs,
    );
  }

  override due(nowMs: number): void {
    if (nowMs >= this.#phaseByMs) {
      this.#phaseByMs = this.#passed(nowMs, this.#phase, this.#phaseByMs);
    }
    if (nowMs >= this.#stallByMs && !this.#stopped) {
      this.#stallByMs = this.#passed(nowMs, "stalled", this.#stallByMs);
    }
    if (nowMs >= this.#silentMs && !this.#stopped) this.#silent(nowMs);
    // Any of these may have been the end.
    if (nowMs < this.nextMs) return;
    if (nowMs >= this.#beatMs) {
      this.#sentMs = nowMs;
      this.#session.beat();
    }
    if (nowMs >= this.#session.overdueMs) this.#session.overdue(nowMs);
  }

  get #now(): number {
    return this.#settings.clock.now();
  }

  /** When the next heart-beat has to be sent: a tick earlier than due, because the wheel may be a tick late. */
  get #beatMs(): number {
    const { sendMs } = this.#agreed;
    return sendMs === 0 ? NEVER : this.#sentMs + sendMs * SEND_AFTER - TICK_MS;
  }

  /** When the peer has been silent for too long. */
  get #silentMs(): number {
    const { receiveMs } = this.#agreed;
    if (receiveMs === 0 || !this.#listening) return NEVER;
    return this.#receivedMs + receiveMs * this.#settings.heartBeatTolerance + TICK_MS;
  }

  #from(nowMs: number, limited: Limited): number {
    return nowMs + this.#settings[LIMITED[limited].option];
  }

  /** A limit was passed. @returns When it is to be looked at again. */
  #passed(nowMs: number, limited: Limited, atMs: number): number {
    const { option, what } = LIMITED[limited];
    const ms = this.#settings[option];
    if (nowMs - atMs > ms) return this.#from(nowMs, limited);
    this.#session.timedOut(new ConnectionError(limited, `${what} within ${ms} ms`));
    return NEVER;
  }

  #silent(nowMs: number): void {
    const { receiveMs } = this.#agreed;
    const toleratedMs = receiveMs * this.#settings.heartBeatTolerance;
    if (nowMs - this.#silentMs > receiveMs) {
      this.#receivedMs = nowMs + receiveMs - toleratedMs - TICK_MS;
      return;
    }
    const text = `Nothing was heard from the peer within ${toleratedMs} ms`;
    this.#session.timedOut(new ConnectionError("heart-beat-lost", text));
  }
}
