/** What a server's session calls of its application, and what it hands over at the end. */

import type { StompError } from "../errors.ts";
import type { Frame } from "../protocol/frame.ts";
import type { Closing } from "./closing.ts";
import type { MaybePromise } from "./hooks.ts";
import type { Delivery } from "./ledger.ts";
import type { Outputs } from "./outputs.ts";
import type { SentMessage } from "./sent-message.ts";
import type { Acceptance, ConnectRequest } from "./server-options.ts";
import type { ServerSubscription } from "./server-subscription.ts";
import type { Acknowledgement, ServerTransaction } from "./transactions.ts";

/** How a server's session ended. */
export interface ServerClosing<Token> extends Closing {
  /** Everything that was delivered and not acknowledged, oldest first: it may be delivered again. */
  readonly unacknowledged: readonly Delivery<Token>[];
  /** What the client was subscribed to until the end; `onUnsubscribe` is not called for these. */
  readonly subscriptions: readonly ServerSubscription[];
}

/** The hooks of a server. */
export interface ServerHooks<Token> extends Outputs {
  onConnect(request: ConnectRequest): MaybePromise<boolean | string | Acceptance>;
  onMessage(message: SentMessage): MaybePromise<void>;
  onSubscribe(subscription: ServerSubscription): MaybePromise<void>;
  onUnsubscribe(subscription: ServerSubscription): MaybePromise<void>;
  onAck(acknowledged: Acknowledgement<Token>): MaybePromise<void>;
  onNack(acknowledged: Acknowledgement<Token>): MaybePromise<void>;
  onDisconnect(reason: string): MaybePromise<void>;
  onError(error: StompError, frame?: Frame): void;
  onBegin(transaction: ServerTransaction<Token>): MaybePromise<void>;
  onCommit(transaction: ServerTransaction<Token>): MaybePromise<void>;
  onAbort(transaction: ServerTransaction<Token>): MaybePromise<void>;
  onUnknownCommand(frame: Frame): MaybePromise<void>;
  onClose(closing: ServerClosing<Token>): void;
}
