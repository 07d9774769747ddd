/**
 * What a server does when its application sends a message to a subscription: written in the
 * version of the receiver, entered in the ledger if it is to be acknowledged, sent.
 *
 * Everything that can be wrong is found before anything has changed.
 *
 * @see STOMP 1.2, "MESSAGE"
 */

import { ProtocolError } from "../errors.ts";
import { trimmed } from "../protocol/dialect.ts";
import { type OutgoingMessage, PreparedMessage } from "../protocol/prepared.ts";
import type { Delivery, Ledger } from "./ledger.ts";
import { takesParts } from "./outputs.ts";
import { PIECE_BYTES } from "./sending.ts";
import type { ServerSession } from "./server-session.ts";
import type { ServerSubscription } from "./server-subscription.ts";
import { notConnected } from "./state.ts";

/** What a delivery can be told. */
export interface DeliveryOptions<Token> {
  ackId?: string | undefined;
  token?: Token;
}

/** Sends a message to a subscription. */
export function deliver<Token>(
  session: ServerSession<Token>,
  subscription: ServerSubscription | string,
  message: OutgoingMessage | PreparedMessage,
  options: DeliveryOptions<Token>,
): Delivery<Token> {
  const spoken = session.dialect;
  if (session.state !== "connected" || spoken === undefined) {
    throw notConnected(session.state, "MESSAGE");
  }
  const prepared = message instanceof PreparedMessage ? message : new PreparedMessage(message);
  const { ackId: givenAckId, token } = options;
  // Reading these may have run code of the application's, which may have changed what follows.
  if (session.isEnding) throw notConnected("closed", "MESSAGE");
  const { books } = session;
  const record = books.subscriptions.meant(subscription, "MESSAGE");
  const id = books.nextId;
  const messageId = prepared.messageId ?? `m-${id}`;
  if (spoken.trims && trimmed(messageId) !== messageId) {
    const text = `STOMP ${spoken.version} trims: the message-id would become another`;
    throw new ProtocolError("unencodable", text, { command: "MESSAGE" });
  }
  const awaited = record.ack !== "auto";
  if (awaited) checkWindow(books.ledger, session.settings.limits.maxUnacknowledged);
  const ackId =
    awaited && spoken.acknowledgedBy === "ack" ? ackIdOf(books.ledger, givenAckId, id) : undefined;
  const delivery: Delivery<Token> = {
    subscription: record.name,
    messageId,
    ackId,
    token,
  };
  const pieces = prepared.bodyBytes >= PIECE_BYTES && takesParts(session.hooks);
  const frame = pieces
    ? prepared.deliverParts(spoken, record.prefix, messageId, ackId)
    : prepared.deliver(spoken, record.prefix, messageId, ackId);
  books.nextId++;
  if (awaited) books.ledger.add(record.deliveries, delivery, spoken);
  session.put(frame);
  return delivery;
}

function checkWindow<Token>(ledger: Ledger<Token>, maxUnacknowledged: number): void {
  if (ledger.size < maxUnacknowledged) return;
  const text = `${maxUnacknowledged} deliveries await acknowledgement: no more are possible`;
  throw new ProtocolError("window-full", text, { command: "MESSAGE" });
}

/** The ack id that was given, or one that is not in use. */
function ackIdOf<Token>(ledger: Ledger<Token>, given: string | undefined, id: number): string {
  if (given !== undefined) {
    const isText = typeof given === "string";
    if (isText && !ledger.isTaken(given)) return given;
    const text = isText
      ? "A delivery with this ackId awaits acknowledgement: ids have to differ"
      : "An ackId must be a string";
    throw new ProtocolError("invalid-option", text, { command: "MESSAGE" });
  }
  let number = id;
  // The application may have given one like it.
  while (ledger.isTaken(`a-${number}`)) number++;
  return `a-${number}`;
}
