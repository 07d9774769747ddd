/** The server's side of STOMP. */

import type { StompError } from "../errors.ts";
import type { Body } from "../protocol/body.ts";
import type { Frame } from "../protocol/frame.ts";
import type { HeaderInput } from "../protocol/headers.ts";
import type { OutgoingMessage, PreparedMessage } from "../protocol/prepared.ts";
import { UnknownCommand } from "./error-frame.ts";
import type { MaybePromise } from "./hooks.ts";
import type { Delivery } from "./ledger.ts";
import type { SentMessage } from "./sent-message.ts";
import { ServerCore } from "./server-core.ts";
import type { ServerClosing } from "./server-hooks.ts";
import {
  type Acceptance,
  type ConnectRequest,
  type ServerOptions,
  settleServer,
} from "./server-options.ts";
import type { ServerSubscription } from "./server-subscription.ts";
import { StompSession } from "./session.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Acknowledgement, ServerTransaction } from "./transactions.ts";

/**
 * One connection of a client. A subclass supplies `sendData` and `sendEnd`, feeds `receiveData`,
 * `receiveEnd` and `drained`, and answers for the application by the `on…` hooks.
 *
 * A hook that returns, or whose promise resolves, accepts its frame, and a RECEIPT is sent if one
 * was asked for. One that throws or rejects refuses it: the client gets an ERROR, with the text of
 * an {@link ApplicationError} and of nothing else, and the session ends. While a promise is pending
 * later frames wait, so a hook must not wait for a later frame of its own session.
 *
 * `Token` is what the application finds its own records by when a delivery is acknowledged.
 */
export abstract class StompServer<Token = unknown> extends StompSession {
  readonly #core: ServerCore<Token>;

  /** @throws {ProtocolError} `invalid-option`, naming the option. */
  constructor(options?: ServerOptions) {
    const core = new ServerCore<Token>(settleServer(options));
    super(core);
    this.#core = core;
  }

  /** The id of this session; undefined until the client was accepted. */
  get session(): string | undefined {
    return this.#core.session;
  }

  /** What the client is subscribed to, by id. */
  get subscriptions(): ReadonlyMap<string, ServerSubscription> {
    return this.#core.subscriptions;
  }

  /** The client's open transactions, by id. */
  get transactions(): ReadonlyMap<string, ServerTransaction<Token>> {
    return this.#core.transactions;
  }

  /** What was delivered and not acknowledged, oldest first. */
  get unacknowledged(): Iterable<Delivery<Token>> {
    return this.#core.unacknowledged;
  }

  /**
   * Sends a message to a subscription. Its destination need not be that of the subscription: there
   * may be wildcards. Entries that the client's version cannot carry are left out.
   *
   * @param message For many receivers, a {@link PreparedMessage}: it is encoded once.
   * @param options.ackId What a client of version 1.2 acknowledges it by. Default: one that is not
   *   in use.
   * @param options.token What comes back when it is acknowledged, or in `onClose` if it is not.
   * @throws {ProtocolError} `not-connected`, `closed`, `unknown-subscription`, `window-full`,
   *   `invalid-option` (an ackId in use), `invalid-header` (no destination), `owned-header`,
   *   `unencodable` (the destination).
   * @see STOMP 1.2, "MESSAGE"
   */
  message(
    subscription: ServerSubscription | string,
    message: OutgoingMessage | PreparedMessage,
    options: { ackId?: string | undefined; token?: Token } = {},
  ): Delivery<Token> {
    return this.#core.message(subscription, message, options);
  }

  /**
   * Ends a subscription from our side. The client is not told, STOMP has no frame for that; its
   * UNSUBSCRIBE, and acknowledgements of what it was sent before, are answered as if nothing were.
   *
   * @throws {ProtocolError} `not-connected`, `closed`, `unknown-subscription`.
   */
  drop(subscription: ServerSubscription | string): void {
    this.#core.drop(subscription);
  }

  /**
   * Sends an ERROR and ends the session. `onError` is not called, `onClose` is.
   *
   * @param error Its text goes to the client, and the headers and body of an ApplicationError.
   * @throws {ProtocolError} `closed`, `invalid-option` (any other error), `invalid-header`,
   *   `owned-header`, `unencodable`.
   * @see STOMP 1.2, "ERROR"
   */
  error(
    error: StompError | string,
    options: { headers?: HeaderInput | undefined; body?: Body | undefined } = {},
  ): void {
    this.#core.error(error, options);
  }

  /**
   * Ends the session without a word to the client: what was sent is flushed, and `onClose` called.
   * Does nothing if the session is ending already.
   *
   * @param reason For `onClose`, as its `cause`.
   */
  disconnect(reason?: string): void {
    this.#core.disconnect(reason);
  }

  override snapshot(): Snapshot {
    return this.#core.snapshot();
  }

  /**
   * A client wants to be connected. `true` accepts; a string does, and is the session's id; an
   * {@link Acceptance} can say more. `false` or an {@link ApplicationError} refuses.
   */
  protected abstract onConnect(
    request: ConnectRequest,
  ): MaybePromise<boolean | string | Acceptance>;

  /** The client sent a message, outside of transactions or in one that the default `onCommit` runs. */
  protected abstract onMessage(message: SentMessage): MaybePromise<void>;

  /** The client subscribed. Messages may be sent from here: they come before the RECEIPT. */
  protected abstract onSubscribe(subscription: ServerSubscription): MaybePromise<void>;

  /** The client ended a subscription. What it was sent before can still be acknowledged. */
  protected abstract onUnsubscribe(subscription: ServerSubscription): MaybePromise<void>;

  /** The client consumed messages. They are the application's from here on, unless it refuses the frame. */
  protected abstract onAck(acknowledged: Acknowledgement<Token>): MaybePromise<void>;

  /** The client did not consume messages. They are the application's from here on, unless it refuses the frame. */
  protected abstract onNack(acknowledged: Acknowledgement<Token>): MaybePromise<void>;

  /** The client sent DISCONNECT. `onClose` follows, as it does on every other path. */
  protected abstract onDisconnect(reason: string): MaybePromise<void>;

  /** Something went wrong, and the session ends; `onClose` follows. */
  protected abstract onError(error: StompError, frame?: Frame): void;

  /** The client began a transaction. The default does nothing. */
  protected onBegin(_transaction: ServerTransaction<Token>): MaybePromise<void> {}

  /**
   * The client committed a transaction. The default runs its operations through the hooks above, in
   * order, and is not atomic: if one fails, the earlier ones stand. A broker overrides it.
   */
  protected onCommit(transaction: ServerTransaction<Token>): MaybePromise<void> {
    return this.#core.commit(transaction);
  }

  /** The client aborted a transaction; what it acknowledged in it awaits acknowledgement again. The default does nothing. */
  protected onAbort(_transaction: ServerTransaction<Token>): MaybePromise<void> {}

  /** A command that STOMP does not have. The default refuses it with `unknown-command`. */
  protected onUnknownCommand(frame: Frame): MaybePromise<void> {
    throw new UnknownCommand(frame);
  }

  /** The session has ended. The last hook, called once, however it ended. The default does nothing. */
  protected onClose(_closing: ServerClosing<Token>): void {}
}
