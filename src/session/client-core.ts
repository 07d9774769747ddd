/** What a client does: commands out, frames in. The public class around it is in `client.ts`. */

import { ConnectionError, ProtocolError, type StompError } from "../errors.ts";
import { type Body, encodeBody } from "../protocol/body.ts";
import { type ClientCommand, ruleOf } from "../protocol/commands.ts";
import { type AckMode, DIALECTS, type Dialect } from "../protocol/dialect.ts";
import type { Frame } from "../protocol/frame.ts";
import { flatten, type HeaderInput } from "../protocol/headers.ts";
import { isVersion, type Version } from "../protocol/version.ts";
import type {
  AckOptions,
  BeginOptions,
  ClientSettings,
  CommandOptions,
  Connected,
  ConnectOptions,
  SendOptions,
  SubscribeOptions,
  Subscription,
  Transaction,
} from "./client-options.ts";
import { NEVER } from "./clock.ts";
import type { Closing } from "./closing.ts";
import { Draft } from "./draft.ts";
import { clientFault, fault } from "./faults.ts";
import { format, NO_HEART_BEAT, negotiate, parse } from "./heartbeat.ts";
import { isPending, type MaybePromise } from "./hooks.ts";
import { duplicate, unknown, unowned } from "./mistakes.ts";
import { redacted } from "./observation.ts";
import type { Encoded, Outputs } from "./outputs.ts";
import { type Receipt, Receipts } from "./receipts.ts";
import {
  type Acknowledger,
  type AckTarget,
  ClientMessage,
  type ReceivedMessage,
  type Standing,
} from "./received-message.ts";
import { SessionCore } from "./session-core.ts";
import { checkedMs, checkedVersions } from "./settings.ts";
import { checkedSnapshot, type Snapshot, type SnapshotSubscription } from "./snapshot.ts";
import { notConnected } from "./state.ts";
import { trimmed } from "./trimming.ts";

/** How a client's session ended. */
export interface ClientClosing extends Closing {
  /** The receipts that did not come: whether those commands were processed is not known. */
  readonly unconfirmed: readonly Receipt[];
}

const NOTHING = new Uint8Array(0);

/** The hooks of a client. */
export interface ClientHooks extends Outputs {
  onConnected(connected: Connected): MaybePromise<void>;
  onMessage(message: ReceivedMessage): MaybePromise<void>;
  onReceipt(receipt: Receipt): MaybePromise<void>;
  onError(error: StompError): void;
  onUnclaimedMessage(message: ReceivedMessage): MaybePromise<void>;
  onClose(closing: ClientClosing): void;
}

/** The client's side of one connection. */
export class ClientCore extends SessionCore<ClientHooks> implements Acknowledger {
  declare protected readonly settings: ClientSettings;
  #session: string | undefined = undefined;
  #server: string | undefined = undefined;
  #offered: readonly Version[] = [];
  #nextId = 1;
  #subscriptions: Map<string, Subscription> | undefined = undefined;
  /** Ids of subscriptions that a snapshot brought and that no SUBSCRIBE was sent for. */
  #restored: Set<string> | undefined = undefined;
  #transactions: Map<string, Transaction> | undefined = undefined;
  /** What was acknowledged in one of these is not. */
  #aborted: WeakSet<Transaction> | undefined = undefined;
  #receipts: Receipts | undefined = undefined;
  /** The receipt that DISCONNECT asked for. */
  #farewell: string | undefined = undefined;

  constructor(settings: ClientSettings) {
    super(settings, settings.limits);
  }

  get session(): string | undefined {
    return this.#session;
  }

  get server(): string | undefined {
    return this.#server;
  }

  get subscriptions(): ReadonlyMap<string, Subscription> {
    this.#subscriptions ??= new Map();
    return this.#subscriptions;
  }

  get transactions(): ReadonlyMap<string, Transaction> {
    this.#transactions ??= new Map();
    return this.#transactions;
  }

  connect(options: ConnectOptions = {}): void {
    if (this.state === "closed") throw notConnected(this.state, "CONNECT");
    if (this.state !== "idle") {
      throw new ProtocolError("already-connected", "The session has sent CONNECT already");
    }
    const { host, heartBeat } = this.settings;
    const offered = checkedVersions(options.versions ?? this.settings.versions);
    const highest = DIALECTS[offered.at(-1) as Version];
    const headers = ["accept-version", offered.join(",")];
    if (host !== null) headers.push("host", host);
    if (options.login !== undefined) headers.push("login", options.login);
    if (options.passcode !== undefined) headers.push("passcode", options.passcode);
    if (highest.heartBeats) headers.push("heart-beat", format(heartBeat));
    const command = options.command ?? "CONNECT";
    headers.push(...unowned(command, flatten(options.headers)));
    const frame = this.encode(command, headers, NOTHING, highest, "needed", false);
    this.#offered = offered;
    this.advance("CONNECT");
    this.limit();
    this.put(frame);
  }

