/**
 * What a server does: from CONNECT over the commands to the end. The public class around it is in
 * `server.ts`.
 *
 * The order of frames and answers is the layer `server-answering.ts`, what is refused and how the
 * layer `server-refusing.ts`; what each kind of command does is in a file of its own, as functions
 * over `server-session.ts`.
 */

import { ProtocolError, type StompError } from "../errors.ts";
import type { Frame } from "../protocol/frame.ts";
import type { OutgoingMessage, PreparedMessage } from "../protocol/prepared.ts";
import type { Outcome, Undo } from "./answers.ts";
import { NEVER } from "./clock.ts";
import type { Closing } from "./closing.ts";
import { receiptOf, refusal } from "./error-frame.ts";
import { serverFault } from "./faults.ts";
import { negotiate } from "./heartbeat.ts";
import type { MaybePromise } from "./hooks.ts";
import type { Delivery } from "./ledger.ts";
import type { Encoded } from "./outputs.ts";
import { ServerMessage } from "./sent-message.ts";
import { receiveAcknowledgement } from "./server-acknowledging.ts";
import { Answering } from "./server-answering.ts";
import { Books } from "./server-books.ts";
import { type DeliveryOptions, deliver } from "./server-delivering.ts";
import {
  acceptanceOf,
  connectedHeaders,
  type Introduction,
  introductionOf,
} from "./server-introduction.ts";
import type { Acceptance, ServerSettings } from "./server-options.ts";
import type { ServerSession } from "./server-session.ts";
import { receiveSubscribe, receiveUnsubscribe } from "./server-subscribing.ts";
import type { ServerSubscription } from "./server-subscription.ts";
import {
  keepSend,
  receiveAbort,
  receiveBegin,
  receiveCommit,
  runOperations,
} from "./server-transacting.ts";
import type { Snapshot } from "./snapshot.ts";
import { notConnected } from "./state.ts";
import type { ServerTransaction } from "./transactions.ts";

/** The server's side of one connection. */
export class ServerCore<Token> extends Answering<Token> implements ServerSession<Token> {
  #session: string | undefined = undefined;
  /** Made when there is something to keep: most of what an idle session would weigh. */
  #books: Books<Token> | undefined = undefined;

  constructor(settings: ServerSettings) {
    super(settings, settings.limitsBeforeAcceptance);
    this.limit();
  }

  get session(): string | undefined {
    return this.#session;
  }

  get books(): Books<Token> {
    this.#books ??= new Books();
    return this.#books;
  }

  get subscriptions(): ReadonlyMap<string, ServerSubscription> {
    return this.books.subscriptions.byId;
  }

  get transactions(): ReadonlyMap<string, ServerTransaction<Token>> {
    return this.books.transactions;
  }

  get unacknowledged(): Iterable<Delivery<Token>> {
    return this.books.unacknowledged;
  }

  message(
    subscription: ServerSubscription | string,
    message: OutgoingMessage | PreparedMessage,
    options: DeliveryOptions<Token> = {},
  ): Delivery<Token> {
    return deliver(this, subscription, message, options);
  }

  drop(subscription: ServerSubscription | string): void {
    if (this.state !== "connected") throw notConnected(this.state, "drop()");
    const { subscriptions } = this.books;
    const { maxSubscriptions } = this.settings.limits;
    subscriptions.drop(subscriptions.meant(subscription, "drop()"), maxSubscriptions);
  }

  commit(transaction: ServerTransaction<Token>): MaybePromise<void> {
    return runOperations(this, transaction);
  }

  disconnect(reason?: string): void {
    if (this.state === "disconnecting") return;
    this.finish({ reason: "disconnect", how: "flush", cause: reason });
  }

