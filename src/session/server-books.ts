/** What a server session keeps of its client, once there is anything to keep. */

import { Ledger } from "./ledger.ts";
import { Subscriptions } from "./server-subscriptions.ts";
import type { OpenTransaction } from "./transactions.ts";

/** The books of one session. */
export class Books<Token> {
  readonly subscriptions: Subscriptions<Token> = new Subscriptions();
  readonly transactions: Map<string, OpenTransaction<Token>> = new Map();
  readonly ledger: Ledger<Token> = new Ledger();
  /** The one whose operations are being handed over one by one. */
  committing: OpenTransaction<Token> | undefined = undefined;
  /** The number of the next id that is made. */
  nextId = 1;

  /** What the end of a session does to its open transactions: their acknowledgements do not count. */
  abortAll(): void {
    for (const each of this.transactions.values()) this.ledger.restore(each.takeUndone());
    this.transactions.clear();
    // Of one that was under way, this is what the application does not know of.
    this.ledger.restore(this.committing?.takeUnbegun() ?? []);
  }
}
