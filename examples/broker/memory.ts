/** Destinations that live in this process, and end with it. */

import { ApplicationError, type MaybePromise } from "stomp-engine";
import { Destinations, isPattern, matches } from "../support/destinations.ts";
import type { Backend, Change, Held } from "./backend.ts";
import { Budget } from "./budget.ts";
import type { Consumer, Owner } from "./consumer.ts";
import { Message, without } from "./message.ts";
import { assertSendable, deadLetterQueue, QUEUE, TOPIC } from "./names.ts";
import { Entry, Queue } from "./queue.ts";

/** The header that says where a dead letter comes from. */
const MARK = "dead-letter-of";

export interface MemoryOptions {
  /** Messages that a queue may hold, those with consumers included. */
  readonly maxQueueMessages: number;
  /** Bytes that a queue may hold. */
  readonly maxQueueBytes: number;
  /** Bytes that all queues together may hold. */
  readonly maxStoredBytes: number;
  /** A message that was refused so often goes to the dead-letter queue. */
  readonly maxDeliveries: number;
}

/** A queue that only one session reads. */
interface Inbox {
  readonly queue: Queue;
  readonly shownAs: string;
  readonly owner: Owner;
}

export class MemoryBackend implements Backend {
  readonly #options: MemoryOptions;
  readonly #stored: Budget;
  readonly #topics = new Destinations<Consumer>(assertSendable);
  /** Those that hold something, or that somebody is subscribed to. */
  readonly #queues = new Map<string, Queue>();
  /** Who is subscribed to queues, also those that are not there yet. */
  readonly #consumers = new Destinations<Consumer>();
  readonly #inboxes = new Map<string, Inbox>();

  constructor(options: MemoryOptions) {
    this.#options = options;
    this.#stored = new Budget(Number.POSITIVE_INFINITY, options.maxStoredBytes);
  }

  send(message: Message): MaybePromise<void> {
    const { destination } = message;
    if (destination.startsWith(QUEUE)) {
      const queue = this.#queue(destination);
      if (!queue.budget.admits(1, message.bytes)) {
        this.#forgetIdle(queue);
        throw new ApplicationError(FULL);
      }
    }
    return this.#place(message);
  }

  /** Nothing can fail once it was found possible; what makes room goes first. */
  commit(changes: readonly Change[]): MaybePromise<void> {
    this.#assertPossible(changes);
    const waits: Promise<void>[] = [];
    for (const change of changes) if (change.kind === "nack") this.refuse(change.held);
    for (const change of changes) if (change.kind === "ack") this.acknowledge(change.held);
    for (const change of changes) {
      const wait = change.kind === "send" ? this.#place(change.message) : undefined;
      if (wait !== undefined) waits.push(wait);
    }
    return waits.length === 0 ? undefined : settled(waits);
  }

