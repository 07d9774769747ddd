/** What a transcript says of each hook: enough to tell one call from another. */

import type { StompError } from "../errors.ts";
import type { Frame } from "../protocol/frame.ts";
import type { Connected } from "../session/client-options.ts";
import type { Closing } from "../session/closing.ts";
import type { Receipt } from "../session/receipts.ts";
import type { ReceivedMessage } from "../session/received-message.ts";
import type { SentMessage } from "../session/sent-message.ts";
import type { ConnectRequest } from "../session/server-options.ts";
import type { ServerSubscription } from "../session/server-subscription.ts";
import type { Acknowledgement, ServerTransaction } from "../session/transactions.ts";
import { quotedBody } from "./lines.ts";

/** The first argument of each hook of either role. */
interface Arguments {
  onConnected: Connected;
  onMessage: ReceivedMessage | SentMessage;
  onUnclaimedMessage: ReceivedMessage;
  onReceipt: Receipt;
  onConnect: ConnectRequest;
  onSubscribe: ServerSubscription;
  onUnsubscribe: ServerSubscription;
  onAck: Acknowledgement<unknown>;
  onNack: Acknowledgement<unknown>;
  onBegin: ServerTransaction<unknown>;
  onCommit: ServerTransaction<unknown>;
  onAbort: ServerTransaction<unknown>;
  onUnknownCommand: Frame;
  onDisconnect: string;
  onWritable: undefined;
  onError: StompError;
  onClose: Closing;
}

/** The words that follow the name of a hook. */
export const SUMMARIES: {
  readonly [Hook in keyof Arguments]: (argument: Arguments[Hook]) => string[];
} = {
  onConnected: ({ version }) => [version],
  onMessage: message,
  onUnclaimedMessage: message,
  onReceipt: ({ id }) => [id],
  onConnect: ({ version }) => [version],
  onSubscribe: ({ id }) => [id],
  onUnsubscribe: ({ id }) => [id],
  onAck: acknowledgement,
  onNack: acknowledgement,
  onBegin: ({ id }) => [id],
  onCommit: ({ id }) => [id],
  onAbort: ({ id }) => [id],
  onUnknownCommand: ({ command }) => [command],
  onDisconnect: (reason) => [reason],
  onWritable: () => [],
  onError: ({ code }) => [code],
  onClose: ({ reason, error }) => (error === undefined ? [reason] : [reason, error.code]),
};

/** A client tells its messages apart by subscription, a server by destination. */
function message(message: ReceivedMessage | SentMessage): string[] {
  const subscription = "messageId" in message ? message.subscription : undefined;
  return [subscription ?? message.destination, ...quotedBody(message.body)];
}

function acknowledgement({ deliveries }: Acknowledgement<unknown>): string[] {
  return deliveries.map(({ messageId }) => messageId);
}