  snapshot(): Snapshot {
    const { nextId, subscriptions } = this.books;
    return { session: this.#session, nextId, subscriptions: subscriptions.snapshot() };
  }

  protected override take(frame: Frame): void {
    const fault = serverFault(frame, this.state, this.spoken);
    if (fault !== undefined) {
      this.conclude(frame, { error: fault });
      return;
    }
    switch (frame.command) {
      case "SEND":
        this.receiveSend(frame);
        break;
      case "ACK":
        receiveAcknowledgement(this, frame, "ack");
        break;
      case "NACK":
        receiveAcknowledgement(this, frame, "nack");
        break;
      case "SUBSCRIBE":
        receiveSubscribe(this, frame);
        break;
      case "UNSUBSCRIBE":
        receiveUnsubscribe(this, frame);
        break;
      case "BEGIN":
        receiveBegin(this, frame);
        break;
      case "COMMIT":
        receiveCommit(this, frame);
        break;
      case "ABORT":
        receiveAbort(this, frame);
        break;
      case "DISCONNECT":
        this.receiveDisconnect(frame);
        break;
      case "CONNECT":
      case "STOMP":
        this.receiveConnect(frame);
        break;
      default:
        this.ask(frame, () => this.hooks.onUnknownCommand(frame));
    }
  }

  protected override answer(
    frame: Frame,
    { answer, error }: Outcome,
    undo: Undo | undefined,
  ): void {
    // What a hook does after the end has no effect any more.
    if (this.state === "closed") return;
    if (error !== undefined) {
      undo?.();
      this.failed(error, frame);
    } else if (this.state === "connecting") {
      this.accept(frame, answer);
    } else {
      const receipt = receiptOf(frame);
      if (receipt !== undefined) this.put(this.encodeFrame("RECEIPT", ["receipt-id", receipt]));
      if (this.state === "disconnecting") this.finish({ reason: "disconnect", how: "flush" });
    }
  }

  protected override settled(closing: Closing): () => void {
    const { books } = this;
    books.abortAll();
    const subscriptions = [...books.subscriptions.byId.values()];
    const { unacknowledged } = books;
    return () => this.hooks.onClose({ ...closing, unacknowledged, subscriptions });
  }

  protected override told(error: StompError, frame: Frame | undefined): void {
    this.hooks.onError(error, frame);
  }

  override overdue(): void {}

  /** A server waits for nothing but what every session waits for. */
  override get overdueMs(): number {
    return NEVER;
  }

  private receiveConnect(frame: Frame): void {
    const introduction = introductionOf(frame, this.settings);
    if (introduction instanceof ProtocolError) {
      this.failed(introduction, frame);
      return;
    }
    const { limitsBeforeAcceptance } = this.settings;
    this.advance("CONNECT");
    this.speak(introduction.dialect.version, limitsBeforeAcceptance);
    this.ask(frame, () => this.hooks.onConnect(introduction.request));
  }

  private accept(frame: Frame, answer: unknown): void {
    // As it was when it was found to be in order; not kept, because most sessions are long past it.
    const { dialect: spoken, heartBeat } = introductionOf(frame, this.settings) as Introduction;
    let acceptance: Acceptance;
    let session: string;
    let connectedFrame: Encoded;
    try {
      acceptance = acceptanceOf(answer);
      session = acceptance.session ?? acceptance.restore?.session ?? this.settings.sessionId();
      const headers = connectedHeaders(spoken, session, this.settings, acceptance);
      connectedFrame = this.encodeFrame("CONNECTED", headers);
    } catch (thrown) {
      this.failed(refusal(thrown), frame);
      return;
    }
    // What the application gave for an answer may have ended the session when it was read.
    if (this.isEnding) return;
    this.#session = session;
    const { restore } = acceptance;
    if (restore !== undefined) this.books.restore(restore, spoken);
    this.advance("CONNECTED");
    this.speak(spoken.version, this.settings.limits);
    this.keep(negotiate(this.settings.heartBeat, heartBeat));
    this.put(connectedFrame);
  }

  private receiveSend(frame: Frame): void {
    const message = new ServerMessage(frame);
    if (message.transaction !== undefined) {
      keepSend(this, frame);
      return;
    }
    // As `ask`, without a closure: this is what most frames are.
    let answer: MaybePromise<void>;
    try {
      answer = this.hooks.onMessage(message);
    } catch (thrown) {
      this.refused(frame, thrown);
      return;
    }
    this.answered(frame, answer);
  }

  private receiveDisconnect(frame: Frame): void {
    this.mute();
    this.advance("DISCONNECT");
    this.books.abortAll();
    this.ask(frame, () => this.hooks.onDisconnect("The client sent DISCONNECT"));
  }
}
