/**
 * What was delivered and awaits acknowledgement.
 *
 * Each delivery stands in the list of its subscription, oldest first, and in an index by what an
 * ACK names it with: its ack id in 1.2, subscription and message id in 1.1, the message id in 1.0.
 * Taking a delivery out costs the same whatever else is open; an acknowledgement of many costs a
 * step for each. The ledger knows nothing of UNSUBSCRIBE: what was delivered can be acknowledged
 * after it.
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

/** The deliveries of one subscription, as a list; the ledger's own. */
export class DeliveryList<Token> {
  readonly subscription: ServerSubscription;
  first: Entry<Token> | undefined = undefined;
  last: Entry<Token> | undefined = undefined;

  constructor(subscription: ServerSubscription) {
    this.subscription = subscription;
  }
}

/** A delivery in its places. */
export interface Entry<Token> {
  readonly delivery: Delivery<Token>;
  readonly list: DeliveryList<Token>;
  /** Its number among all deliveries of the session. */
  readonly order: number;
  readonly key: string;
  before: Entry<Token> | undefined;
  after: Entry<Token> | undefined;
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
    this.#insert({
      delivery,
      list,
      order: this.#order++,
      key: keyOf(delivery, spoken),
      before: list.last,
      after: undefined,
    });
  }

  /**
   * Takes out what an acknowledgement covers, oldest first and the named one last; undefined if
   * the named one is not here.
   */
  take(target: AckTarget, spoken: Dialect): readonly Entry<Token>[] | undefined {
    const named = this.#entries.get(keyOf(target, spoken));
    if (named === undefined) return undefined;
    const covered = named.list.subscription.ack === "client" ? upTo(named) : [named];
    for (const entry of covered) this.#remove(entry);
    return covered;
  }

  /** Puts back what was taken, each in its old place. */
  restore(entries: readonly Entry<Token>[]): void {
    // Those of one list come in order, so all its places are found in one walk: what comes next
    // after one of them is where the search for the next one goes on.
    const places = new Map<DeliveryList<Token>, Entry<Token> | undefined>();
    for (const entry of [...entries].sort(byOrder)) {
      const { list } = entry;
      let after = places.has(list) ? places.get(list) : list.first;
      while (after !== undefined && after.order < entry.order) after = after.after;
      places.set(list, after);
      entry.after = after;
      entry.before = after === undefined ? list.last : after.before;
      this.#insert(entry);
    }
  }

  /** Links an entry between its neighbours, and into the index. */
  #insert(entry: Entry<Token>): void {
    const { list, before, after } = entry;
    if (before === undefined) list.first = entry;
    else before.after = entry;
    if (after === undefined) list.last = entry;
    else after.before = entry;
    this.#index(entry);
    this.#count++;
  }

  #remove(entry: Entry<Token>): void {
    const { list, before, after } = entry;
    if (before === undefined) list.first = after;
    else before.after = after;
    if (after === undefined) list.last = before;
    else after.before = before;
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

/** A delivery and all before it in its list, oldest first. */
function upTo<Token>(named: Entry<Token>): Entry<Token>[] {
  const entries: Entry<Token>[] = [];
  for (let entry = named.list.first; entry !== named && entry; entry = entry.after) {
    entries.push(entry);
  }
  entries.push(named);
  return entries;
}

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