  message(destination: string, body?: Body, options: SendOptions = {}): Receipt | undefined {
    const draft = this.#draft("SEND", options);
    draft.add("destination", named("SEND", destination));
    const { bytes, contentType } = encodeBody(body);
    const type = options.contentType ?? contentType;
    if (type !== undefined) draft.add("content-type", type);
    this.#addTransaction(draft, options.transaction);
    draft.body = bytes;
    draft.contentLength =
      (options.contentLength ?? this.settings.contentLength) ? "always" : "never";
    return this.#issue(draft);
  }

  subscribe(destination: string, options: SubscribeOptions = {}): Subscription {
    const asked = this.#ask(destination, options, this.#subscriptions);
    const subscription = this.#subscribed(asked);
    this.put(asked.frame);
    return subscription;
  }

  unsubscribe(
    subscription: Subscription | string,
    options: CommandOptions = {},
  ): Receipt | undefined {
    const draft = this.#draft("UNSUBSCRIBE", options);
    const id = typeof subscription === "string" ? subscription : subscription.id;
    if (this.#subscriptions?.has(id) !== true) throw unknown("subscription", draft.command);
    draft.add("id", id);
    return this.#issue(draft, () => {
      this.#subscriptions?.delete(id);
      this.#restored?.delete(id);
    });
  }

  ack(target: AckTarget, options?: AckOptions): Receipt | undefined {
    return this.acknowledge("ACK", target, options, this.#standingOf(target));
  }

  nack(target: AckTarget, options?: AckOptions): Receipt | undefined {
    return this.acknowledge("NACK", target, options, this.#standingOf(target));
  }

  begin(options: BeginOptions = {}): Transaction {
    const draft = this.#draft("BEGIN", options);
    const id = options.id ?? draft.newId("tx", this.#transactions);
    if (this.#transactions?.has(id) === true) throw duplicate("transaction", draft.command);
    draft.add("transaction", id);
    const frame = this.#encode(draft);
    const transaction = Object.freeze({ id, receipt: this.#await(draft) });
    this.#transactions ??= new Map();
    this.#transactions.set(id, transaction);
    this.put(frame);
    return transaction;
  }

  commit(transaction: Transaction, options: CommandOptions = {}): Receipt | undefined {
    return this.#endTransaction("COMMIT", transaction, options);
  }

  abort(transaction: Transaction, options: CommandOptions = {}): Receipt | undefined {
    return this.#endTransaction("ABORT", transaction, options);
  }

  disconnect(options: CommandOptions = {}): Receipt | undefined {
    if (this.state === "idle" || this.state === "connecting") {
      this.finish({ reason: "disconnect", how: "now" });
      return undefined;
    }
    const draft = this.#draft("DISCONNECT", { ...options, receipt: options.receipt ?? true });
    const receipt = this.#issue(draft, () => {
      this.advance("DISCONNECT");
      this.#farewell = draft.receipt;
      this.limit();
    });
    if (receipt === undefined) this.finish({ reason: "disconnect", how: "flush" });
    return receipt;
  }

  restore(snapshot: Snapshot): void {
    if (this.state !== "idle") {
      throw new ProtocolError("already-connected", "A snapshot is restored before connect()");
    }
    const { session, subscriptions, nextId } = checkedSnapshot(snapshot);
    this.#session = session;
    this.#nextId = nextId;
    this.#subscriptions = new Map(
      subscriptions.map((subscription) => [
        subscription.id,
        subscriptionOf(subscription, undefined),
      ]),
    );
    this.#restored = new Set(this.#subscriptions.keys());
  }

  resubscribe(ids?: Iterable<string>): readonly Subscription[] {
    if (this.state !== "connected") throw notConnected(this.state, "SUBSCRIBE");
    const wanted = [...new Set(ids ?? this.#restored)].map((id) => {
      const subscription = this.#subscriptions?.get(id);
      if (subscription === undefined) throw unknown("subscription", "SUBSCRIBE");
      return subscription;
    });
    const asked = this.#askAll(wanted.filter(({ id }) => this.#restored?.has(id) === true));
    const subscriptions = asked.map((each) => this.#subscribed(each));
    // No hook between them: it would find subscriptions that the server has not been told of.
    this.atWork(() => {
      for (const { frame } of asked) this.put(frame);
    });
    return subscriptions;
  }

  snapshot(): Snapshot {
    const subscriptions = [...(this.#subscriptions?.values() ?? [])];
    return {
      session: this.#session,
      nextId: this.#nextId,
      subscriptions: subscriptions.map(({ id, destination, ack, headers }) => ({
        id,
        destination,
        ack,
        headers: entriesOf(headers),
      })),
    };
  }

  acknowledge(
    command: "ACK" | "NACK",
    target: AckTarget,
    options: AckOptions = {},
    standing: Standing,
  ): Receipt | undefined {
    const draft = this.#draft(command, options);
    const { subscription, messageId, ackId } = target;
    if (this.#isAcknowledged(standing)) {
      throw new ProtocolError("already-acknowledged", "The message was acknowledged before", {
        command,
      });
    }
    if (standing === "auto") throw notAcknowledgeable(command, "its subscription is auto");
    const values = new Map([
      ["id", ackId],
      ["message-id", messageId],
      ["subscription", subscription],
    ]);
    // There is no draft of a command that the version has not.
    const required = ruleOf(command).required[draft.dialect.version] as readonly string[];
    for (const name of required) {
      const value = values.get(name);
      if (value === undefined)
        throw notAcknowledgeable(command, `the MESSAGE had no ${name} for it`);
      draft.add(name, value);
    }
    this.#addTransaction(draft, options.transaction);
    return this.#issue(draft);
  }

  protected override get answering(): boolean {
    return false;
  }

  /** Nothing keeps a client from the next frame: its hooks are not awaited. */
  protected override get blocked(): boolean {
    return false;
  }

  protected override received(frame: Frame): void {
    const wrong = clientFault(frame, this.state, this.dialect);
    if (wrong !== undefined) {
      this.failed(wrong);
      return;
    }
    switch (frame.command) {
      case "MESSAGE":
        this.#receiveMessage(frame);
        break;
      case "RECEIPT":
        this.#receiveReceipt(frame);
        break;
      case "CONNECTED":
        this.#receiveConnected(frame);
        break;
      default:
        this.#receiveError(frame);
    }
  }

  protected override malformed(error: ProtocolError): void {
    this.failed(error);
  }

  /** A client has no way to tell the server what it did wrong. */
  protected override failed(error: StompError): void {
    const link = error instanceof ConnectionError;
    this.finish({
      reason: link ? "lost" : "error",
      how: link ? "now" : "flush",
      error,
      reported: true,
    });
  }

  protected override hookFailed(cause: unknown): void {
    this.atWork(() => {
      // Nothing may follow onClose.
      if (this.state === "closed") return;
      this.report(new ConnectionError("hook-failed", "A hook threw or rejected", { cause }));
    });
  }

  protected override settled(closing: Closing): () => void {
    const unconfirmed = this.#receipts?.unconfirmed ?? [];
    this.#receipts?.lose(closing.error ?? closing.cause);
    this.#transactions?.clear();
    return () => this.hooks.onClose({ ...closing, unconfirmed });
  }

  protected override told(error: StompError): void {
    this.hooks.onError(error);
  }

  override overdue(nowMs: number): void {
    if (nowMs >= this.overdueMs) this.#receipts?.expire(nowMs);
  }

  override get overdueMs(): number {
    return this.#receipts?.overdueMs ?? NEVER;
  }

  #draft(command: ClientCommand, options: CommandOptions): Draft {
    const spoken = this.dialect;
    if (this.state !== "connected" || spoken === undefined) throw notConnected(this.state, command);
    if (ruleOf(command).required[spoken.version] === null) {
      const text = `STOMP ${spoken.version} has no ${command}`;
      throw new ProtocolError("unknown-command", text, { command });
    }
    return new Draft(command, spoken, options, this.#nextId);
  }

  #addTransaction(draft: Draft, transaction: Transaction | undefined): void {
    if (transaction === undefined) return;
    const { id } = transaction;
    if (this.#transactions?.has(id) !== true) throw unknown("transaction", draft.command);
    draft.add("transaction", id);
  }

  /** A SUBSCRIBE that is in order; nothing has changed yet but the counter of ids. */
  #ask(
    destination: string,
    options: SubscribeOptions,
    used: ReadonlyMap<string, Subscription> | undefined,
  ): Asked {
    const { ack = "auto" } = options;
    // Read once: an iterable may have nothing to say the second time, and an object may change.
    const headers = entriesOf(options.headers);
    const draft = this.#draft("SUBSCRIBE", { ...options, headers });
    const id = options.id ?? draft.newId("sub", used);
    if (used?.has(id) === true) throw duplicate("subscription", draft.command);
    if (!draft.dialect.ackModes.includes(ack)) {
      const modes = draft.dialect.ackModes.join(", ");
      throw new ProtocolError("invalid-option", `ack must be one of ${modes}`);
    }
    draft.add("id", id);
    draft.add("destination", named("SUBSCRIBE", destination));
    if (ack !== "auto") draft.add("ack", ack);
    return { id, destination, ack, headers, draft, frame: this.#encode(draft) };
  }

  /** The same for all of these, or for none. */
  #askAll(subscriptions: readonly Subscription[]): Asked[] {
    const nextId = this.#nextId;
    try {
      return subscriptions.map((each) => this.#ask(each.destination, asOptions(each), undefined));
    } catch (mistake) {
      this.#nextId = nextId;
      throw mistake;
    }
  }

  #subscribed(asked: Asked): Subscription {
    const subscription = subscriptionOf(asked, this.#await(asked.draft));
    this.#subscriptions ??= new Map();
    this.#subscriptions.set(asked.id, subscription);
    this.#restored?.delete(asked.id);
    return subscription;
  }

  /** Encodes what was drafted; from here on nothing throws. */
  #encode(draft: Draft): Encoded {
    const { command, dialect: spoken, body, contentLength, options } = draft;
    const { receiptTimeoutMs } = options;
    if (receiptTimeoutMs !== undefined) checkedMs("receiptTimeoutMs", receiptTimeoutMs);
    const { receipt = this.settings.receipts } = options;
    if (receipt === true) draft.receipt = draft.newId("receipt", this.#receipts);
    else if (receipt !== false) draft.receipt = receipt;
    if (draft.receipt !== undefined) {
      this.#receipts?.check(draft.receipt, command);
      draft.add("receipt", draft.receipt);
    }
    draft.headers.push(...unowned(command, flatten(options.headers)));
    const frame = this.encode(command, draft.headers, body, spoken, contentLength, false);
    this.#nextId = draft.nextId;
    return frame;
  }

  /** Registers the receipt of what was drafted, if it asks for one. */
  #await({ command, receipt, options }: Draft): Receipt | undefined {
    if (receipt === undefined) return undefined;
    this.#receipts ??= new Receipts();
    const ms = options.receiptTimeoutMs ?? this.settings.receiptTimeoutMs;
    const awaited = this.#receipts.add(receipt, command, ms === NEVER ? 0 : this.nowMs, ms);
    if (ms !== NEVER) this.watch();
    return awaited;
  }

  /** Encodes, changes state, sends: in this order. */
  #issue(draft: Draft, change?: () => void): Receipt | undefined {
    const frame = this.#encode(draft);
    const receipt = this.#await(draft);
    change?.();
    this.put(frame);
    return receipt;
  }

  #endTransaction(
    command: "COMMIT" | "ABORT",
    transaction: Transaction,
    options: CommandOptions,
  ): Receipt | undefined {
    const draft = this.#draft(command, options);
    const { id } = transaction;
    const open = this.#transactions?.get(id);
    if (open === undefined) throw unknown("transaction", command);
    draft.add("transaction", id);
    return this.#issue(draft, () => {
      this.#transactions?.delete(id);
      if (command === "COMMIT") return;
      this.#aborted ??= new WeakSet();
      this.#aborted.add(open).add(transaction);
    });
  }

  #isAcknowledged(standing: Standing): boolean {
    if (typeof standing !== "object") return standing === "acknowledged";
    return this.#aborted?.has(standing) !== true;
  }

  /** Of a target that came from somewhere: what is known is the subscription that has its id now. */
  #standingOf({ subscription }: AckTarget): Standing {
    const auto =
      subscription !== undefined && this.#subscriptions?.get(subscription)?.ack === "auto";
    return auto ? "auto" : "open";
  }

  #receiveConnected(frame: Frame): void {
    const version = frame.headers.get("version")?.trim() ?? "1.0";
    if (!isVersion(version) || !this.#offered.includes(version)) {
      const text = `The server chose a version that was not offered: ${this.#offered.join(", ")}`;
      this.failed(fault("version-mismatch", text, frame));
      return;
    }
    this.speak(version, this.settings.limits);
    this.#accepted(frame, DIALECTS[version]);
  }

  #accepted(untrimmed: Frame, spoken: Dialect): void {
    const frame = spoken.trims ? trimmed(untrimmed) : untrimmed;
    const { headers } = frame;
    const offer = spoken.heartBeats ? parse(headers.get("heart-beat")) : NO_HEART_BEAT;
    if (offer === undefined) {
      const text = "The heart-beat of CONNECTED must be two numbers, separated by a comma";
      this.failed(fault("invalid-header", text, frame));
      return;
    }
    const heartBeat = negotiate(this.settings.heartBeat, offer);
    this.#session = headers.get("session");
    this.#server = headers.get("server");
    this.advance("CONNECTED");
    this.keep(heartBeat);
    const { version } = spoken;
    const { session, server } = this;
    this.#call(() => this.hooks.onConnected({ version, session, server, heartBeat, headers }));
  }

  #receiveMessage(frame: Frame): void {
    const subscription = this.#subscriptionOf(frame);
    const message = new ClientMessage(frame, this, subscription?.ack === "auto");
    try {
      const answer =
        subscription === undefined
          ? this.hooks.onUnclaimedMessage(message)
          : this.hooks.onMessage(message);
      if (isPending(answer)) this.#report(answer);
    } catch (cause) {
      this.hookFailed(cause);
    }
  }

  /** The subscription that a message belongs to. Only STOMP 1.0 may leave out which. */
  #subscriptionOf({ headers }: Frame): Subscription | undefined {
    if (this.#subscriptions === undefined) return undefined;
    const id = headers.get("subscription");
    if (id !== undefined) return this.#subscriptions.get(id);
    const destination = headers.get("destination");
    let found: Subscription | undefined;
    for (const each of this.#subscriptions.values()) {
      // Of several, it may be the one that has to be acknowledged to.
      if (each.destination === destination && found?.ack !== "client") found = each;
    }
    return found;
  }

  #receiveReceipt(frame: Frame): void {
    const receipt = this.#receipts?.confirm(frame);
    if (receipt !== undefined) this.#call(() => this.hooks.onReceipt(receipt));
    // It is the end even if nobody waits for it any more.
    if (this.#farewell !== frame.headers.get("receipt-id")) return;
    this.finish({ reason: "disconnect", how: "flush" });
  }

  #receiveError(frame: Frame): void {
    const error = new ConnectionError("error-frame", "The server sent an ERROR", {
      frame: redacted(frame),
    });
    this.#receipts?.fail(error);
    this.finish({ reason: "error", how: "flush", error, reported: true });
  }

  #call(hook: () => MaybePromise<void>): void {
    try {
      const answer = hook();
      if (isPending(answer)) this.#report(answer);
    } catch (cause) {
      this.hookFailed(cause);
    }
  }

  #report(answer: Promise<void>): void {
    answer.then(undefined, (cause) => this.hookFailed(cause));
  }
}