  subscribe(consumer: Consumer): void {
    const { destination } = consumer;
    if (destination.startsWith(TOPIC)) {
      this.#topics.add(destination, consumer);
    } else if (destination.startsWith(QUEUE)) {
      const queues = isPattern(destination)
        ? this.#matching(destination)
        : [this.#queue(destination)];
      this.#consumers.add(destination, consumer);
      for (const queue of queues) queue.join(consumer);
    } else {
      this.#inboxes.get(destination)?.queue.join(consumer);
    }
  }

  unsubscribe(consumer: Consumer): void {
    consumer.open = false;
    this.#topics.delete(consumer.destination, consumer);
    this.#consumers.delete(consumer.destination, consumer);
    for (const queue of consumer.queues) queue.leave(consumer);
    consumer.backlog?.close();
  }

  openInbox(address: string, shownAs: string, owner: Owner): void {
    const queue = new Queue(address, owner.backlog);
    this.#inboxes.set(address, { queue, shownAs, owner });
  }

  closeInbox(address: string): void {
    this.#inboxes.get(address)?.queue.close();
    this.#inboxes.delete(address);
  }

  acknowledge(held: readonly Held[]): void {
    for (const entry of held) if (entry instanceof Entry) entry.queue.settle(entry);
  }

  refuse(held: readonly Held[]): void {
    const queues = new Set<Queue>();
    for (const entry of held) {
      if (!(entry instanceof Entry)) continue;
      entry.refusals += 1;
      if (entry.refusals >= this.#options.maxDeliveries && this.#bury(entry)) continue;
      entry.queue.putBack(entry);
      queues.add(entry.queue);
    }
    for (const queue of queues) queue.dispatch();
  }

  release(held: readonly Held[]): void {
    const queues = new Set<Queue>();
    // The latest first: then each one is put before the one that was put back before it.
    for (let index = held.length - 1; index >= 0; index -= 1) {
      const entry = held[index];
      if (!(entry instanceof Entry)) continue;
      entry.queue.putBack(entry);
      queues.add(entry.queue);
    }
    for (const queue of queues) queue.dispatch();
  }

  stop(): void {
    for (const queue of this.#queues.values()) queue.close();
  }

  /** What there is at the moment: queues that hold something, or that somebody is subscribed to. */
  get queues(): Iterable<Queue> {
    return this.#queues.values();
  }

  /** The queue of this name, which may begin to exist by being asked for. */
  #queue(name: string): Queue {
    const existing = this.#queues.get(name);
    if (existing !== undefined) return existing;
    assertSendable(name);
    const { maxQueueMessages, maxQueueBytes } = this.#options;
    const budget = new Budget(maxQueueMessages, maxQueueBytes, this.#stored);
    const queue = new Queue(name, budget, this.#forgetIdle);
    this.#queues.set(name, queue);
    for (const consumer of this.#consumers.subscribers(name)) queue.join(consumer);
    return queue;
  }

  #matching(pattern: string): Queue[] {
    return [...this.#queues.values()].filter((queue) => matches(pattern, queue.name));
  }

  /** Names are invented faster than anybody could clean up after them. */
  readonly #forgetIdle = (queue: Queue): void => {
    if (!queue.idle || this.#queues.get(queue.name) !== queue) return;
    this.#queues.delete(queue.name);
    for (const consumer of queue.consumers) queue.leave(consumer);
  };

  /** Puts a message where it belongs. */
  #place(message: Message): MaybePromise<void> {
    const { destination } = message;
    if (destination.startsWith(TOPIC)) return this.#publish(message);
    if (destination.startsWith(QUEUE)) this.#queue(destination).put(message);
    else this.#reply(message);
  }

  /** Done at once, unless a subscriber lags so far behind that the sender has to slow down. */
  #publish(message: Message): MaybePromise<void> {
    let waits: Promise<void>[] | undefined;
    for (const consumer of this.#topics.subscribers(message.destination)) {
      if (offer(consumer, message)) continue;
      const wait = consumer.owner.relief();
      if (wait === undefined) continue;
      waits ??= [];
      waits.push(wait);
    }
    return waits === undefined ? undefined : settled(waits);
  }

  #reply(message: Message): void {
    const inbox = this.#inboxes.get(message.destination);
    if (inbox === undefined) {
      // Its owner is gone, and with it whoever could want the message: as on a topic without subscribers.
      assertSendable(message.destination);
      return;
    }
    // Whoever replies cannot help it that its owner does not read.
    if (!inbox.queue.budget.admits(1, message.bytes)) inbox.owner.overrun();
    else inbox.queue.put(new Message(inbox.shownAs, message.id, message));
  }

  /** Whether a message that nobody can process has found its place. */
  #bury(entry: Entry): boolean {
    const { message, queue } = entry;
    if (queue.name.startsWith(QUEUE)) {
      const name = deadLetterQueue(queue.name);
      if (name === undefined) return false;
      const { id, contentType, body } = message;
      const headers = [...without(message.headers, MARK), [MARK, queue.name] as const];
      const letter = new Message(name, id, { contentType, headers, body });
      const letters = this.#queue(name);
      if (!letters.budget.fits(1, letter.bytes)) {
        this.#forgetIdle(letters);
        return false;
      }
      letters.put(letter);
    }
    queue.settle(entry);
    return true;
  }

  /** Looks at the whole before any of it is done. */
  #assertPossible(changes: readonly Change[]): void {
    const demands = new Map<Budget, { messages: number; bytes: number }>();
    const demand = (queue: Queue, messages: number, bytes: number) => {
      for (let { budget }: { budget: Budget | undefined } = queue; budget; budget = budget.whole) {
        const sum = demands.get(budget) ?? { messages: 0, bytes: 0 };
        demands.set(budget, { messages: sum.messages + messages, bytes: sum.bytes + bytes });
      }
    };
    const created: Queue[] = [];
    try {
      for (const change of changes) {
        if (change.kind !== "send") {
          if (change.kind === "nack") continue;
          for (const entry of change.held) {
            if (entry instanceof Entry) demand(entry.queue, -1, -entry.message.bytes);
          }
          continue;
        }
        const { destination, bytes } = change.message;
        assertSendable(destination);
        if (!destination.startsWith(QUEUE)) continue;
        const queue = this.#queue(destination);
        created.push(queue);
        demand(queue, 1, bytes);
      }
      for (const [budget, { messages, bytes }] of demands) {
        if (!budget.fits(messages, bytes)) throw new ApplicationError(FULL);
      }
    } catch (error) {
      for (const queue of created) this.#forgetIdle(queue);
      throw error;
    }
  }
}

const FULL = "The queue is full: nothing more is taken until something of it was processed";

/** Hands a message of a topic on, or keeps it while the consumer cannot take it: then it is false. */
function offer(consumer: Consumer, message: Message): boolean {
  const { backlog } = consumer;
  if (consumer.ready && !consumer.acknowledges && (backlog === undefined || backlog.empty)) {
    consumer.deliver(message);
    return true;
  }
  if (consumer.open) keep(consumer, message);
  return false;
}

function keep(consumer: Consumer, message: Message): void {
  const { owner } = consumer;
  if (!owner.backlog.admits(1, message.bytes)) {
    owner.overrun();
    return;
  }
  if (consumer.backlog === undefined) {
    consumer.backlog = new Queue(consumer.destination, owner.backlog);
    consumer.backlog.join(consumer);
  }
  consumer.backlog.put(message);
}

async function settled(waits: readonly Promise<void>[]): Promise<void> {
  await Promise.all(waits);
}
