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
 * A snapshot that may come from a storage, as it is now: what was checked is what is used.
 *
 * @throws {ProtocolError} `invalid-option` if it is none.
 */
export function checkedSnapshot(snapshot: Snapshot): Snapshot {
  const copy = copyOf(snapshot);
  if (isSnapshot(copy)) return copy;
  throw new ProtocolError("invalid-option", "This is no snapshot of a session");
}

/** Undefined for what is no plain JSON. Reading may run code of the application's, here and only here. */
function copyOf(snapshot: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(snapshot));
  } catch {
    return undefined;
  }
}

function isSnapshot(snapshot: unknown): snapshot is Snapshot {
  if (!isObject(snapshot)) return false;
  const { session, subscriptions, nextId } = snapshot as Partial<Snapshot>;
  return (
    (session === undefined || typeof session === "string") &&
    Array.isArray(subscriptions) &&
    subscriptions.every(isSubscription) &&
    new Set(subscriptions.map(({ id }) => id)).size === subscriptions.length &&
    Number.isSafeInteger(nextId) &&
    (nextId as number) >= 0 &&
    (nextId as number) <= LARGEST_NEXT_ID
  );
}

/** With room for more ids than any session makes: where numbers end, a counter stands still. */
const LARGEST_NEXT_ID = 2 ** 52;

function isSubscription(subscription: unknown): subscription is SnapshotSubscription {
  if (!isObject(subscription)) return false;
  const { id, destination, ack, headers } = subscription as Partial<SnapshotSubscription>;
  return (
    typeof id === "string" &&
    typeof destination === "string" &&
    DIALECTS["1.2"].ackModes.includes(ack as AckMode) &&
    Array.isArray(headers) &&
    headers.every(isEntry)
  );
}

function isEntry(entry: unknown): boolean {
  return Array.isArray(entry) && entry.length === 2 && entry.every(isString);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isString(part: unknown): boolean {
  return typeof part === "string";
}
