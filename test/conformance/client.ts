/** A real client, and a server that is a script. */

import type { StompError } from "../../src/errors.ts";
import type { Version } from "../../src/protocol/version.ts";
import { StompClient } from "../../src/session/client.ts";
import type { ClientClosing } from "../../src/session/client-hooks.ts";
import type { ClientOptions, Connected, ConnectOptions } from "../../src/session/client-options.ts";
import type { MaybePromise } from "../../src/session/hooks.ts";
import type { Receipt } from "../../src/session/receipts.ts";
import type { ReceivedMessage } from "../../src/session/received-message.ts";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import { connected } from "./frames.ts";
import { Log } from "./log.ts";
import { Peer } from "./peer.ts";

/** What the hooks of a test do besides being written down. */
export interface ClientHooks {
  onConnected?(connected: Connected): MaybePromise<void>;
  onMessage?(message: ReceivedMessage): MaybePromise<void>;
  onReceipt?(receipt: Receipt): MaybePromise<void>;
  sendData?(data: Uint8Array): boolean | void;
}

export class TestClient extends StompClient {
  /** The last things that hooks were given. */
  connection: Connected | undefined;
  messages: ReceivedMessage[] = [];
  lastError: StompError | undefined;
  closing: ClientClosing | undefined;
  readonly #log: Log;
  readonly #hooks: ClientHooks;

  constructor(log: Log, options: ClientOptions, hooks: ClientHooks) {
    super(options);
    this.#log = log;
    this.#hooks = hooks;
  }

  protected override sendData(data: Uint8Array<ArrayBuffer>): boolean | void {
    this.#log.sent(data);
    return this.#hooks.sendData?.(data);
  }

  protected override sendEnd(how: "flush" | "now"): void {
    this.#log.ended(how);
  }

  protected override onConnected(connection: Connected): MaybePromise<void> {
    this.connection = connection;
    this.#log.hook("onConnected", connection.version);
    return this.#hooks.onConnected?.(connection);
  }

  protected override onMessage(message: ReceivedMessage): MaybePromise<void> {
    this.messages.push(message);
    this.#log.hook("onMessage", message.subscription ?? message.destination, message.text());
    return this.#hooks.onMessage?.(message);
  }

  protected override onUnclaimedMessage(message: ReceivedMessage): MaybePromise<void> {
    this.messages.push(message);
    this.#log.hook("onUnclaimedMessage", message.subscription ?? message.destination);
  }

  protected override onReceipt(receipt: Receipt): MaybePromise<void> {
    this.#log.hook("onReceipt", receipt.id);
    return this.#hooks.onReceipt?.(receipt);
  }

  protected override onError(error: StompError): void {
    this.lastError = error;
    this.#log.hook("onError", error.code);
  }

  protected override onClose(closing: ClientClosing): void {
    this.closing = closing;
    this.#log.hook("onClose", closing.reason, closing.error?.code);
  }
}

export class ClientPeer extends Peer<TestClient> {}

/** A client that has not sent CONNECT. */
export function newClient(options: ClientOptions = {}, hooks: ClientHooks = {}): ClientPeer {
  const log = new Log();
  const clock = new ManualClock();
  return new ClientPeer(new TestClient(log, { clock, ...options }, hooks), log, clock);
}

/** A client that has sent CONNECT, which is in its log. */
export function connecting(
  options: ClientOptions = {},
  how: ConnectOptions = {},
  hooks: ClientHooks = {},
): ClientPeer {
  const peer = newClient(options, hooks);
  peer.session.connect(how);
  return peer;
}

/** A client that is connected in this version; its log begins after that. */
export function client(
  version: Version,
  options: ClientOptions = {},
  hooks: ClientHooks = {},
): ClientPeer {
  const peer = connecting(options, {}, hooks);
  peer.says(connected(version));
  peer.course();
  return peer;
}
