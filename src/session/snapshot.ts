/** What it takes to carry a session on in another one, as plain JSON. */

import { ProtocolError } from "../errors.ts";
import { type AckMode, DIALECTS } from "../protocol/dialect.ts";

/** A subscription as it was asked for. */
export interface SnapshotSubscription {
  readonly id: string;
  readonly destination: string;
  readonly ack: AckMode;
  /** Further headers, in order. */
  readonly headers: readonly (readonly [string, string])[];
}

/**
 * Subscriptions, session id and the counter of ids. Never deliveries, which `onClose` hands over,
 * and never transactions, which end with their session.
 */
export interface Snapshot {
  readonly session: string | undefined;
  readonly subscriptions: readonly SnapshotSubscription[];
  /** The number of the next id that is made; so ids are not given twice. */
  readonly nextId: number;
}

/**
 * A snapshot that may come from a storage.
 *
 * @throws {ProtocolError} `invalid-option` if it is none.
 */
export function checkedSnapshot(snapshot: Snapshot): Snapshot {
  const { session, subscriptions, nextId } = snapshot;
  if (
    (session === undefined || typeof session === "string") &&
    Array.isArray(subscriptions) &&
    subscriptions.every(isSubscription) &&
    Number.isSafeInteger(nextId) &&
    nextId >= 0
  ) {
    return snapshot;
  }
  throw new ProtocolError("invalid-option", "This is no snapshot of a session");
}

function isSubscription({ id, destination, ack, headers }: SnapshotSubscription): boolean {
  return (
    typeof id === "string" &&
    typeof destination === "string" &&
    DIALECTS["1.2"].ackModes.includes(ack) &&
    Array.isArray(headers) &&
    headers.every(isEntry)
  );
}

function isEntry(entry: unknown): boolean {
  return Array.isArray(entry) && entry.length === 2 && entry.every(isString);
}

function isString(part: unknown): boolean {
  return typeof part === "string";
}
