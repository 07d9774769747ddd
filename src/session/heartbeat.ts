/**
 * Heart-beats: what the two sides offer, what follows from it, and how the header is written.
 *
 * @see STOMP 1.2, "Heart-beating"
 */

import { ProtocolError } from "../errors.ts";

/**
 * As an offer: how often this side can send, and how often it wants to receive. As the outcome:
 * how often it has to send, and how often it can count on receiving. In milliseconds; 0 is never.
 */
export interface HeartBeat {
  readonly sendMs: number;
  readonly receiveMs: number;
}

/** No heart-beats, either way. */
export const NO_HEART_BEAT: HeartBeat = Object.freeze({ sendMs: 0, receiveMs: 0 });

/** What is offered unless told otherwise. */
export const DEFAULT_HEART_BEAT: HeartBeat = Object.freeze({ sendMs: 10_000, receiveMs: 10_000 });

/** Of a beat's interval, the part after which it is sent: the rest is for the way. */
export const SEND_AFTER = 0.9;

const LEAST_MS = 500;
/** Timers take no more, and nobody waits for longer. */
const MOST_MS = 2_147_483_647;
const FORMAT = /^(\d+),(\d+)$/;

/**
 * An own offer, raised where it would flood the peer.
 *
 * @throws {ProtocolError} `invalid-option` for anything but whole numbers of at least 0.
 */
export function offer(heartBeat: HeartBeat): HeartBeat {
  return Object.freeze({
    sendMs: raised("sendMs", heartBeat.sendMs),
    receiveMs: raised("receiveMs", heartBeat.receiveMs),
  });
}

/** The value of the `heart-beat` header for an offer. */
export function format(heartBeat: HeartBeat): string {
  return `${heartBeat.sendMs},${heartBeat.receiveMs}`;
}

/** What a `heart-beat` header offers; no header offers nothing; undefined if it is not two numbers. */
export function parse(header: string | undefined): HeartBeat | undefined {
  if (header === undefined) return NO_HEART_BEAT;
  const numbers = FORMAT.exec(header);
  if (numbers === null) return undefined;
  const [sendMs, receiveMs] = [Number(numbers[1]), Number(numbers[2])];
  if (!Number.isSafeInteger(sendMs) || !Number.isSafeInteger(receiveMs)) return undefined;
  return { sendMs, receiveMs };
}

/**
 * What follows for one side from both offers. Each direction is the slower of what its sender
 * can and its receiver wants, and none if either says 0. Both sides come to the same numbers.
 */
export function negotiate(own: HeartBeat, peer: HeartBeat): HeartBeat {
  return {
    sendMs: direction(own.sendMs, peer.receiveMs),
    receiveMs: direction(peer.sendMs, own.receiveMs),
  };
}

/** The same, within what a timer can keep. */
export function keepable(heartBeat: HeartBeat): HeartBeat {
  return {
    sendMs: Math.min(heartBeat.sendMs, MOST_MS),
    receiveMs: Math.min(heartBeat.receiveMs, MOST_MS),
  };
}

function direction(senderMs: number, receiverMs: number): number {
  return senderMs === 0 || receiverMs === 0 ? 0 : Math.max(senderMs, receiverMs);
}

function raised(name: string, ms: number): number {
  if (!Number.isSafeInteger(ms) || ms < 0) {
    throw new ProtocolError("invalid-option", `heartBeat.${name} must be whole milliseconds`);
  }
  return ms === 0 ? 0 : Math.min(Math.max(ms, LEAST_MS), MOST_MS);
}
