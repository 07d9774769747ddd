/**
 * What stands between the sessions of a broker and the destinations: who keeps the messages, and
 * who decides whom they are given to. `memory.ts` is one that lives in this process.
 */

import type { MaybePromise } from "stomp-engine";
import type { Consumer, Owner } from "./consumer.ts";
import type { Message } from "./message.ts";

/** A delivery that waits for its acknowledgement; the backend finds its own record by it. */
export interface Held {
  readonly message: Message;
}

/** One operation of a transaction. */
export type Change =
  | { readonly kind: "send"; readonly message: Message }
  | { readonly kind: "ack" | "nack"; readonly held: readonly Held[] };

export interface Backend {
  /**
   * Takes a message. It is stored when this is done, and the sender may be told so.
   *
   * @throws {ApplicationError} for a destination that there cannot be, or one that is full.
   */
  send(message: Message): MaybePromise<void>;
  /** All of it, or none of it and a throw. */
  commit(changes: readonly Change[]): MaybePromise<void>;

  /** Gives the consumer what its destination has and will have. */
  subscribe(consumer: Consumer): MaybePromise<void>;
  /** Ends that. What it has not acknowledged stays with it. */
  unsubscribe(consumer: Consumer): void;

  /**
   * Makes a queue that others can send to, and only its owner can read.
   *
   * @param shownAs The destination that its messages have for the owner.
   */
  openInbox(address: string, shownAs: string, owner: Owner): void;
  closeInbox(address: string): void;

  /** These were processed. */
  acknowledge(held: readonly Held[]): MaybePromise<void>;
  /** These were not processed, and are to be tried again, though not for ever. */
  refuse(held: readonly Held[]): MaybePromise<void>;
  /** Nothing is known of these: their session ended. They go back to where they came from. */
  release(held: readonly Held[]): void;

  /** Lets go of everything that it needs. */
  stop(): MaybePromise<void>;
}
