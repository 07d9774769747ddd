/**
 * The subscriptions of a client, and which of them a message belongs to.
 *
 * Those that a snapshot brought are like all others, for a server that resumes the session knows
 * them. Only that no SUBSCRIBE was sent for them is remembered, for a server that does not.
 */

import type { FrameHeaders } from "../protocol/headers.ts";
import { flatten, type HeaderInput } from "../protocol/headers.ts";
import type { Subscription } from "./client-options.ts";
import { unknown } from "./mistakes.ts";
import type { Receipt } from "./receipts.ts";
import type { SnapshotSubscription } from "./snapshot.ts";

/** All subscriptions of one client. */
export class ClientSubscriptions {
  readonly byId: Map<string, Subscription> = new Map();
  /** Ids of those that a snapshot brought and that no SUBSCRIBE was sent for. */
  readonly #restored: Set<string> | undefined;

  /** @param snapshot Those of a snapshot. */
  constructor(snapshot?: readonly SnapshotSubscription[]) {
    for (const each of snapshot ?? []) this.byId.set(each.id, subscriptionOf(each, undefined));
    this.#restored = snapshot && new Set(this.byId.keys());
  }

  /** The client has asked for one. */
  add(asked: SnapshotSubscription, receipt: Receipt | undefined): Subscription {
    const subscription = subscriptionOf(asked, receipt);
    this.byId.set(subscription.id, subscription);
    this.#restored?.delete(subscription.id);
    return subscription;
  }

  remove(id: string): void {
    this.byId.delete(id);
    this.#restored?.delete(id);
  }

  /**
   * Those of a snapshot that still have to be asked for.
   *
   * @param ids Which of them; undefined: all.
   * @throws {ProtocolError} `unknown-subscription`
   */
  restored(ids: Iterable<string> | undefined): readonly Subscription[] {
    const named = [...new Set(ids ?? this.#restored)].map((id) => {
      const subscription = this.byId.get(id);
      if (subscription === undefined) throw unknown("subscription", "SUBSCRIBE");
      return subscription;
    });
    return named.filter(({ id }) => this.#restored?.has(id) === true);
  }

  /** The one that a message belongs to. Only STOMP 1.0 may leave out which. */
  of(headers: FrameHeaders): Subscription | undefined {
    const id = headers.get("subscription");
    if (id !== undefined) return this.byId.get(id);
    const destination = headers.get("destination");
    let found: Subscription | undefined;
    for (const each of this.byId.values()) {
      // Of several, it may be the one that has to be acknowledged to.
      if (each.destination === destination && found?.ack !== "client") found = each;
    }
    return found;
  }

  snapshot(): SnapshotSubscription[] {
    return [...this.byId.values()].map(({ id, destination, ack, headers }) => ({
      id,
      destination,
      ack,
      headers: entriesOf(headers),
    }));
  }
}

/** Headers as they are kept: nobody else's, and in order. */
export function entriesOf(
  headers: HeaderInput | undefined,
): readonly (readonly [string, string])[] {
  const flat = flatten(headers);
  return flat.flatMap((name, at) =>
    at % 2 === 0 ? [[name, flat[at + 1] as string] as const] : [],
  );
}

function subscriptionOf(
  { id, destination, ack, headers }: SnapshotSubscription,
  receipt: Receipt | undefined,
): Subscription {
  return Object.freeze({ id, destination, ack, headers: entriesOf(headers), receipt });
}
