/** The client's side of STOMP. */

import type { ProtocolError, StompError } from "../errors.ts";
import type { Body } from "../protocol/body.ts";
import type { Version } from "../protocol/version.ts";
import { ClientCore } from "./client-core.ts";
import type { ClientClosing } from "./client-hooks.ts";
import {
  type AckOptions,
  type BeginOptions,
  type ClientOptions,
  type CommandOptions,
  type Connected,
  type ConnectOptions,
  type SendOptions,
  type SubscribeOptions,
  type Subscription,
  settleClient,
  type Transaction,
} from "./client-options.ts";
import type { MaybePromise } from "./hooks.ts";
import type { Receipt } from "./receipts.ts";
import type { AckTarget, ReceivedMessage } from "./received-message.ts";
import { StompSession } from "./session.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * One connection to a server. A subclass supplies `sendData` and `sendEnd`, feeds `receiveData`,
 * `receiveEnd` and `drained`, and hears of what happens by the `on…` hooks.
 *
 * Commands throw a {@link ProtocolError} at once if they are not possible, and change nothing then.
 * Besides what is named with each, that may be `invalid-option`, `invalid-header` or `unencodable`, for
 * what they are given.
 * Hooks may return a promise, which is not awaited; what they throw or reject with is reported to
 * `onError` as `hook-failed`, and the session goes on.
 */
export abstract class StompClient extends StompSession {
  readonly #core: ClientCore;

  /** @throws {ProtocolError} `invalid-option`, naming the option. */
  constructor(options?: ClientOptions) {
    const core = new ClientCore(settleClient(options));
    super(core);
    this.#core = core;
  }

  /** The server's name for this session; undefined if it gave none. */
  get session(): string | undefined {
    return this.#core.session;
  }

  /** What the server calls itself. */
  get server(): string | undefined {
    return this.#core.server;
  }

