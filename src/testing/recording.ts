/**
 * Sessions whose hooks do nothing but keep what they were given: for tests that need only one side
 * of their own, or none.
 */

import type { StompError } from "../errors.ts";
import type { ClientClosing } from "../session/client-hooks.ts";
import type { Connected } from "../session/client-options.ts";
import type { MaybePromise } from "../session/hooks.ts";
import type { Receipt } from "../session/receipts.ts";
import type { ReceivedMessage } from "../session/received-message.ts";
import type { SentMessage } from "../session/sent-message.ts";
import type { ServerClosing } from "../session/server-hooks.ts";
import type { Acceptance, ConnectRequest, ServerOptions } from "../session/server-options.ts";
import type { ServerSubscription } from "../session/server-subscription.ts";
import type { Acknowledgement } from "../session/transactions.ts";
import type { PairEnd } from "./end.ts";
import { PairedClient, PairedServer } from "./paired.ts";

/** A client that keeps what it receives. */
export class RecordingClient extends PairedClient {
  connected: Connected | undefined;
  readonly messages: ReceivedMessage[] = [];
  readonly unclaimedMessages: ReceivedMessage[] = [];
  readonly receipts: Receipt[] = [];
  readonly errors: StompError[] = [];
  closing: ClientClosing | undefined;

  protected override onConnected(connected: Connected): MaybePromise<void> {
    this.connected = connected;
  }

  protected override onMessage(message: ReceivedMessage): MaybePromise<void> {
    this.messages.push(message);
  }

  protected override onUnclaimedMessage(message: ReceivedMessage): MaybePromise<void> {
    this.unclaimedMessages.push(message);
  }

  protected override onReceipt(receipt: Receipt): MaybePromise<void> {
    this.receipts.push(receipt);
  }

  protected override onError(error: StompError): void {
    this.errors.push(error);
  }

  protected override onClose(closing: ClientClosing): void {
    this.closing = closing;
  }
}

/** A server that accepts every client, whose session it calls `session-1`, and keeps what it receives. */
export class RecordingServer<Token = unknown> extends PairedServer<Token> {
  request: ConnectRequest | undefined;
  readonly messages: SentMessage[] = [];
  readonly acknowledgements: Acknowledgement<Token>[] = [];
  readonly errors: StompError[] = [];
  closing: ServerClosing<Token> | undefined;

  constructor(end: PairEnd, options: ServerOptions = {}) {
    super(end, { ...options, sessionId: options.sessionId ?? (() => "session-1") });
  }

  protected override onConnect(
    request: ConnectRequest,
  ): MaybePromise<boolean | string | Acceptance> {
    this.request = request;
    return true;
  }

  protected override onMessage(message: SentMessage): MaybePromise<void> {
    this.messages.push(message);
  }

  protected override onSubscribe(_subscription: ServerSubscription): MaybePromise<void> {}

  protected override onUnsubscribe(_subscription: ServerSubscription): MaybePromise<void> {}

  protected override onAck(acknowledged: Acknowledgement<Token>): MaybePromise<void> {
    this.acknowledgements.push(acknowledged);
  }

  protected override onNack(acknowledged: Acknowledgement<Token>): MaybePromise<void> {
    this.acknowledgements.push(acknowledged);
  }

  protected override onDisconnect(_reason: string): MaybePromise<void> {}

  protected override onError(error: StompError): void {
    this.errors.push(error);
  }

  protected override onClose(closing: ServerClosing<Token>): void {
    this.closing = closing;
  }
}