/** A destination that names something. */
function named(command: ClientCommand, destination: string): string {
  if (typeof destination === "string" && destination !== "") return destination;
  const text = `${command} needs a destination that is not empty`;
  throw new ProtocolError("invalid-header", text, { command });
}

function notAcknowledgeable(command: ClientCommand, reason: string): ProtocolError {
  const text = `${command} is not possible: ${reason}`;
  return new ProtocolError("not-acknowledgeable", text, { command });
}

/** A SUBSCRIBE, before it is sent. */
interface Asked {
  readonly id: string;
  readonly destination: string;
  readonly ack: AckMode;
  readonly headers: Entries;
  readonly draft: Draft;
  readonly frame: Encoded;
}

type Entries = readonly (readonly [string, string])[];

function subscriptionOf(
  { id, destination, ack, headers }: SnapshotSubscription,
  receipt: Receipt | undefined,
): Subscription {
  return Object.freeze({ id, destination, ack, headers: entriesOf(headers), receipt });
}

function asOptions({ id, ack, headers }: Subscription): SubscribeOptions {
  return { id, ack, headers };
}

function entriesOf(headers: HeaderInput | undefined): Entries {
  const flat = flatten(headers);
  return flat.flatMap((name, at) =>
    at % 2 === 0 ? [[name, flat[at + 1] as string] as const] : [],
  );
}
