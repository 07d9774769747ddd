/** What differs between the versions on the wire, as data. */

import { ProtocolError } from "../errors.ts";
import type { Version } from "./version.ts";

/** How one version writes and reads frames. */
export interface Dialect {
  readonly version: Version;
  /** The character that stands behind the backslash, by the character that it stands for. Empty: no escaping. */
  readonly escapes: ReadonlyMap<string, string>;
  /** A carriage return before the line feed belongs to the end of the line; anywhere else in a line it is an error. */
  readonly carriageReturns: boolean;
  /** Spaces and tabs around header names and values mean nothing. */
  readonly trims: boolean;
  /** A body is allowed on every frame, and ignored where it has no meaning. */
  readonly bodiesEverywhere: boolean;
  /** The header of a MESSAGE by which it is acknowledged. */
  readonly acknowledgedBy: "message-id" | "ack";
  /** Whether ACK and NACK name the subscription. */
  readonly ackNamesSubscription: boolean;
  /** Whether the two sides agree on heart-beats. */
  readonly heartBeats: boolean;
  /** Whether CONNECT has to name a virtual host. */
  readonly hostNeeded: boolean;
  /** The acknowledgement modes of SUBSCRIBE. */
  readonly ackModes: readonly AckMode[];
  /** An ERROR may follow the rules of any version: what these do not know in its headers stands for itself. */
  readonly anyError: boolean;
}

/** How the messages of a subscription are acknowledged. */
export type AckMode = "auto" | "client" | "client-individual";

const ESCAPES_1_1 = new Map([
  ["\n", "n"],
  [":", "c"],
  ["\\", "\\"],
]);

/** The dialect of each version. */
export const DIALECTS: Readonly<Record<Version, Dialect>> = {
  "1.0": {
    version: "1.0",
    escapes: new Map(),
    carriageReturns: false,
    trims: true,
    bodiesEverywhere: true,
    acknowledgedBy: "message-id",
    ackNamesSubscription: false,
    heartBeats: false,
    hostNeeded: false,
    ackModes: ["auto", "client"],
    anyError: false,
  },
  "1.1": {
    version: "1.1",
    escapes: ESCAPES_1_1,
    carriageReturns: false,
    trims: false,
    bodiesEverywhere: false,
    acknowledgedBy: "message-id",
    ackNamesSubscription: true,
    heartBeats: true,
    hostNeeded: true,
    ackModes: ["auto", "client", "client-individual"],
    anyError: false,
  },
  "1.2": {
    version: "1.2",
    escapes: new Map([...ESCAPES_1_1, ["\r", "r"]]),
    carriageReturns: true,
    trims: false,
    bodiesEverywhere: false,
    acknowledgedBy: "ack",
    ackNamesSubscription: false,
    heartBeats: true,
    hostNeeded: true,
    ackModes: ["auto", "client", "client-individual"],
    anyError: false,
  },
};

/**
 * What is read before a version is agreed on. CONNECT and CONNECTED are the same in all of them, but
 * a server may refuse with the ERROR of one that is not ours, and why is worth more than how.
 */
export const INTRODUCTION: Dialect = { ...DIALECTS["1.2"], anyError: true };

/**
 * The dialect of a version.
 *
 * @throws {ProtocolError} `invalid-option` if there is no such version.
 */
export function dialectOf(version: Version): Dialect {
  // Asked for with every frame that is encoded: a few comparisons cost less than a lookup by name.
  for (const dialect of ALL) if (dialect.version === version) return dialect;
  throw new ProtocolError("invalid-option", 'A version must be "1.0", "1.1" or "1.2"');
}

const ALL: readonly Dialect[] = [DIALECTS["1.2"], DIALECTS["1.1"], DIALECTS["1.0"]];

/** A header name or value without the spaces and tabs around it, for dialects that trim. */
export function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isPadding(text.charCodeAt(start))) start++;
  while (end > start && isPadding(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isPadding(character: number): boolean {
  return character === 0x20 || character === 0x09;
}
