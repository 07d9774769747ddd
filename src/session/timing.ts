/**
 * Everything about time in one session: heart-beats both ways, and how long the peer and the
 * transport may take.
 *
 * Traffic only puts moments off. If the clock has jumped past a deadline, the machine slept,
 * and what the peer sent meanwhile is still on its way: as much time as that is granted before
 * anything fails, one more interval at the most.
 *
 * A session is its own deadline, and its limits are whole milliseconds: both are about what a
 * hundred thousand idle ones weigh.
 */

import { ConnectionError, type ConnectionErrorCode } from "../errors.ts";
import { grace, NEVER, TICK_MS } from "./clock.ts";
import { type HeartBeat, keepable, SEND_AFTER } from "./heartbeat.ts";
import type { Settings } from "./settings.ts";
import { Deadline, type Moment, type Wheel } from "./wheel.ts";

/** What has a time limit, by the code of the error if it is passed. */
type Limited = Extract<ConnectionErrorCode, "connect-timeout" | "disconnect-timeout" | "stalled">;

const LIMITED = {
  "connect-timeout": { option: "connectTimeoutMs", what: "The session was not connected" },
  "disconnect-timeout": { option: "disconnectTimeoutMs", what: "DISCONNECT was not answered" },
  stalled: { option: "stallTimeoutMs", what: "The transport was not writable again" },
} as const satisfies Readonly<Record<Limited, { option: keyof Settings; what: string }>>;

/** When the next heart-beat has to be sent. */
const BEAT: Moment = 0;
/** When the peer has been silent for too long. */
const SILENCE: Moment = 1;
/** When something else takes too long. */
const LIMIT: Moment = 2;

/** A limit that is not set. Not `NEVER`: a field of whole numbers takes a word, any other a box. */
const NOT_SET = -1;

/** The time of one session. */
export abstract class Timing extends Deadline {
  protected readonly settings: Settings;
  /** Of the heart-beats that were agreed; 0: none. */
  #sendMs = 0;
  #receiveMs = 0;
  /** When the session has to be further in its life. */
  #furtherByMs = NOT_SET;
  #stallByMs = NOT_SET;

  constructor(settings: Settings) {
    super();
    this.settings = settings;
  }

  override get wheel(): Wheel {
    return this.settings.wheel;
  }

  override due(nowMs: number): void {
    if (nowMs >= moment(this.#furtherByMs)) {
      this.#furtherByMs = this.passed(nowMs, this.awaited, this.#furtherByMs);
    }
    if (nowMs >= moment(this.#stallByMs) && !this.hasEnded) {
      this.#stallByMs = this.passed(nowMs, "stalled", this.#stallByMs);
    }
    if (nowMs >= this.at(SILENCE)) this.silent(nowMs);
    if (nowMs >= this.at(BEAT)) {
      this.sentAt(nowMs);
      this.beat();
    }
    this.overdue(nowMs);
    this.watch();
  }

  /** Whether nothing is due any more. */
  protected abstract get hasEnded(): boolean;
  /** Whether the peer is listened to: if not, its silence means nothing. */
  protected abstract get isListening(): boolean;
  /** What the session has to get to in time. */
  protected abstract get awaited(): Exclude<Limited, "stalled">;
  /** When anything of the role is due. */
  protected abstract get overdueMs(): number;
  /** Settles that, if it is. */
  protected abstract overdue(nowMs: number): void;
  /** A heart-beat has to be sent. */
  protected abstract beat(): void;
  /** Something took too long. */
  protected abstract timedOut(error: ConnectionError): void;

  /** The session has to get to what is awaited within the time that its options give. */
  protected limit(): void {
    this.#furtherByMs = this.from(this.nowMs, this.awaited);
    this.watch();
  }

  /** Whether it has to get to something in time. */
  protected get isLimited(): boolean {
    return this.#furtherByMs !== NOT_SET;
  }

  /** The session is connected, and heart-beats are kept as agreed. */
  protected keep(agreed: HeartBeat): void {
    const { sendMs, receiveMs } = keepable(agreed);
    this.#furtherByMs = NOT_SET;
    this.#sendMs = sendMs;
    this.#receiveMs = receiveMs;
    // Without heart-beats most have nothing to wait for from now on.
    if (sendMs === 0 && receiveMs === 0) this.cancel();
    const { nowMs } = this;
    if (sendMs !== 0) this.move(BEAT, this.beatMs(nowMs));
    if (receiveMs !== 0) this.move(SILENCE, this.silentMs(nowMs));
    this.watch();
  }

  /** One of the limits may have become another. */
  protected watch(): void {
    if (this.hasEnded) return;
    const limitMs = Math.min(moment(this.#furtherByMs), moment(this.#stallByMs), this.overdueMs);
    this.move(LIMIT, limitMs);
  }

  /** Something is being sent. */
  protected stampSent(): void {
    if (this.#sendMs !== 0) this.sentAt(this.nowMs);
  }

  /** Something was received. */
  protected stampReceived(): void {
    if (this.#receiveMs !== 0) this.putOff(SILENCE, this.silentMs(this.nowMs));
  }

  /** The transport has become saturated, or is no more. */
  protected saturated(saturated: boolean): void {
    this.#stallByMs = saturated ? this.from(this.nowMs, "stalled") : NOT_SET;
    this.watch();
  }

  protected get nowMs(): number {
    return Math.floor(this.settings.clock.now());
  }

  private sentAt(nowMs: number): void {
    this.putOff(BEAT, this.beatMs(nowMs));
  }

  /** When to send next, after something was sent: a tick earlier than due, because the wheel may be a tick late. */
  private beatMs(sentMs: number): number {
    return sentMs + this.#sendMs * SEND_AFTER - TICK_MS;
  }

  /** How long to wait for the peer, after something was received. */
  private silentMs(receivedMs: number): number {
    return receivedMs + this.toleratedMs + TICK_MS;
  }

  private get toleratedMs(): number {
    return this.#receiveMs * this.settings.heartBeatTolerance;
  }

  private from(nowMs: number, limited: Limited): number {
    const ms = this.settings[LIMITED[limited].option];
    return ms === NEVER ? NOT_SET : Math.ceil(nowMs + ms);
  }

  /** A limit was passed. @returns When it is to be looked at again. */
  private passed(nowMs: number, limited: Limited, atMs: number): number {
    const { option, what } = LIMITED[limited];
    const ms = this.settings[option];
    const graceMs = grace(nowMs - atMs, ms);
    if (graceMs > 0) return Math.ceil(nowMs + graceMs);
    this.timedOut(new ConnectionError(limited, `${what} within ${ms} ms`));
    return NOT_SET;
  }

  private silent(nowMs: number): void {
    if (!this.isListening) {
      this.stampReceived();
      return;
    }
    const graceMs = grace(nowMs - this.at(SILENCE), this.#receiveMs);
    if (graceMs > 0) {
      this.putOff(SILENCE, nowMs + graceMs);
      return;
    }
    const text = `Nothing was heard from the peer within ${this.toleratedMs} ms`;
    this.timedOut(new ConnectionError("heart-beat-lost", text));
  }
}

function moment(atMs: number): number {
  return atMs === NOT_SET ? NEVER : atMs;
}
