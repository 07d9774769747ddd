/**
 * What a server does when its client acknowledges.
 *
 * What is acknowledged is taken out of the ledger before the hook is called, and put back if the
 * hook refuses: in between it is the application's.
 *
 * @see STOMP 1.2, "ACK" and "NACK"
 */

import type { Frame } from "../protocol/frame.ts";
import type { FrameHeaders } from "../protocol/headers.ts";
import type { Undo } from "./answers.ts";
import { fault } from "./faults.ts";
import { isPending, type MaybePromise } from "./hooks.ts";
import type { Delivery, Entry, Ledger } from "./ledger.ts";
import { unknown } from "./mistakes.ts";
import type { AckTarget } from "./received-message.ts";
import type { ServerSession } from "./server-session.ts";
import { keepInTransaction } from "./server-transacting.ts";
import type { Acknowledgement } from "./transactions.ts";

/** The client sent ACK or NACK. */
export function receiveAcknowledgement<Token>(
  session: ServerSession<Token>,
  frame: Frame,
  kind: "ack" | "nack",
): void {
  const { headers } = frame;
  const transaction = headers.get("transaction");
  const { ledger, transactions } = session.books;
  if (transaction !== undefined && !transactions.has(transaction)) {
    session.conclude(frame, { error: unknown("transaction", frame.command) });
    return;
  }
  const entries = ledger.take(targetOf(headers), session.spoken);
  if (entries === undefined) {
    const text = `${frame.command} names nothing that awaits acknowledgement`;
    session.conclude(frame, { error: fault("unknown-acknowledgement", text, frame) });
    return;
  }
  const acknowledged = acknowledgementOf(entries, headers, transaction);
  if (transaction !== undefined) {
    keepInTransaction(session, frame, { kind, acknowledged }, entries);
    return;
  }
  // As `ask`, without closures: there may be one of these for every message.
  let answer: MaybePromise<void>;
  try {
    answer =
      kind === "ack" ? session.hooks.onAck(acknowledged) : session.hooks.onNack(acknowledged);
  } catch (thrown) {
    session.refused(frame, thrown, puttingBack(ledger, entries));
    return;
  }
  session.answered(frame, answer, isPending(answer) ? puttingBack(ledger, entries) : undefined);
}

/** What an acknowledgement names, in whatever version. */
function targetOf(headers: FrameHeaders): AckTarget {
  return {
    subscription: headers.get("subscription"),
    messageId: headers.get("message-id") ?? "",
    ackId: headers.get("id") ?? "",
  };
}

function acknowledgementOf<Token>(
  entries: readonly Entry<Token>[],
  headers: FrameHeaders,
  transaction: string | undefined,
): Acknowledgement<Token> {
  const { list, delivery: named } = entries[entries.length - 1] as Entry<Token>;
  // Mostly it is one.
  const deliveries = entries.length === 1 ? [named] : entries.map(deliveryOf);
  return { subscription: list.subscription, deliveries, named, headers, transaction };
}

function deliveryOf<Token>({ delivery }: Entry<Token>): Delivery<Token> {
  return delivery;
}

function puttingBack<Token>(ledger: Ledger<Token>, entries: readonly Entry<Token>[]): Undo {
  return () => ledger.restore(entries);
}
