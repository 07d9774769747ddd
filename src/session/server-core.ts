/** What a server does: frames in, answers in order. The public class around it is in `server.ts`. */

import { ApplicationError, ConnectionError, ProtocolError, type StompError } from "../errors.ts";
import type { Body } from "../protocol/body.ts";
import { DIALECTS, type Dialect } from "../protocol/dialect.ts";
import { Frame } from "../protocol/frame.ts";
import type { HeaderInput } from "../protocol/headers.ts";
import { type OutgoingMessage, PreparedMessage } from "../protocol/prepared.ts";
import { Answers, isPlainSend, type Outcome } from "./answers.ts";
import { NEVER } from "./clock.ts";
import type { Closing, Ending } from "./closing.ts";
import { errorContent, receiptOf, refusal } from "./error-frame.ts";
import { fault, required, serverFault } from "./faults.ts";
import { negotiate } from "./heartbeat.ts";
import { isPending, type MaybePromise } from "./hooks.ts";
import {
  acceptanceOf,
  connectedHeaders,
  type Introduction,
  introductionOf,
} from "./introduction.ts";
import type { Delivery, Entry } from "./ledger.ts";
import { duplicate, unknown } from "./mistakes.ts";
import { redacted } from "./observation.ts";
import { type Encoded, type Outputs, takesParts } from "./outputs.ts";
import { PIECE_BYTES } from "./sending.ts";
import { type SentMessage, ServerMessage } from "./sent-message.ts";
import { Books } from "./server-books.ts";
import type { Acceptance, ConnectRequest, ServerSettings } from "./server-options.ts";
import type { ServerSubscription } from "./server-subscription.ts";
import { restored, SubscriptionRecord } from "./server-subscriptions.ts";
import { SessionCore } from "./session-core.ts";
import type { Snapshot } from "./snapshot.ts";
import { notConnected } from "./state.ts";
import {
  type Acknowledgement,
  OpenTransaction,
  type Operation,
  type ServerTransaction,
} from "./transactions.ts";

/** How a server's session ended. */
export interface ServerClosing<Token> extends Closing {
  /** Everything that was delivered and not acknowledged, oldest first: it may be delivered again. */
  readonly unacknowledged: readonly Delivery<Token>[];
  /** What the client was subscribed to until the end; `onUnsubscribe` is not called for these. */
  readonly subscriptions: readonly ServerSubscription[];
}

const NOTHING = new Uint8Array(0);

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

/** The server's side of one connection. */
export class ServerCore<Token> extends SessionCore<ServerHooks<Token>> {
  declare protected readonly settings: ServerSettings;
  #session: string | undefined = undefined;
  /** Made when there is something to keep: most of what an idle session would weigh. */
  #books: Books<Token> | undefined = undefined;
  #answers: Answers | undefined = undefined;

  constructor(settings: ServerSettings) {
    super(settings, settings.limitsBeforeAcceptance);
    this.limit();
  }

  get session(): string | undefined {
    return this.#session;
  }

  get subscriptions(): ReadonlyMap<string, ServerSubscription> {
    return this.kept.subscriptions.byId;
  }

  get transactions(): ReadonlyMap<string, ServerTransaction<Token>> {
    return this.kept.transactions;
  }

  get unacknowledged(): Iterable<Delivery<Token>> {
    return this.kept.ledger.deliveries;
  }

  message(
    subscription: ServerSubscription | string,
    message: OutgoingMessage | PreparedMessage,
    options: { ackId?: string | undefined; token?: Token } = {},
  ): Delivery<Token> {
    const spoken = this.dialect;
    if (this.state !== "connected" || spoken === undefined) {
      throw notConnected(this.state, "MESSAGE");
    }
    const record = this.record(subscription, "MESSAGE");
    const prepared = message instanceof PreparedMessage ? message : new PreparedMessage(message);
    const books = this.kept;
    const id = books.nextId;
    const messageId = prepared.messageId ?? `m-${id}`;
    const awaited = record.ack !== "auto";
    if (awaited) this.checkWindow();
    const ackId =
      awaited && spoken.acknowledgedBy === "ack" ? this.ackId(options.ackId, id) : undefined;
    const delivery: Delivery<Token> = {
      subscription: record.name,
      messageId,
      ackId,
      token: options.token,
    };
    const pieces = prepared.bodyBytes >= PIECE_BYTES && takesParts(this.hooks);
    const frame = pieces
      ? prepared.deliverParts(spoken, record.prefix, messageId, ackId)
      : prepared.deliver(spoken, record.prefix, messageId, ackId);
    books.nextId++;
    if (awaited) books.ledger.add(record.deliveries, delivery, spoken);
    this.put(frame);
    return delivery;
  }

