/** The transactions of a client: those that are open, and what became of the others. */

import type { Transaction } from "./client-options.ts";
import type { Draft } from "./draft.ts";
import { unknown } from "./mistakes.ts";

/** All transactions of one client. */
export class ClientTransactions {
  readonly open: Map<string, Transaction> = new Map();
  /** What was acknowledged in one of these is not. */
  readonly #aborted = new WeakSet<Transaction>();

  /**
   * Says in a draft which of them it belongs to.
   *
   * @returns The one that is open under its id: a caller may have one that only looks like it.
   * @throws {ProtocolError} `unknown-transaction`
   */
  name(draft: Draft, { id }: Transaction): Transaction {
    const open = this.open.get(id);
    if (open === undefined) throw unknown("transaction", draft.command);
    draft.add("transaction", id);
    return open;
  }

  /** An open one has ended with COMMIT. */
  committed({ id }: Transaction): void {
    this.open.delete(id);
  }

  /** An open one has ended with ABORT: the caller's counts as well. */
  aborted(open: Transaction, given: Transaction): void {
    this.open.delete(open.id);
    this.#aborted.add(open).add(given);
  }

  wasAborted(transaction: Transaction): boolean {
    return this.#aborted.has(transaction);
  }
}
