/** What a server session keeps of its client, once there is anything to keep. */

import type { Dialect } from "../protocol/dialect.ts";
import { type Delivery, Ledger } from "./ledger.ts";
import { restored, Subscriptions } from "./server-subscriptions.ts";
import type { Snapshot } from "./snapshot.ts";
import type { OpenTransaction } from "./transactions.ts";

/** The books of one session. Most never open all of them. */
export class Books<Token> {
  readonly subscriptions: Subscriptions<Token> = new Subscriptions();
  #transactions: Map<string, OpenTransaction<Token>> | undefined = undefined;
  #ledger: Ledger<Token> | undefined = undefined;
  /** The one whose operations are being handed over one by one. */
  committing: OpenTransaction<Token> | undefined = undefined;
  /** The number of the next id that is made. */
  nextId = 1;

  get transactions(): Map<string, OpenTransaction<Token>> {
    this.#transactions ??= new Map();
    return this.#transactions;
  }

  get ledger(): Ledger<Token> {
    this.#ledger ??= new Ledger();
    return this.#ledger;
  }

  /** What the ledger holds, oldest first. */
  get unacknowledged(): Delivery<Token>[] {
    return this.#ledger?.deliveries ?? [];
  }

  /** Takes up what an earlier session knew of the client. */
  restore(snapshot: Snapshot, spoken: Dialect): void {
    this.nextId = snapshot.nextId;
    for (const each of snapshot.subscriptions) this.subscriptions.add(restored(each, spoken));
  }

  /** What the end of a session does to its open transactions: their acknowledgements do not count. */
  abortAll(): void {
    for (const each of this.#transactions?.values() ?? []) this.ledger.restore(each.takeUndone());
    this.#transactions?.clear();
    // Of one that was under way, this is what the application does not know of.
    if (this.committing !== undefined) this.ledger.restore(this.committing.takeUnbegun());
  }
}