  /** The subscriptions, by id. */
  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#core.subscriptions;
  }

  /** The open transactions, by id. */
  get transactions(): ReadonlyMap<string, Transaction> {
    return this.#core.transactions;
  }

  /**
   * Sends CONNECT. `onConnected` follows, or `onClose`; before that `onError`, unless the transport ended
   * without a word, or `disconnect()` was called.
   *
   * @throws {ProtocolError} `already-connected`, `closed`, `invalid-option`, `owned-header`,
   *   `unencodable` (a line feed in a header: CONNECT cannot escape it).
   * @see STOMP 1.2, "CONNECT or STOMP Frame"
   */
  connect(options: ConnectOptions = {}): void {
    this.#core.connect(options);
  }

  /**
   * As `connect`, for a transport that learns only when it opens which versions are left: CONNECT is
   * sent by what is returned, and offers only those of its versions that are left. If there are
   * none, that is `version-mismatch`, and the end. If the session has ended meanwhile, it does nothing.
   *
   * @throws {ProtocolError} As `connect`.
   */
  protected connectLater(options: ConnectOptions): (left: readonly Version[]) => void {
    return this.#core.connectLater(options);
  }

  /**
   * Sends a message.
   *
   * @param body A string is `text/plain`, bytes have no content type, anything else is JSON.
   * @throws {ProtocolError} `not-connected`, `closed`, `invalid-option`, `invalid-header`,
   *   `owned-header`, `unknown-transaction`, `unencodable` (what the version cannot carry; a NUL in
   *   a body without content-length).
   * @see STOMP 1.2, "SEND"
   */
  message(
    destination: string,
    body: Body | undefined,
    options: SendOptions & { receipt: true | string },
  ): Receipt;
  message(destination: string, body?: Body, options?: SendOptions): Receipt | undefined;
  message(destination: string, body?: Body, options: SendOptions = {}): Receipt | undefined {
    return this.#core.message(destination, body, options);
  }

  /**
   * Asks for the messages of a destination.
   *
   * @throws {ProtocolError} `not-connected`, `closed`, `duplicate-subscription`, `invalid-option`
   *   (an acknowledgement mode that the version has not), `owned-header`, `unencodable`.
   * @see STOMP 1.2, "SUBSCRIBE"
   */
  subscribe(destination: string, options: SubscribeOptions = {}): Subscription {
    return this.#core.subscribe(destination, options);
  }

  /**
   * Ends a subscription. What is still on its way goes to `onUnclaimedMessage`.
   *
   * @throws {ProtocolError} `not-connected`, `closed`, `unknown-subscription`, `owned-header`.
   * @see STOMP 1.2, "UNSUBSCRIBE"
   */
  unsubscribe(
    subscription: Subscription | string,
    options: CommandOptions = {},
  ): Receipt | undefined {
    return this.#core.unsubscribe(subscription, options);
  }

  /**
   * Acknowledges a message; in `client` mode also every earlier one of its subscription.
   *
   * @throws {ProtocolError} `not-connected`, `closed`, `not-acknowledgeable`, `unknown-transaction`,
   *   `owned-header`.
   * @see STOMP 1.2, "ACK"
   */
  ack(target: AckTarget, options?: AckOptions): Receipt | undefined {
    return this.#core.ack(target, options);
  }

  /**
   * Tells that a message was not consumed; in `client` mode also every earlier one.
   *
   * @throws {ProtocolError} As `ack`; `unknown-command` in STOMP 1.0, which has no NACK.
   * @see STOMP 1.2, "NACK"
   */
  nack(target: AckTarget, options?: AckOptions): Receipt | undefined {
    return this.#core.nack(target, options);
  }

  /**
   * Begins a transaction.
   *
   * @throws {ProtocolError} `not-connected`, `closed`, `duplicate-transaction`, `owned-header`.
   * @see STOMP 1.2, "BEGIN"
   */
  begin(options: BeginOptions = {}): Transaction {
    return this.#core.begin(options);
  }

  /**
   * Lets everything that was sent in a transaction take effect.
   *
   * @throws {ProtocolError} `not-connected`, `closed`, `unknown-transaction`, `owned-header`.
   * @see STOMP 1.2, "COMMIT"
   */
  commit(transaction: Transaction, options: CommandOptions = {}): Receipt | undefined {
    return this.#core.commit(transaction, options);
  }

  /**
   * Undoes everything that was sent in a transaction; what was acknowledged in it is not.
   *
   * @throws {ProtocolError} As `commit`.
   * @see STOMP 1.2, "ABORT"
   */
  abort(transaction: Transaction, options: CommandOptions = {}): Receipt | undefined {
    return this.#core.abort(transaction, options);
  }

  /**
   * Ends the session in order: sends DISCONNECT, waits for its RECEIPT or the transport's end, and
   * ends the transport. Messages may still arrive before that; no command may follow. With
   * `receipt: false` the transport is ended at once, and so is a session that is not connected.
   *
   * @throws {ProtocolError} `closed`, `owned-header`, `unencodable`.
   * @see STOMP 1.2, "DISCONNECT"
   */
  disconnect(options: CommandOptions = {}): Receipt | undefined {
    return this.#core.disconnect(options);
  }

  /**
   * Takes over the subscriptions of a former session, and sends nothing: a server that resumes the
   * session knows them. Another one is told by `resubscribe()`.
   *
   * @throws {ProtocolError} `already-connected` unless idle, `invalid-option` if it is no snapshot.
   */
  restore(snapshot: Snapshot): void {
    this.#core.restore(snapshot);
  }

  /**
   * Sends SUBSCRIBE for restored subscriptions: those named, or all; each at most once.
   *
   * @throws {ProtocolError} `not-connected`, `closed`, `unknown-subscription`, `unencodable`,
   *   `invalid-option` (an acknowledgement mode that the version has not). Then none was sent.
   */
  resubscribe(ids?: Iterable<string>): readonly Subscription[] {
    return this.#core.resubscribe(ids);
  }

  override snapshot(): Snapshot {
    return this.#core.snapshot();
  }

  /** The server has accepted: commands are possible from now on. */
  protected abstract onConnected(connected: Connected): MaybePromise<void>;

  /** A message of one of the subscriptions. */
  protected abstract onMessage(message: ReceivedMessage): MaybePromise<void>;

  /** A command that asked for a receipt was processed, and all before it were received. */
  protected abstract onReceipt(receipt: Receipt): MaybePromise<void>;

  /**
   * Something went wrong. For `hook-failed` the session goes on; everything else is the end, and
   * `onClose` follows.
   */
  protected abstract onError(error: StompError): void;

  /** A message whose subscription is not known here: of a reply queue, or late. The default does nothing. */
  protected onUnclaimedMessage(_message: ReceivedMessage): MaybePromise<void> {}

  /** The session has ended. The last hook, called once, however it ended. The default does nothing. */
  protected onClose(_closing: ClientClosing): void {}
}
