/** What a client's session calls of its application, and what it hands over at the end. */

import type { StompError } from "../errors.ts";
import type { Connected } from "./client-options.ts";
import type { Closing } from "./closing.ts";
import type { MaybePromise } from "./hooks.ts";
import type { Outputs } from "./outputs.ts";
import type { Receipt } from "./receipts.ts";
import type { ReceivedMessage } from "./received-message.ts";

/** How a client's session ended. */
export interface ClientClosing extends Closing {
  /** The receipts that did not come: whether those commands were processed is not known. */
  readonly unconfirmed: readonly Receipt[];
}

/** The hooks of a client. */
export interface ClientHooks extends Outputs {
  onConnected(connected: Connected): MaybePromise<void>;
  onMessage(message: ReceivedMessage): MaybePromise<void>;
  onReceipt(receipt: Receipt): MaybePromise<void>;
  onError(error: StompError): void;
  onUnclaimedMessage(message: ReceivedMessage): MaybePromise<void>;
  onClose(closing: ClientClosing): void;
}
