/** Every limit on what a peer may make us hold: its unit and its default. */

import { ProtocolError } from "../errors.ts";

/** The limits of a frame. Each is checked while reading; passing one is `limit-exceeded`. */
export interface FrameLimits {
  /** Octets of the command line, without its end. Default 32. */
  maxCommandBytes: number;
  /** Octets of a header line, without its end; binds the command line too. Default 8 KiB. */
  maxLineBytes: number;
  /** Header lines of a frame, repeated ones included. Default 100. */
  maxHeaders: number;
  /** Octets of a header block: all of a frame before its body. Default 64 KiB. */
  maxHeaderBytes: number;
  /** Octets of a body. Default 4 MiB. */
  maxBodyBytes: number;
  /** Octets of a header block and its body. Default: both limits together. */
  maxFrameBytes: number;
}

/** The limits of a session: those of its frames, and those of what it keeps between frames. */
export interface Limits extends FrameLimits {
  /** Subscriptions at a time. Default 1000. */
  maxSubscriptions: number;
  /** Open transactions. Default 16. */
  maxTransactions: number;
  /** Frames kept for one transaction. Default 1024. */
  maxTransactionFrames: number;
  /** Octets of the frames kept for one transaction. Default: four times `maxBodyBytes`. */
  maxTransactionBytes: number;
  /** Octets received that wait for the application. Past it: `pending-overflow`. Default: twice `maxFrameBytes`. */
  maxPendingBytes: number;
  /** Deliveries that await acknowledgement. Past it: `window-full`. Default: no limit. */
  maxUnacknowledged: number;
}

/** What a server takes before it has accepted the client: headers enough to introduce oneself. */
const INTRODUCTION_BYTES = 16_384;

/**
 * The given limits, and the defaults for the others.
 *
 * @throws {ProtocolError} `invalid-option` for one that is not a number of at least 0.
 */
export function frameLimits(given: Partial<FrameLimits> = {}): Readonly<FrameLimits> {
  const limits = {
    maxCommandBytes: 32,
    maxLineBytes: 8_192,
    maxHeaders: 100,
    maxHeaderBytes: 65_536,
    maxBodyBytes: 4_194_304,
  };
  const chosen = choose(limits, given);
  const whole = { maxFrameBytes: chosen.maxHeaderBytes + chosen.maxBodyBytes };
  return checked({ ...chosen, ...choose(whole, given) });
}

/** Limits as they are, if they were made here; otherwise what they come to. */
export function fixedLimits(limits: Readonly<FrameLimits>): Readonly<FrameLimits> {
  return CHECKED.has(limits) ? limits : frameLimits(limits);
}

const CHECKED = new WeakSet<object>();

function checked<T extends object>(limits: T): Readonly<T> {
  CHECKED.add(limits);
  return Object.freeze(limits);
}

/**
 * The same for the limits of a session.
 *
 * @throws {ProtocolError} `invalid-option`, also for a limit that there is not.
 */
export function sessionLimits(given: Partial<Limits> = {}): Readonly<Limits> {
  const frame = frameLimits(given);
  const limits = {
    maxSubscriptions: 1_000,
    maxTransactions: 16,
    maxTransactionFrames: 1_024,
    maxTransactionBytes: 4 * frame.maxBodyBytes,
    maxPendingBytes: 2 * frame.maxFrameBytes,
    maxUnacknowledged: Number.POSITIVE_INFINITY,
  };
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(frame, name) || Object.hasOwn(limits, name)) continue;
    throw new ProtocolError("invalid-option", `There is no limit ${JSON.stringify(name)}`);
  }
  return checked({ ...frame, ...choose(limits, given) });
}

/** The limits for the frames that come before a server has accepted the client, in blocks no larger than later ones. */
export function beforeAcceptance(limits: Readonly<FrameLimits>): Readonly<FrameLimits> {
  return frameLimits({
    maxCommandBytes: limits.maxCommandBytes,
    maxHeaders: limits.maxHeaders,
    // A token may take up all there is for headers.
    maxLineBytes: INTRODUCTION_BYTES,
    maxHeaderBytes: Math.min(limits.maxHeaderBytes, limits.maxFrameBytes, INTRODUCTION_BYTES),
    maxBodyBytes: 0,
  });
}

function choose<T extends Record<keyof T, number>>(defaults: T, given: Partial<T>): T {
  const chosen: Record<string, number> = { ...defaults };
  for (const name of Object.keys(defaults) as (keyof T & string)[]) {
    const limit = given[name];
    if (limit === undefined) continue;
    // Not "less than 0", which NaN is not either.
    if (typeof limit !== "number" || !(limit >= 0)) {
      throw new ProtocolError("invalid-option", `The limit ${name} must be a number of at least 0`);
    }
    // Whole ones mean the same however the bytes come.
    chosen[name] = Math.floor(limit);
  }
  return chosen as T;
}
