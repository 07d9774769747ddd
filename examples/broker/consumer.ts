/** One subscription, as those who have messages for it see it. */

import type { ServerSubscription, StompServer } from "stomp-engine";
import type { Held } from "./backend.ts";
import type { Budget } from "./budget.ts";
import type { Message } from "./message.ts";
import type { Queue } from "./queue.ts";

/** The session behind a consumer. */
export interface Owner extends Pick<StompServer<Held>, "writable" | "message"> {
  /** What may wait for the session because it does not read fast enough. */
  readonly backlog: Budget;
  /** More waits than may: it is too slow to go on. */
  overrun(): void;
  /** What a sender is to wait for, so that the session can catch up; undefined: it does not lag. */
  relief(): Promise<void> | undefined;
}

export class Consumer {
  readonly owner: Owner;
  readonly subscription: ServerSubscription;
  /** What it is subscribed to, as the backend knows it. */
  readonly destination: string;
  /** Whether it acknowledges what it gets; else to have sent it is enough. */
  readonly acknowledges: boolean;
  /** How many messages more it may have without acknowledging one. */
  credit: number;
  /** Nothing is delivered any more after it was closed. */
  open = true;
  /** Where it takes turns with others. */
  readonly queues = new Set<Queue>();
  /** What a topic had for it when it could not take more. */
  backlog: Queue | undefined;

  constructor(
    owner: Owner,
    subscription: ServerSubscription,
    destination: string,
    prefetch: number,
  ) {
    this.owner = owner;
    this.subscription = subscription;
    this.destination = destination;
    this.acknowledges = subscription.ack !== "auto";
    this.credit = this.acknowledges ? prefetch : Number.POSITIVE_INFINITY;
  }

  /** Whether it can be given a message now. */
  get ready(): boolean {
    return this.credit > 0 && this.open && this.owner.writable;
  }

  /** It may be ready again: whoever has something for it looks. */
  resume(): void {
    for (const queue of this.queues) queue.resume(this);
  }

  /** It is done with one of the messages that it had. */
  replenish(): void {
    this.credit += 1;
    if (this.credit === 1) this.resume();
  }

  /** To have been sent is all that an `auto` subscription asks for. */
  deliver(message: Message, redelivered = false): void {
    this.owner.message(this.subscription, redelivered ? message.redelivered : message.prepared);
  }

  /** Sends what has to be acknowledged: `held` comes back with the acknowledgement, or at the end. */
  hand(message: Message, redelivered: boolean, held: Held): void {
    this.credit -= 1;
    const prepared = redelivered ? message.redelivered : message.prepared;
    this.owner.message(this.subscription, prepared, { token: held });
  }
}
