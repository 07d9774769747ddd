/** What a server session keeps of its client, once there is anything to keep. */

import { Ledger } from "./ledger.ts";
import { Subscriptions } from "./server-subscriptions.ts";
import type { OpenTransaction } from "./transactions.ts";

/** The books of one session. */
export class Books<Token> {
  readonly subscriptions: Subscriptions<Token> = new Subscriptions();
  readonly transactions: Map<string, OpenTransaction<Token>> = new Map();
  readonly ledger: Ledger<Token> = new Ledger();
  /** The number of the next id that is made. */
  nextId = 1;

  /** What the end of a session does to its open transactions: their acknowledgements do not count. */
  abortAll(): void {
    for (const { undone } of this.transactions.values()) this.ledger.restore(undone);
    this.transactions.clear();
  }
}
