/** A real server, and a client that is a script. */

import { expect } from "vitest";
import type { StompError } from "../../src/errors.ts";
import type { Frame } from "../../src/protocol/frame.ts";
import type { Version } from "../../src/protocol/version.ts";
import type { MaybePromise } from "../../src/session/hooks.ts";
import type { SentMessage } from "../../src/session/sent-message.ts";
import { StompServer } from "../../src/session/server.ts";
import type { ServerClosing } from "../../src/session/server-hooks.ts";
import type {
  Acceptance,
  ConnectRequest,
  ServerOptions,
} from "../../src/session/server-options.ts";
import type { ServerSubscription } from "../../src/session/server-subscription.ts";
import type { Acknowledgement, ServerTransaction } from "../../src/session/transactions.ts";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import { connect } from "./frames.ts";
import { Log } from "./log.ts";
import { Peer } from "./peer.ts";

/** What the hooks of a test do besides being written down. */
export interface ServerHooks {
  onConnect?(request: ConnectRequest): MaybePromise<boolean | string | Acceptance>;
  onMessage?(message: SentMessage): MaybePromise<void>;
  onSubscribe?(subscription: ServerSubscription): MaybePromise<void>;
  onUnsubscribe?(subscription: ServerSubscription): MaybePromise<void>;
  onAck?(acknowledged: Acknowledgement<string>): MaybePromise<void>;
  onNack?(acknowledged: Acknowledgement<string>): MaybePromise<void>;
  onDisconnect?(reason: string): MaybePromise<void>;
  onBegin?(transaction: ServerTransaction<string>): MaybePromise<void>;
  onCommit?(transaction: ServerTransaction<string>): MaybePromise<void>;
  onAbort?(transaction: ServerTransaction<string>): MaybePromise<void>;
  onUnknownCommand?(frame: Frame): MaybePromise<void>;
  onError?(error: StompError, frame: Frame | undefined): void;
  sendData?(data: Uint8Array): boolean | void;
}

export class TestServer extends StompServer<string> {
  /** The last things that hooks were given. */
  messages: SentMessage[] = [];
  acknowledgements: Acknowledgement<string>[] = [];
  lastError: StompError | undefined;
  errorFrame: Frame | undefined;
  closing: ServerClosing<string> | undefined;
  resumed = 0;
  readonly #log: Log;
  readonly #hooks: ServerHooks;

  constructor(log: Log, options: ServerOptions, hooks: ServerHooks) {
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

  protected override resumeReading(): void {
    this.resumed++;
  }

  protected override onConnect(
    request: ConnectRequest,
  ): MaybePromise<boolean | string | Acceptance> {
    this.#log.hook("onConnect", request.version);
    return this.#hooks.onConnect?.(request) ?? true;
  }

  protected override onMessage(message: SentMessage): MaybePromise<void> {
    this.messages.push(message);
    this.#log.hook("onMessage", message.destination, message.text());
    return this.#hooks.onMessage?.(message);
  }

  protected override onSubscribe(subscription: ServerSubscription): MaybePromise<void> {
    this.#log.hook("onSubscribe", subscription.id);
    return this.#hooks.onSubscribe?.(subscription);
  }

  protected override onUnsubscribe(subscription: ServerSubscription): MaybePromise<void> {
    this.#log.hook("onUnsubscribe", subscription.id);
    return this.#hooks.onUnsubscribe?.(subscription);
  }

  protected override onAck(acknowledged: Acknowledgement<string>): MaybePromise<void> {
    this.#acknowledged("onAck", acknowledged);
    return this.#hooks.onAck?.(acknowledged);
  }

  protected override onNack(acknowledged: Acknowledgement<string>): MaybePromise<void> {
    this.#acknowledged("onNack", acknowledged);
    return this.#hooks.onNack?.(acknowledged);
  }

  protected override onDisconnect(reason: string): MaybePromise<void> {
    this.#log.hook("onDisconnect");
    return this.#hooks.onDisconnect?.(reason);
  }

  protected override onBegin(transaction: ServerTransaction<string>): MaybePromise<void> {
    this.#log.hook("onBegin", transaction.id);
    return this.#hooks.onBegin?.(transaction);
  }

  protected override onCommit(transaction: ServerTransaction<string>): MaybePromise<void> {
    const kinds = transaction.operations.map(({ kind }) => kind);
    this.#log.hook("onCommit", transaction.id, ...kinds);
    return this.#hooks.onCommit === undefined
      ? super.onCommit(transaction)
      : this.#hooks.onCommit(transaction);
  }

  protected override onAbort(transaction: ServerTransaction<string>): MaybePromise<void> {
    this.#log.hook("onAbort", transaction.id);
    return this.#hooks.onAbort?.(transaction);
  }

  protected override onUnknownCommand(frame: Frame): MaybePromise<void> {
    this.#log.hook("onUnknownCommand", frame.command);
    return this.#hooks.onUnknownCommand === undefined
      ? super.onUnknownCommand(frame)
      : this.#hooks.onUnknownCommand(frame);
  }

  protected override onError(error: StompError, frame?: Frame): void {
    this.lastError = error;
    this.errorFrame = frame;
    this.#log.hook("onError", error.code);
    this.#hooks.onError?.(error, frame);
  }

  protected override onClose(closing: ServerClosing<string>): void {
    this.closing = closing;
    this.#log.hook("onClose", closing.reason, closing.error?.code);
  }

  #acknowledged(hook: string, acknowledged: Acknowledgement<string>): void {
    this.acknowledgements.push(acknowledged);
    this.#log.hook(hook, ...acknowledged.deliveries.map(({ messageId }) => messageId));
  }
}

export class ServerPeer extends Peer<TestServer> {
  /** Delivers the next messages to a subscription: m-1, m-2 …, acknowledged by a-1, a-2 …. */
  deliver(count: number, subscription = "1"): void {
    for (let left = count; left > 0; left--) {
      this.session.message(subscription, { destination: "/a" });
    }
    this.heard();
  }

  /** The session has told the client of an ERROR and failed. @returns What the client got. */
  expectError(code: string): string {
    const heard = this.expectFailed(code);
    expect(heard).toMatch(/(^|\0\n)ERROR\nmessage:[^\n]+\n[^\0]*\0\n$/);
    return heard;
  }
}

/** A server that waits for CONNECT. */
export function newServer(options: ServerOptions = {}, hooks: ServerHooks = {}): ServerPeer {
  const log = new Log();
  const clock = new ManualClock();
  const session = new TestServer(log, { clock, sessionId: () => "s", ...options }, hooks);
  return new ServerPeer(session, log, clock);
}

/** A server that has accepted a client of this version; its log begins after that. */
export function server(
  version: Version,
  options: ServerOptions = {},
  hooks: ServerHooks = {},
): ServerPeer {
  const peer = newServer(options, hooks);
  peer.says(connect(version));
  peer.course();
  return peer;
}