  drop(subscription: ServerSubscription | string): void {
    if (this.state !== "connected") throw notConnected(this.state, "drop()");
    this.kept.subscriptions.drop(this.record(subscription, "drop()"));
  }

  error(
    error: StompError | string,
    options: { headers?: HeaderInput | undefined; body?: Body | undefined } = {},
  ): void {
    if (this.isEnding) throw notConnected("closed", "ERROR");
    const refusal = typeof error === "string" ? new ApplicationError(error, options) : error;
    const frame = this.encodeContent(refusal, undefined, options);
    this.finish({ reason: "error", how: "flush", error: refusal }, frame);
  }

  disconnect(reason?: string): void {
    if (this.state === "disconnecting") return;
    this.finish({ reason: "disconnect", how: "flush", cause: reason });
  }

  snapshot(): Snapshot {
    return {
      session: this.#session,
      nextId: this.kept.nextId,
      subscriptions: this.kept.subscriptions.snapshot(),
    };
  }

  protected override get answering(): boolean {
    return this.#answers?.waiting === true;
  }

  protected override get blocked(): boolean {
    return this.#answers?.blocked(this.settings.maxInFlight) === true;
  }

  protected override received(frame: Frame): void {
    if (this.#answers?.waiting === true && !isPlainSend(frame)) this.#answers.hold(frame);
    else this.take(frame);
  }

  protected override malformed(error: ProtocolError): void {
    if (this.#answers?.waiting === true) this.#answers.hold(error);
    else this.failed(error);
  }

  override failed(failure: StompError, frame?: Frame): void {
    const { error, encoded } = this.sayable(failure, frame);
    const link = error instanceof ConnectionError && error.code !== "hook-failed";
    const ending: Ending = {
      reason: link ? "lost" : "error",
      // A dead link that is full as well would never be flushed.
      how: link && !this.writable ? "now" : "flush",
      error,
      reported: true,
      frame: frame === undefined ? undefined : redacted(frame),
    };
    this.finish(ending, encoded);
  }

  protected override hookFailed(cause: unknown): void {
    this.failed(refusal(cause));
  }

  protected override settled(closing: Closing): () => void {
    const books = this.kept;
    books.abortAll();
    const subscriptions = [...books.subscriptions.byId.values()];
    const unacknowledged = books.ledger.deliveries;
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

  private get kept(): Books<Token> {
    this.#books ??= new Books();
    return this.#books;
  }

  /** The dialect for what is sent: until one is agreed, the one that needs no understanding. */
  private get spoken(): Dialect {
    return this.dialect ?? DIALECTS["1.0"];
  }

  private record(
    subscription: ServerSubscription | string,
    command: string,
  ): SubscriptionRecord<Token> {
    const id = typeof subscription === "string" ? subscription : subscription.id;
    const record = this.kept.subscriptions.byId.get(id);
    // An id may have been given anew since.
    if (record === undefined || (typeof subscription !== "string" && record !== subscription)) {
      throw unknown("subscription", command);
    }
    return record;
  }

  private checkWindow(): void {
    const { maxUnacknowledged } = this.settings.limits;
    if (this.kept.ledger.size < maxUnacknowledged) return;
    const text = `${maxUnacknowledged} deliveries await acknowledgement: no more are possible`;
    throw new ProtocolError("window-full", text, { command: "MESSAGE" });
  }

  /** The ack id that was given, or one that is not in use. */
  private ackId(given: string | undefined, id: number): string {
    const { ledger } = this.kept;
    if (given !== undefined) {
      if (!ledger.isTaken(given)) return given;
      const text = "A delivery with this ackId awaits acknowledgement: ids have to differ";
      throw new ProtocolError("invalid-option", text, { command: "MESSAGE" });
    }
    let number = id;
    // The application may have given one like it.
    while (ledger.isTaken(`a-${number}`)) number++;
    return `a-${number}`;
  }

  private encodeFrame(
    command: string,
    headers: readonly string[],
    body: Uint8Array = NOTHING,
  ): Encoded {
    // The line feed behind the NUL is what some clients wait for.
    return this.encode(command, headers, body, this.spoken, "always", true);
  }

  /** An ERROR in any case: if what a hook wants to say cannot be said, it is a hook that failed. */
  private sayable(
    error: StompError,
    frame: Frame | undefined,
  ): { error: StompError; encoded: Encoded } {
    try {
      return { error, encoded: this.encodeContent(error, frame) };
    } catch (cause) {
      const failure = refusal(cause);
      return { error: failure, encoded: this.encodeContent(failure, frame) };
    }
  }

  private encodeContent(
    error: StompError,
    frame: Frame | undefined,
    extra?: { headers?: HeaderInput | undefined; body?: Body | undefined },
  ): Encoded {
    const { headers, body } = errorContent(
      error,
      frame,
      this.spoken,
      this.settings.versions,
      extra,
    );
    return this.encodeFrame("ERROR", headers, body);
  }

  /** Handles a frame whose turn has come. */
  private take(frame: Frame): void {
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
        this.receiveAcknowledgement(frame, "ack");
        break;
      case "NACK":
        this.receiveAcknowledgement(frame, "nack");
        break;
      case "SUBSCRIBE":
        this.receiveSubscribe(frame);
        break;
      case "UNSUBSCRIBE":
        this.receiveUnsubscribe(frame);
        break;
      case "BEGIN":
        this.receiveBegin(frame);
        break;
      case "COMMIT":
        this.receiveCommit(frame);
        break;
      case "ABORT":
        this.receiveAbort(frame);
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

  /** Hands a frame to its hook. */
  private ask(frame: Frame, hook: () => MaybePromise<unknown>, undo?: () => void): void {
    let answer: unknown;
    try {
      answer = hook();
    } catch (thrown) {
      this.conclude(frame, { error: refusal(thrown) }, undo);
      return;
    }
    if (isPending(answer)) this.awaitAnswer(frame, answer, undo);
    else this.conclude(frame, { answer }, undo);
  }

  private awaitAnswer(frame: Frame, answer: Promise<unknown>, undo?: () => void): void {
    const pending = { frame, undo, outcome: undefined };
    this.#answers ??= new Answers();
    const answers = this.#answers;
    answers.add(pending);
    const answered = (outcome: Outcome) =>
      this.atWork(() => {
        answers.settle(pending, outcome);
        this.answerInOrder(answers);
      });
    // Whatever kind of promise it is, this one settles once, and not before we are back.
    Promise.resolve(answer).then(
      (value) => answered({ answer: value }),
      (thrown) => answered({ error: refusal(thrown) }),
    );
  }

  /** The outcome of a frame is known; it counts when those of all earlier frames do. */
  private conclude(frame: Frame, outcome: Outcome, undo?: () => void): void {
    if (this.#answers?.waiting === true) this.#answers.add({ frame, undo, outcome });
    else this.answer(frame, outcome, undo);
  }

  private answerInOrder(answers: Answers): void {
    for (let ready = answers.takeReady(); ready !== undefined; ready = answers.takeReady()) {
      this.answer(ready.frame, ready.outcome as Outcome, ready.undo);
    }
    const next = this.state === "closed" ? undefined : answers.release();
    if (next instanceof ProtocolError) this.failed(next);
    else if (next !== undefined) this.take(next);
  }

  private answer(frame: Frame, { answer, error }: Outcome, undo: (() => void) | undefined): void {
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
    this.#session = session;
    this.restore(acceptance.restore, spoken);
    this.advance("CONNECTED");
    this.speak(spoken.version, this.settings.limits);
    this.keep(negotiate(this.settings.heartBeat, heartBeat));
    this.put(connectedFrame);
  }

  private restore(snapshot: Snapshot | undefined, spoken: Dialect): void {
    if (snapshot === undefined) return;
    const books = this.kept;
    books.nextId = snapshot.nextId;
    for (const each of snapshot.subscriptions) books.subscriptions.add(restored(each, spoken));
  }

  private receiveSend(frame: Frame): void {
    const message = new ServerMessage(frame);
    if (message.transaction !== undefined) {
      this.keepIn(frame, { kind: "send", message: new ServerMessage(unshared(frame)) }, []);
      return;
    }
    // As #ask, without a closure: this is what most frames are.
    let answer: MaybePromise<void>;
    try {
      answer = this.hooks.onMessage(message);
    } catch (thrown) {
      this.conclude(frame, { error: refusal(thrown) });
      return;
    }
    if (isPending(answer)) this.awaitAnswer(frame, answer);
    else this.conclude(frame, DONE);
  }

  private receiveSubscribe(frame: Frame): void {
    const { headers } = frame;
    const spoken = this.spoken;
    const ack = spoken.ackModes.find((mode) => mode === (headers.get("ack") ?? "auto"));
    if (ack === undefined) {
      const text = `The ack of SUBSCRIBE must be one of ${spoken.ackModes.join(", ")}`;
      this.conclude(frame, { error: fault("invalid-header", text, frame) });
      return;
    }
    const record = new SubscriptionRecord<Token>(
      required(frame, "destination"),
      ack,
      headers,
      spoken,
    );
    const { subscriptions } = this.kept;
    const { maxSubscriptions } = this.settings.limits;
    if (subscriptions.byId.has(record.id)) {
      this.conclude(frame, { error: duplicate("subscription", frame.command) });
    } else if (subscriptions.byId.size >= maxSubscriptions) {
      this.conclude(frame, { error: exceeded(frame, `${maxSubscriptions} subscriptions`) });
    } else {
      subscriptions.add(record);
      this.ask(
        frame,
        () => this.hooks.onSubscribe(record),
        () => subscriptions.remove(record),
      );
    }
  }

  private receiveUnsubscribe(frame: Frame): void {
    const { headers } = frame;
    const { subscriptions } = this.kept;
    const record = subscriptions.named(headers);
    if (record !== undefined) {
      subscriptions.remove(record);
      this.ask(frame, () => this.hooks.onUnsubscribe(record));
    } else if (subscriptions.wasDropped(headers)) {
      this.conclude(frame, DONE);
    } else if (!headers.has("id") && !headers.has("destination")) {
      const text = 'UNSUBSCRIBE needs header "id" or "destination"';
      this.conclude(frame, { error: fault("missing-header", text, frame) });
    } else {
      this.conclude(frame, { error: unknown("subscription", frame.command) });
    }
  }

  private receiveAcknowledgement(frame: Frame, kind: "ack" | "nack"): void {
    const { headers } = frame;
    const transaction = headers.get("transaction");
    const { ledger, transactions } = this.kept;
    if (transaction !== undefined && !transactions.has(transaction)) {
      this.conclude(frame, { error: unknown("transaction", frame.command) });
      return;
    }
    const named = {
      subscription: headers.get("subscription"),
      messageId: headers.get("message-id") ?? "",
      ackId: headers.get("id") ?? "",
    };
    const entries = ledger.take(named, this.spoken);
    if (entries === undefined) {
      const text = `${frame.command} names nothing that awaits acknowledgement`;
      this.conclude(frame, { error: fault("unknown-acknowledgement", text, frame) });
      return;
    }
    const acknowledged = acknowledgementOf(entries, frame, transaction);
    if (transaction !== undefined) {
      this.keepIn(frame, { kind, acknowledged }, entries);
      return;
    }
    this.ask(
      frame,
      () => (kind === "ack" ? this.hooks.onAck(acknowledged) : this.hooks.onNack(acknowledged)),
      () => ledger.restore(entries),
    );
  }

  /** Takes a frame into its transaction. */
  private keepIn(frame: Frame, operation: Operation<Token>, taken: readonly Entry<Token>[]): void {
    const { ledger, transactions } = this.kept;
    const open = transactions.get(required(frame, "transaction"));
    const error =
      open === undefined
        ? unknown("transaction", frame.command)
        : open.fault(frame, this.settings.limits);
    if (error === undefined) open?.add(frame, operation, taken);
    else ledger.restore(taken);
    this.conclude(frame, error === undefined ? DONE : { error });
  }

  private receiveBegin(frame: Frame): void {
    const id = required(frame, "transaction");
    const { transactions } = this.kept;
    const { maxTransactions } = this.settings.limits;
    if (transactions.has(id)) {
      this.conclude(frame, { error: duplicate("transaction", frame.command) });
    } else if (transactions.size >= maxTransactions) {
      this.conclude(frame, { error: exceeded(frame, `${maxTransactions} open transactions`) });
    } else {
      const transaction = new OpenTransaction<Token>(id);
      transactions.set(id, transaction);
      this.ask(frame, () => this.hooks.onBegin(transaction));
    }
  }

  private receiveCommit(frame: Frame): void {
    const transaction = this.closeTransaction(frame);
    if (transaction === undefined) return;
    this.ask(
      frame,
      () => this.hooks.onCommit(transaction),
      () => this.kept.ledger.restore(transaction.takeUndone()),
    );
  }

  private receiveAbort(frame: Frame): void {
    const transaction = this.closeTransaction(frame);
    if (transaction === undefined) return;
    this.kept.ledger.restore(transaction.takeUndone());
    this.ask(frame, () => this.hooks.onAbort(transaction));
  }

  /** Takes the transaction that COMMIT or ABORT ends out of the open ones. */
  private closeTransaction(frame: Frame): OpenTransaction<Token> | undefined {
    const id = required(frame, "transaction");
    const { transactions } = this.kept;
    const transaction = transactions.get(id);
    if (transaction === undefined) {
      this.conclude(frame, { error: unknown("transaction", frame.command) });
    }
    transactions.delete(id);
    return transaction;
  }

  /** Runs the operations of a transaction, from one on, through the ordinary hooks. */
  commit(transaction: ServerTransaction<Token>, first = 0): MaybePromise<void> {
    const { operations } = transaction;
    const open = transaction instanceof OpenTransaction ? transaction : undefined;
    this.kept.committing = open;
    for (let at = first; at < operations.length; at++) {
      // No hook is called after the end: what has not begun by then does not take effect.
      if (this.isEnding) throw notConnected("closed", "COMMIT");
      open?.operationBegun();
      const answer = this.perform(operations[at] as Operation<Token>);
      if (isPending(answer)) {
        return answer.then(() => {
          open?.operationDone();
          return this.commit(transaction, at + 1);
        });
      }
      open?.operationDone();
    }
    this.kept.committing = undefined;
    return undefined;
  }

  private perform(operation: Operation<Token>): MaybePromise<void> {
    switch (operation.kind) {
      case "send":
        return this.hooks.onMessage(operation.message);
      case "ack":
        return this.hooks.onAck(operation.acknowledged);
      case "nack":
        return this.hooks.onNack(operation.acknowledged);
    }
  }

  private receiveDisconnect(frame: Frame): void {
    this.mute();
    this.advance("DISCONNECT");
    this.kept.abortAll();
    this.ask(frame, () => this.hooks.onDisconnect("The client sent DISCONNECT"));
  }
}

const DONE: Outcome = Object.freeze({});

function exceeded(frame: Frame, limit: string): ProtocolError {
  return fault("limit-exceeded", `There may be ${limit} at the most`, frame);
}

/**
 * A frame that is kept, with a body of its own: a view would keep all of the chunk that it came in,
 * which counts for more than the frame does.
 */
function unshared(frame: Frame): Frame {
  const { command, headers, body } = frame;
  return body.length === body.buffer.byteLength ? frame : new Frame(command, headers, body.slice());
}

function acknowledgementOf<Token>(
  entries: readonly Entry<Token>[],
  { headers }: Frame,
  transaction: string | undefined,
): Acknowledgement<Token> {
  const named = entries.at(-1) as Entry<Token>;
  return {
    subscription: named.list.subscription,
    deliveries: entries.map(({ delivery }) => delivery),
    named: named.delivery,
    headers,
    transaction,
  };
}
