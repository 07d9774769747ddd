/**
 * The subscriptions of a server session, and which of them a frame means.
 *
 * They are keyed by their id. In STOMP 1.0 a client may leave it out: then the destination is
 * what both sides know the subscription by.
 *
 * @see STOMP 1.2, "SUBSCRIBE" and "UNSUBSCRIBE"
 */

import type { AckMode, Dialect } from "../protocol/dialect.ts";
import { type FrameHeaders, headersOf } from "../protocol/headers.ts";
import { deliveryPrefix } from "../protocol/prepared.ts";
import { userHeaders } from "./content.ts";
import { DeliveryList } from "./ledger.ts";
import { unknown } from "./mistakes.ts";
import type { ServerSubscription } from "./server-subscription.ts";
import type { SnapshotSubscription } from "./snapshot.ts";

/** A subscription with what only the session knows of it. */
export class SubscriptionRecord<Token> implements ServerSubscription {
  readonly id: string;
  readonly destination: string;
  readonly ack: AckMode;
  readonly headers: FrameHeaders;
  active = true;
  /** The `subscription` header of its messages; undefined if the client did not name it. */
  readonly name: string | undefined;
  readonly #dialect: Dialect;
  #prefix: Uint8Array<ArrayBuffer> | undefined = undefined;
  #deliveries: DeliveryList<Token> | undefined = undefined;

  constructor(destination: string, ack: AckMode, headers: FrameHeaders, spoken: Dialect) {
    this.name = headers.get("id");
    this.id = this.name ?? destination;
    this.destination = destination;
    this.ack = ack;
    this.headers = headers;
    this.#dialect = spoken;
  }

  get userHeaders(): Iterable<readonly [string, string]> {
    return userHeaders(this.headers);
  }

  /** How every MESSAGE to it begins. */
  get prefix(): Uint8Array<ArrayBuffer> {
    this.#prefix ??= deliveryPrefix(this.#dialect, this.name);
    return this.#prefix;
  }

  /** Its part of the ledger. */
  get deliveries(): DeliveryList<Token> {
    this.#deliveries ??= new DeliveryList(this);
    return this.#deliveries;
  }
}

/** So many ids of dropped subscriptions are remembered in any case. */
const MOST_DROPPED = 1_000;

/** All subscriptions of one session. */
export class Subscriptions<Token> {
  readonly byId: Map<string, SubscriptionRecord<Token>> = new Map();
  /** The destinations of those that we ended, and the client may not know it yet, by id. */
  #dropped: Map<string, string> | undefined = undefined;

  add(subscription: SubscriptionRecord<Token>): void {
    this.byId.set(subscription.id, subscription);
    this.#dropped?.delete(subscription.id);
  }

  remove(subscription: SubscriptionRecord<Token>): void {
    subscription.active = false;
    this.byId.delete(subscription.id);
  }

  /**
   * The one that the application means.
   *
   * @throws {ProtocolError} `unknown-subscription`
   */
  meant(subscription: ServerSubscription | string, command: string): SubscriptionRecord<Token> {
    const id = typeof subscription === "string" ? subscription : subscription.id;
    const record = this.byId.get(id);
    // An id may have been given anew since.
    if (record === undefined || (typeof subscription !== "string" && record !== subscription)) {
      throw unknown("subscription", command);
    }
    return record;
  }

  /**
   * Ends one from our side.
   *
   * @param most How many there can be at a time: the client may not know yet that they were all dropped.
   */
  drop(subscription: SubscriptionRecord<Token>, most: number): void {
    this.remove(subscription);
    this.#dropped ??= new Map();
    this.#dropped.set(subscription.id, subscription.destination);
    if (this.#dropped.size <= Math.max(most, MOST_DROPPED)) return;
    for (const oldest of this.#dropped.keys()) {
      this.#dropped.delete(oldest);
      return;
    }
  }

  /** Whether an UNSUBSCRIBE is for one that we ended. Each can come once. */
  wasDropped(headers: FrameHeaders): boolean {
    const id = headers.get("id") ?? this.#droppedFrom(headers.get("destination"));
    return id !== undefined && this.#dropped?.delete(id) === true;
  }

  /** The one that an UNSUBSCRIBE means: STOMP 1.0 allows to name it by its destination. */
  named(headers: FrameHeaders): SubscriptionRecord<Token> | undefined {
    const id = headers.get("id");
    if (id !== undefined) return this.byId.get(id);
    const destination = headers.get("destination");
    return [...this.byId.values()].find((each) => each.destination === destination);
  }

  /** The id that was dropped from a destination. */
  #droppedFrom(destination: string | undefined): string | undefined {
    for (const [id, dropped] of this.#dropped ?? []) if (dropped === destination) return id;
    return undefined;
  }

  snapshot(): SnapshotSubscription[] {
    return [...this.byId.values()].map((each) => ({
      id: each.id,
      destination: each.destination,
      ack: each.ack,
      headers: [...each.userHeaders],
    }));
  }
}

/** A subscription out of a snapshot. */
export function restored<Token>(
  { id, destination, ack, headers }: SnapshotSubscription,
  spoken: Dialect,
): SubscriptionRecord<Token> {
  const entries = [["id", id], ["destination", destination], ["ack", ack], ...headers] as const;
  return new SubscriptionRecord(destination, ack, headersOf(entries), spoken);
}
