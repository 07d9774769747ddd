/**
 * What was delivered and awaits acknowledgement.
 *
 * Each delivery stands in the list of its subscription, oldest first, and in an index by what an
 * ACK names it with: its ack id in 1.2, subscription and message id in 1.1, the message id in 1.0.
 * Taking a delivery out and putting it back cost the same whatever else is open, so that a client
 * gains nothing by aborting all the time; an acknowledgement of many costs a step for each. The
 * ledger knows nothing of UNSUBSCRIBE: what was delivered can be acknowledged after it.
 *
 * @see STOMP 1.2, "ACK" and "NACK"
 */

import type { Dialect } from "../protocol/dialect.ts";
import type { AckTarget } from "./received-message.ts";
import type { ServerSubscription } from "./server-subscription.ts";

/** A message that was sent to a subscription, as plain data. */
export interface Delivery<Token> extends AckTarget {
  /** What the application gave to find its own record by. */
  readonly token: Token | undefined;
}

/** The deliveries of one subscription, oldest first; the ledger's own. */
export class DeliveryList<Token> {
  readonly subscription: ServerSubscription;
  /** Who is taken out keeps his place for a while; but there are never more such places than open ones. */
  readonly #places: Entry<Token>[] = [];
  #open = 0;
  /** For cumulative acknowledgements: before it, none is open. */
  #first = 0;
  #sorted = true;

  constructor(subscription: ServerSubscription) {
    this.subscription = subscription;
  }

  /** Adds one that is younger than all others. */
  add(entry: Entry<Token>): void {
    entry.place = this.#places.push(entry) - 1;
    this.#open++;
  }

  /** One and all before it, oldest first, to be taken out. */
  upTo(named: Entry<Token>): Entry<Token>[] {
    const end = named.place + 1;
    const covered = this.#places.slice(this.#first, end).filter(({ isOpen }) => isOpen);
    this.#first = end;
    return covered;
  }

  takeOut(entry: Entry<Token>): void {
    entry.isOpen = false;
    this.#open--;
    if (this.#places.length > 2 * this.#open) this.#tidy();
  }

  /** Puts one back that was taken out; `sort` has to follow. */
  putBack(entry: Entry<Token>): void {
    if (entry.place === NO_PLACE) {
      this.#sorted = false;
      entry.place = this.#places.push(entry) - 1;
    }
    entry.isOpen = true;
    this.#open++;
    this.#first = Math.min(this.#first, entry.place);
  }

  /** Brings those in order whose places were given up meanwhile. */
  sort(): void {
    if (this.#sorted) return;
    this.#sorted = true;
    this.#places.sort(byOrder);
    this.#tidy();
  }

  /** Gives up the places of those that were taken out. */
  #tidy(): void {
    const places = this.#places;
    let open = 0;
    for (const entry of places) {
      entry.place = entry.isOpen ? open : NO_PLACE;
      if (entry.isOpen) places[open++] = entry;
    }
    places.length = open;
    this.#first = 0;
  }
}

/** A delivery in its places. */
export interface Entry<Token> {
  readonly delivery: Delivery<Token>;
  readonly list: DeliveryList<Token>;
  /** Its number among all deliveries of the session. */
  readonly order: number;
  readonly key: string;
  /** The list's own: where it stands, and whether it is there or only has a place. */
  place: number;
  isOpen: boolean;
}

/** All deliveries of one session that await acknowledgement. */
export class Ledger<Token> {
  /** The oldest one of each key. */
  readonly #entries = new Map<string, Entry<Token>>();
  /** The others of a key, oldest first: in 1.0 and 1.1 a message id may come more than once. */
  readonly #twins = new Map<string, Entry<Token>[]>();
  #count = 0;
  #order = 0;

  /** How many there are. */
  get size(): number {
    return this.#count;
  }

  /** All of them, oldest first. */
  get deliveries(): Delivery<Token>[] {
    const entries = [...this.#entries.values(), ...[...this.#twins.values()].flat()];
    return entries.sort(byOrder).map(({ delivery }) => delivery);
  }

  /** Whether a delivery has this ack id, by which it is acknowledged. */
  isTaken(ackId: string): boolean {
    return this.#entries.has(ackId);
  }

  /** Records a delivery. */
  add(list: DeliveryList<Token>, delivery: Delivery<Token>, spoken: Dialect): void {
    const order = this.#order++;
    const key = keyOf(delivery, spoken);
    const entry = { delivery, list, order, key, place: NO_PLACE, isOpen: true };
    list.add(entry);
    this.#index(entry);
    this.#count++;
  }

  /**
   * Takes out what an acknowledgement covers, oldest first and the named one last; undefined if
   * the named one is not here.
   */
  take(target: AckTarget, spoken: Dialect): readonly Entry<Token>[] | undefined {
    const named = this.#entries.get(keyOf(target, spoken));
    if (named === undefined) return undefined;
    const covered = named.list.subscription.ack === "client" ? named.list.upTo(named) : [named];
    for (const entry of covered) this.#remove(entry);
    return covered;
  }

  /** Puts back what was taken, each in its old place. */
  restore(entries: readonly Entry<Token>[]): void {
    const lists = new Set<DeliveryList<Token>>();
    for (const entry of [...entries].sort(byOrder)) {
      entry.list.putBack(entry);
      lists.add(entry.list);
      this.#index(entry);
      this.#count++;
    }
    for (const list of lists) list.sort();
  }

  #remove(entry: Entry<Token>): void {
    entry.list.takeOut(entry);
    this.#unindex(entry);
    this.#count--;
  }

  #index(entry: Entry<Token>): void {
    const oldest = this.#entries.get(entry.key);
    if (oldest === undefined) {
      this.#entries.set(entry.key, entry);
      return;
    }
    const twins = this.#twins.get(entry.key) ?? [];
    const youngest = twins.at(-1) ?? oldest;
    twins.push(entry);
    this.#twins.set(entry.key, twins);
    if (youngest.order < entry.order) return;
    // It comes back from an acknowledgement that did not hold, and is older than others.
    twins.push(oldest);
    twins.sort(byOrder);
    this.#entries.set(entry.key, twins.shift() as Entry<Token>);
  }

  #unindex(entry: Entry<Token>): void {
    const { key } = entry;
    // In 1.2 it is always so: ids differ.
    if (this.#twins.size === 0) {
      this.#entries.delete(key);
      return;
    }
    const twins = this.#twins.get(key);
    if (this.#entries.get(key) !== entry) {
      twins?.splice(twins.indexOf(entry), 1);
    } else if (twins === undefined) {
      this.#entries.delete(key);
    } else {
      this.#entries.set(key, twins.shift() as Entry<Token>);
    }
    if (twins?.length === 0) this.#twins.delete(key);
  }
}

/** Of a delivery that was taken out, when its place was given up. */
const NO_PLACE = -1;

function byOrder<Token>(one: Entry<Token>, other: Entry<Token>): number {
  return one.order - other.order;
}

/** What an ACK of this version names a delivery with. */
function keyOf({ subscription = "", messageId, ackId }: AckTarget, spoken: Dialect): string {
  if (spoken.acknowledgedBy === "ack") return ackId as string;
  // The length keeps apart what would run together.
  return spoken.ackNamesSubscription
    ? `${subscription.length} ${subscription}${messageId}`
    : messageId;
}
