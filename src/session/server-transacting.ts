/**
 * What a server does with the transactions of its client: begins them, keeps what is sent in them,
 * and hands it over or lets go of it. What one of them holds is in `transactions.ts`.
 *
 * @see STOMP 1.2, "BEGIN", "COMMIT", "ABORT"
 */

import { Frame } from "../protocol/frame.ts";
import { DONE } from "./answers.ts";
import { exceeded, required } from "./faults.ts";
import { isPending, type MaybePromise } from "./hooks.ts";
import type { Entry } from "./ledger.ts";
import { duplicate, unknown } from "./mistakes.ts";
import { ServerMessage } from "./sent-message.ts";
import type { ServerHooks } from "./server-hooks.ts";
import type { ServerSession } from "./server-session.ts";
import { notConnected } from "./state.ts";
import { OpenTransaction, type Operation, type ServerTransaction } from "./transactions.ts";

/** The client sent BEGIN. */
export function receiveBegin<Token>(session: ServerSession<Token>, frame: Frame): void {
  const id = required(frame, "transaction");
  const { transactions } = session.books;
  const { maxTransactions } = session.settings.limits;
  if (transactions.has(id)) {
    session.conclude(frame, { error: duplicate("transaction", frame.command) });
  } else if (transactions.size >= maxTransactions) {
    session.conclude(frame, { error: exceeded(frame, `${maxTransactions} open transactions`) });
  } else {
    const transaction = new OpenTransaction<Token>(id);
    transactions.set(id, transaction);
    session.ask(frame, () => session.hooks.onBegin(transaction));
  }
}

/** The client sent a message in a transaction. */
export function keepSend<Token>(session: ServerSession<Token>, frame: Frame): void {
  const message = new ServerMessage(unshared(frame));
  keepInTransaction(session, frame, { kind: "send", message }, []);
}

/**
 * Takes a frame into its transaction.
 *
 * @param taken What it took out of the ledger.
 */
export function keepInTransaction<Token>(
  session: ServerSession<Token>,
  frame: Frame,
  operation: Operation<Token>,
  taken: readonly Entry<Token>[],
): void {
  const { ledger, transactions } = session.books;
  const open = transactions.get(required(frame, "transaction"));
  const error =
    open === undefined
      ? unknown("transaction", frame.command)
      : open.fault(frame, session.settings.limits);
  if (error === undefined) open?.add(frame, operation, taken);
  else ledger.restore(taken);
  session.conclude(frame, error === undefined ? DONE : { error });
}

/** The client sent COMMIT. */
export function receiveCommit<Token>(session: ServerSession<Token>, frame: Frame): void {
  const transaction = closeTransaction(session, frame);
  if (transaction === undefined) return;
  session.ask(
    frame,
    () =>
      whenAccepted(session.hooks.onCommit(transaction), () => {
        // Also if its operations were not all run: that is what the application has made of it.
        session.books.committing = undefined;
      }),
    () => session.books.ledger.restore(transaction.takeUndone()),
  );
}

/** The client sent ABORT. */
export function receiveAbort<Token>(session: ServerSession<Token>, frame: Frame): void {
  const transaction = closeTransaction(session, frame);
  if (transaction === undefined) return;
  session.books.ledger.restore(transaction.takeUndone());
  session.ask(frame, () => session.hooks.onAbort(transaction));
}

/** Runs the operations of a transaction, from one on, through the ordinary hooks. */
export function runOperations<Token>(
  session: ServerSession<Token>,
  transaction: ServerTransaction<Token>,
  first = 0,
): MaybePromise<void> {
  const { operations } = transaction;
  const { books } = session;
  const open = transaction instanceof OpenTransaction ? transaction : undefined;
  books.committing = open;
  for (let at = first; at < operations.length; at++) {
    // No hook is called after the end: what has not begun by then does not take effect.
    if (session.isEnding) throw notConnected("closed", "COMMIT");
    open?.operationBegun(at);
    const answer = perform(session.hooks, operations[at] as Operation<Token>);
    if (isPending(answer)) {
      // Whatever kind of promise it is, this one settles once, and tells how.
      return Promise.resolve(answer).then(() => {
        open?.operationDone(at);
        return runOperations(session, transaction, at + 1);
      });
    }
    open?.operationDone(at);
  }
  books.committing = undefined;
  return undefined;
}

/** Takes the transaction that COMMIT or ABORT ends out of the open ones. */
function closeTransaction<Token>(
  session: ServerSession<Token>,
  frame: Frame,
): OpenTransaction<Token> | undefined {
  const id = required(frame, "transaction");
  const { transactions } = session.books;
  const transaction = transactions.get(id);
  if (transaction === undefined) {
    session.conclude(frame, { error: unknown("transaction", frame.command) });
  }
  transactions.delete(id);
  return transaction;
}

/** Lets something happen as soon as a hook has accepted its frame. */
function whenAccepted(answer: MaybePromise<void>, settle: () => void): MaybePromise<void> {
  if (isPending(answer)) return Promise.resolve(answer).then(settle);
  settle();
  return undefined;
}

function perform<Token>(
  hooks: ServerHooks<Token>,
  operation: Operation<Token>,
): MaybePromise<void> {
  switch (operation.kind) {
    case "send":
      return hooks.onMessage(operation.message);
    case "ack":
      return hooks.onAck(operation.acknowledged);
    case "nack":
      return hooks.onNack(operation.acknowledged);
  }
}

/**
 * A frame that is kept, with a body of its own: a view would keep all of the chunk that it came in,
 * which counts for more than the frame does.
 */
function unshared(frame: Frame): Frame {
  const { command, headers, body } = frame;
  return body.length === body.buffer.byteLength ? frame : new Frame(command, headers, body.slice());
}
