/**
 * The open transactions of a server session: what they hold until COMMIT or ABORT, and how much
 * that may be.
 *
 * @see STOMP 1.2, "BEGIN", "COMMIT", "ABORT"
 */

import type { ProtocolError } from "../errors.ts";
import type { Frame } from "../protocol/frame.ts";
import type { FrameHeaders } from "../protocol/headers.ts";
import type { Limits } from "../protocol/limits.ts";
import { fault } from "./faults.ts";
import type { Delivery, Entry } from "./ledger.ts";
import type { SentMessage } from "./sent-message.ts";
import type { ServerSubscription } from "./server-subscription.ts";

/** What an ACK or NACK covers. */
export interface Acknowledgement<Token> {
  /** The subscription, which may have ended since. */
  readonly subscription: ServerSubscription;
  /** Oldest first: one in `client-individual` mode, all that it covers in `client` mode. */
  readonly deliveries: readonly Delivery<Token>[];
  /** The one that the client named. */
  readonly named: Delivery<Token>;
  /** All headers of the frame. */
  readonly headers: FrameHeaders;
  /** The id of the transaction that it is part of. */
  readonly transaction: string | undefined;
}

/** One step of a transaction. */
export type Operation<Token> =
  | { readonly kind: "send"; readonly message: SentMessage }
  | { readonly kind: "ack" | "nack"; readonly acknowledged: Acknowledgement<Token> };

/** An open transaction, and what was asked for in it so far, in order. */
export interface ServerTransaction<Token> {
  readonly id: string;
  readonly operations: readonly Operation<Token>[];
}

/** A transaction with what only the session knows of it. */
export class OpenTransaction<Token> implements ServerTransaction<Token> {
  readonly id: string;
  readonly operations: Operation<Token>[] = [];
  /** How many operations have been handed over, where that is done one by one. */
  #begun = 0;
  /** How many of these have taken effect. */
  #done = 0;
  #bytes = 0;
  /** What each operation took out of the ledger. */
  readonly #taken: (readonly Entry<Token>[])[] = [];

  constructor(id: string) {
    this.id = id;
  }

  /** What is wrong with taking one more frame; undefined if nothing is. */
  fault(frame: Frame, limits: Readonly<Limits>): ProtocolError | undefined {
    const { maxTransactionFrames, maxTransactionBytes } = limits;
    if (this.operations.length >= maxTransactionFrames) {
      const text = `A transaction may have ${maxTransactionFrames} frames at the most`;
      return fault("limit-exceeded", text, frame);
    }
    if (this.#bytes + sizeOf(frame) > maxTransactionBytes) {
      const text = `A transaction may have ${maxTransactionBytes} bytes at the most`;
      return fault("limit-exceeded", text, frame);
    }
    return undefined;
  }

  /** Keeps an operation, and what it took out of the ledger. */
  add(frame: Frame, operation: Operation<Token>, taken: readonly Entry<Token>[]): void {
    this.#bytes += sizeOf(frame);
    this.operations.push(operation);
    this.#taken.push(taken);
  }

  /** An operation is handed over, for the first time or again: what it acknowledges is the application's from here on. */
  operationBegun(at: number): void {
    this.#begun = Math.max(this.#begun, at + 1);
  }

  /** It has taken effect: it stays so, whatever becomes of the others. */
  operationDone(at: number): void {
    this.#done = Math.max(this.#done, at + 1);
  }

  /** What the operations took out of the ledger that have not taken effect; given back once. */
  takeUndone(): readonly Entry<Token>[] {
    return this.#taken.splice(this.#done).flat();
  }

  /** What the operations took out of the ledger that have not been handed over; given back once. */
  takeUnbegun(): readonly Entry<Token>[] {
    return this.#taken.splice(this.#begun).flat();
  }
}

/** What a frame costs to keep, near enough. */
function sizeOf({ headers, body }: Frame): number {
  return headers
    .all()
    .reduce((bytes, [name, value]) => bytes + name.length + value.length, body.length);
}
