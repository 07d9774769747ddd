/** The options of a session, and what they come to once checked and completed. */

import { ProtocolError } from "../errors.ts";
import {
  beforeAcceptance,
  type FrameLimits,
  type Limits,
  sessionLimits,
} from "../protocol/limits.ts";
import { inOrder, isVersion, VERSIONS, type Version } from "../protocol/version.ts";
import { type Clock, systemClock } from "./clock.ts";
import { DEFAULT_HEART_BEAT, type HeartBeat, offer } from "./heartbeat.ts";
import { type Wheel, wheelOf } from "./wheel.ts";

/** What clients and servers can be told alike. */
export interface SessionOptions {
  /** The versions to speak. Default: all. */
  versions?: readonly Version[] | undefined;
  /** What is offered: how often we can send, how often we want to receive. Default 10,000 ms both; below 500 ms it is raised to that, 0 is never. */
  heartBeat?: HeartBeat | undefined;
  /** The peer is taken for dead after so many intervals without a byte. Default 2. */
  heartBeatTolerance?: number | undefined;
  /** How long it may take until the session is connected. Default 10,000 ms; `Infinity`: for ever. */
  connectTimeoutMs?: number | undefined;
  /** How long a client waits for the answer to DISCONNECT. Default 5,000 ms. */
  disconnectTimeoutMs?: number | undefined;
  /** How long the transport may stay saturated. Default 30,000 ms. */
  stallTimeoutMs?: number | undefined;
  /** What a peer may make us hold. */
  limits?: Partial<Limits> | undefined;
  /** Whether received bodies are copies instead of views on the chunk that they came in. Default false. */
  copyBodies?: boolean | undefined;
  /** Whether to refuse what is commonly tolerated: unescaped colons in values, spaces in accept-version, CONNECT without host. Default false. */
  strict?: boolean | undefined;
  /** Where time comes from. Default: the platform's. */
  clock?: Clock | undefined;
}

/** The same, checked and complete. */
export interface Settings {
  readonly versions: readonly Version[];
  readonly heartBeat: HeartBeat;
  readonly heartBeatTolerance: number;
  readonly connectTimeoutMs: number;
  readonly disconnectTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly limits: Readonly<Limits>;
  readonly limitsBeforeAcceptance: Readonly<FrameLimits>;
  readonly copyBodies: boolean;
  readonly strict: boolean;
  readonly clock: Clock;
  readonly wheel: Wheel;
}

/**
 * Settings for one session after the other. Those that are told the same share them, if they come
 * in a row: most of what an idle one would weigh, and nothing of its own to fetch when it is read.
 *
 * @param complete Checks options, and freezes what they come to.
 */
export function sharing<Options extends object, Complete extends Settings>(
  complete: (options: Partial<Options>) => Complete,
): (options: Partial<Options> | undefined) => Complete {
  const defaults = complete({});
  let last = defaults;
  return (options) => {
    if (options === undefined) return defaults;
    const settings = complete(options);
    if (!areSame(settings, last)) last = settings;
    return last;
  };
}

/**
 * The versions to offer or to speak, checked.
 *
 * @throws {ProtocolError} `invalid-option`
 */
export function checkedVersions(versions: readonly Version[]): readonly Version[] {
  if (versions.length > 0 && versions.every(isVersion)) return inOrder(versions);
  throw new ProtocolError("invalid-option", `versions must be some of ${VERSIONS.join(", ")}`);
}

/**
 * A span of time, checked.
 *
 * @throws {ProtocolError} `invalid-option`
 */
export function checkedMs(name: string, ms: number): number {
  return atLeast(0, name, ms);
}

/**
 * A number, checked.
 *
 * @throws {ProtocolError} `invalid-option`
 */
export function atLeast(least: number, name: string, value: number): number {
  if (typeof value === "number" && value >= least) return value;
  throw new ProtocolError("invalid-option", `${name} must be a number of at least ${least}`);
}

const DEFAULT_LIMITS = sessionLimits();
const DEFAULT_BEFORE_ACCEPTANCE = beforeAcceptance(DEFAULT_LIMITS);

/** @throws {ProtocolError} `invalid-option`, naming the option. */
export function settle(options: SessionOptions): Settings {
  // One copy in any case: they are the largest part of the settings, and hardly ever given.
  const given = options.limits !== undefined;
  const clock = checkedClock(options.clock ?? systemClock);
  const limits = given ? sessionLimits(options.limits) : DEFAULT_LIMITS;
  return Object.freeze({
    versions: checkedVersions(options.versions ?? VERSIONS),
    heartBeat: offer(options.heartBeat ?? DEFAULT_HEART_BEAT),
    heartBeatTolerance: atLeast(1, "heartBeatTolerance", options.heartBeatTolerance ?? 2),
    connectTimeoutMs: checkedMs("connectTimeoutMs", options.connectTimeoutMs ?? 10_000),
    disconnectTimeoutMs: checkedMs("disconnectTimeoutMs", options.disconnectTimeoutMs ?? 5_000),
    stallTimeoutMs: checkedMs("stallTimeoutMs", options.stallTimeoutMs ?? 30_000),
    limits,
    limitsBeforeAcceptance: given ? beforeAcceptance(limits) : DEFAULT_BEFORE_ACCEPTANCE,
    copyBodies: options.copyBodies ?? false,
    strict: options.strict ?? false,
    clock,
    wheel: wheelOf(clock),
  });
}

function checkedClock(clock: Clock): Clock {
  const { now, setTimeout, clearTimeout } = clock;
  if ([now, setTimeout, clearTimeout].every((each) => typeof each === "function")) return clock;
  const text = "clock must have now(), setTimeout() and clearTimeout()";
  throw new ProtocolError("invalid-option", text);
}

/** What is the same if its values are; not so a clock and its wheel. */
const PLAIN: ReadonlySet<string> = new Set<keyof Settings>([
  "versions",
  "heartBeat",
  "limits",
  "limitsBeforeAcceptance",
]);

function areSame(one: object, other: object): boolean {
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => {
    const [mine, theirs] = [one, other].map((of) => (of as Record<string, unknown>)[name]);
    return mine === theirs || (PLAIN.has(name) && areSame(mine as object, theirs as object));
  });
}
