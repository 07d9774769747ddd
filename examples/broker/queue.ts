/** Messages in their order, and the consumers that compete for them. */

import type { Held } from "./backend.ts";
import type { Budget } from "./budget.ts";
import type { Consumer } from "./consumer.ts";
import type { Message } from "./message.ts";

/** A message in a queue: waiting, or with a consumer that has not acknowledged it. */
export class Entry implements Held {
  readonly message: Message;
  readonly queue: Queue;
  /** Its place in the order of the queue. */
  readonly sequence: number;
  /** Who has it. */
  holder: Consumer | undefined;
  /** How often it was given to somebody who did not want it. */
  refusals = 0;
  /** Whether somebody had it already. */
  redelivered = false;

  constructor(message: Message, queue: Queue, sequence: number) {
    this.message = message;
    this.queue = queue;
    this.sequence = sequence;
  }
}

/** Whether a consumer is in the round of those that take turns. */
interface Seat {
  readonly consumer: Consumer;
  seated: boolean;
}

export class Queue {
  readonly name: string;
  readonly budget: Budget;
  readonly #whenIdle: ((queue: Queue) => void) | undefined;
  readonly #fresh = new Line<Entry>();
  /** Entries that came back, the latest first: all of them are earlier than any fresh one. */
  readonly #returned: Entry[] = [];
  readonly #seats = new Map<Consumer, Seat>();
  /** The consumers that take turns. Who turns out not to be ready leaves it until `resume`. */
  readonly #round: Seat[] = [];
  #turn = 0;
  #sequence = 0;
  /** How many consumers are here for this very queue, and not for all of a pattern. */
  #regulars = 0;
  #dispatching = false;
  #closed = false;

  /**
   * @param budget What may be kept here; whoever calls `put` asks it first.
   * @param whenIdle Called when it holds nothing any more, and nobody waits for it in particular.
   */
  constructor(name: string, budget: Budget, whenIdle?: (queue: Queue) => void) {
    this.name = name;
    this.budget = budget;
    this.#whenIdle = whenIdle;
  }

  /** Whether nothing waits; what consumers have not acknowledged does not count. */
  get empty(): boolean {
    return this.#fresh.length === 0 && this.#returned.length === 0;
  }

  get idle(): boolean {
    return this.#regulars === 0 && this.budget.messages === 0;
  }

  get consumers(): Iterable<Consumer> {
    return this.#seats.keys();
  }

  put(message: Message): void {
    const consumer = this.empty && !this.#dispatching ? this.#next() : undefined;
    if (consumer === undefined) {
      message.detach();
      this.#fresh.push(this.#enter(message));
      this.dispatch();
    } else if (consumer.acknowledges) {
      // Until it is acknowledged, which may be never.
      message.detach();
      this.#hand(this.#enter(message), consumer);
    } else {
      consumer.deliver(message);
      this.#lookIfIdle();
    }
  }

  join(consumer: Consumer): void {
    const seat = { consumer, seated: true };
    this.#seats.set(consumer, seat);
    this.#round.push(seat);
    if (consumer.destination === this.name) this.#regulars += 1;
    consumer.queues.add(this);
    this.dispatch();
  }

  leave(consumer: Consumer): void {
    const seat = this.#seats.get(consumer);
    if (seat === undefined) return;
    this.#seats.delete(consumer);
    consumer.queues.delete(this);
    if (seat.seated) this.#unseat(this.#round.indexOf(seat));
    if (consumer.destination === this.name) this.#regulars -= 1;
    this.#lookIfIdle();
  }

  /** The consumer may be ready again. */
  resume(consumer: Consumer): void {
    const seat = this.#seats.get(consumer);
    if (seat === undefined || seat.seated) return;
    seat.seated = true;
    this.#round.push(seat);
    this.dispatch();
  }

  /** Forgets an entry that somebody has: it is done. */
  settle(entry: Entry): void {
    const { holder } = entry;
    entry.holder = undefined;
    this.budget.giveBack(entry.message.bytes);
    holder?.replenish();
    this.#lookIfIdle();
  }

  /** Puts an entry that somebody has back to where it was; `dispatch` has to follow. */
  putBack(entry: Entry): void {
    if (this.#closed) {
      this.settle(entry);
      return;
    }
    const { holder } = entry;
    entry.holder = undefined;
    entry.redelivered = true;
    entry.message.detach();
    entry.message.forgetEncoded();
    this.#returned.splice(placeOf(entry, this.#returned), 0, entry);
    holder?.replenish();
  }

  /** Gives what waits to those who are ready, in turns. */
  dispatch(): void {
    // A delivery may end a session, and that brings us here again.
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      while (!this.empty) {
        const consumer = this.#next();
        if (consumer === undefined) break;
        const entry = this.#take();
        if (entry !== undefined) this.#hand(entry, consumer);
      }
    } finally {
      this.#dispatching = false;
    }
  }

  /** Forgets all that waits, and what will come back. */
  close(): void {
    this.#closed = true;
    for (const consumer of this.#seats.keys()) this.leave(consumer);
    for (let entry = this.#take(); entry !== undefined; entry = this.#take()) this.settle(entry);
  }

  #enter(message: Message): Entry {
    this.budget.take(message.bytes);
    this.#sequence += 1;
    return new Entry(message, this, this.#sequence);
  }

  #take(): Entry | undefined {
    return this.#returned.pop() ?? this.#fresh.shift();
  }

  #hand(entry: Entry, consumer: Consumer): void {
    if (consumer.acknowledges) {
      entry.holder = consumer;
      consumer.hand(entry.message, entry.redelivered, entry);
    } else {
      consumer.deliver(entry.message, entry.redelivered);
      this.settle(entry);
    }
  }

  #lookIfIdle(): void {
    if (this.idle) this.#whenIdle?.(this);
  }

  /** Whose turn it is. */
  #next(): Consumer | undefined {
    for (;;) {
      if (this.#turn >= this.#round.length) this.#turn = 0;
      const seat = this.#round[this.#turn];
      if (seat === undefined) return undefined;
      if (seat.consumer.ready) {
        this.#turn += 1;
        return seat.consumer;
      }
      this.#unseat(this.#turn);
    }
  }

  #unseat(place: number): void {
    const seat = this.#round[place];
    if (seat === undefined) return;
    seat.seated = false;
    // The only one, very often: a consumer with full hands, once for each of its acknowledgements.
    if (place === this.#round.length - 1) this.#round.pop();
    else this.#round.splice(place, 1);
    if (place < this.#turn) this.#turn -= 1;
  }
}

/** Where an entry belongs among those that came back, the latest first. */
function placeOf(entry: Entry, returned: readonly Entry[]): number {
  let low = 0;
  for (let high = returned.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((returned[middle]?.sequence ?? 0) > entry.sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First in, first out, without moving all the others for each one that leaves. */
class Line<Item> {
  #items: (Item | undefined)[] = [];
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
    const item = this.#items[this.#first];
    if (item === undefined) return undefined;
    this.#items[this.#first] = undefined;
    this.#first += 1;
    if (this.#first === this.#items.length) {
      this.#items = [];
      this.#first = 0;
    } else if (this.#first >= 1_024 && this.#first * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }
}
