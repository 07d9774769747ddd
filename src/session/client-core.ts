/**
 * What a client does when it is told to: its commands, each checked against what it knows. The
 * public class around it is in `client.ts`.
 *
 * How a command gets on its way is the layer `client-commanding.ts`, what is done with the server's
 * frames the layer `client-receiving.ts`. Subscriptions and transactions are objects of their own,
 * made when there is one: a client that only sends does not carry them.
 */

import { ProtocolError } from "../errors.ts";
import { type Body, outgoingBody } from "../protocol/body.ts";
import type { Version } from "../protocol/version.ts";
import { addTarget, checkStanding } from "./client-acknowledging.ts";
import { introduction } from "./client-introduction.ts";
import type {
  AckOptions,
  BeginOptions,
  ClientSettings,
  CommandOptions,
  ConnectOptions,
  SendOptions,
  SubscribeOptions,
  Subscription,
  Transaction,
} from "./client-options.ts";
import { Receiving } from "./client-receiving.ts";
import { resubscribe, subscribe } from "./client-subscribing.ts";
import { ClientSubscriptions, entriesOf } from "./client-subscriptions.ts";
import { ClientTransactions } from "./client-transactions.ts";
import type { Closing } from "./closing.ts";
import type { Draft } from "./draft.ts";
import { duplicate, unknown } from "./mistakes.ts";
import type { Encoded } from "./outputs.ts";
import type { Receipt } from "./receipts.ts";
import type { AckTarget, Standing } from "./received-message.ts";
import { checkedVersions } from "./settings.ts";
import { checkedSnapshot, type Snapshot } from "./snapshot.ts";
import { notConnected } from "./state.ts";

const NOTHING = new Uint8Array(0);

/** The client's side of one connection. */
export class ClientCore extends Receiving {
  #transactions: ClientTransactions | undefined = undefined;

  constructor(settings: ClientSettings) {
    super(settings, settings.limits);
  }

  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.subscribed.byId;
  }

  get transactions(): ReadonlyMap<string, Transaction> {
    return this.begun.open;
  }

  connect(options: ConnectOptions = {}): void {
    this.put(this.connecting(options));
  }

  connectLater(options: ConnectOptions): (left: readonly Version[]) => void {
    // Read once: an iterable may have nothing to say the second time, and an object may change.
    const kept = { ...options, headers: entriesOf(options.headers) };
    this.connecting(kept);
    return (left) => {
      if (this.state !== "connecting") return;
      const offered = this.offered.filter((version) => left.includes(version));
      if (offered.length > 0) {
        const connect = this.introduced(offered, kept);
        this.offered = offered;
        this.put(connect);
      } else {
        const text = "The transport has agreed on a version that is not offered";
        this.failed(new ProtocolError("version-mismatch", text));
      }
    };
  }

  message(destination: string, body?: Body, options: SendOptions = {}): Receipt | undefined {
    const draft = this.draft("SEND", options);
    draft.addDestination(destination);
    const { content, contentType } = outgoingBody(body);
    const type = options.contentType ?? contentType;
    if (type !== undefined) draft.add("content-type", type);
    this.addTransaction(draft, options.transaction);
    draft.body = content;
    draft.contentLength =
      (options.contentLength ?? this.settings.contentLength) ? "always" : "never";
    return this.issue(draft);
  }

  subscribe(destination: string, options: SubscribeOptions = {}): Subscription {
    return subscribe(this, this.subscribed, destination, options);
  }

  unsubscribe(
    subscription: Subscription | string,
    options: CommandOptions = {},
  ): Receipt | undefined {
    const draft = this.draft("UNSUBSCRIBE", options);
    const id = typeof subscription === "string" ? subscription : subscription.id;
    if (!this.subscriptions.has(id)) throw unknown("subscription", draft.command);
    draft.add("id", id);
    return this.issue(draft, () => this.subscribed.remove(id));
  }

  ack(target: AckTarget, options?: AckOptions): Receipt | undefined {
    return this.sendDraft(this.acknowledging("ACK", target, options, this.standingOf(target)));
  }

  nack(target: AckTarget, options?: AckOptions): Receipt | undefined {
    return this.sendDraft(this.acknowledging("NACK", target, options, this.standingOf(target)));
  }

  override acknowledging(
    command: "ACK" | "NACK",
    target: AckTarget,
    options: AckOptions = {},
    standing: Standing,
  ): Draft {
    const draft = this.draft(command, options);
    checkStanding(command, standing, this.#transactions);
    addTarget(draft, target);
    this.addTransaction(draft, options.transaction);
    this.encodeDraft(draft);
    return draft;
  }

  begin(options: BeginOptions = {}): Transaction {
    const draft = this.draft("BEGIN", options);
    const { open } = this.begun;
    const id = options.id ?? draft.newId("tx", open);
    if (open.has(id)) throw duplicate("transaction", draft.command);
    draft.add("transaction", id);
    const frame = this.encodeDraft(draft);
    const transaction = Object.freeze({ id, receipt: this.awaitReceipt(draft) });
    open.set(id, transaction);
    this.put(frame);
    return transaction;
  }

  commit(transaction: Transaction, options: CommandOptions = {}): Receipt | undefined {
    const draft = this.draft("COMMIT", options);
    const open = this.begun.name(draft, transaction);
    return this.issue(draft, () => this.begun.committed(open));
  }

  abort(transaction: Transaction, options: CommandOptions = {}): Receipt | undefined {
    const draft = this.draft("ABORT", options);
    const open = this.begun.name(draft, transaction);
    return this.issue(draft, () => this.begun.aborted(open, transaction));
  }

  disconnect(options: CommandOptions = {}): Receipt | undefined {
    if (this.state === "idle" || this.state === "connecting") {
      this.finish({ reason: "disconnect", how: "now" });
      return undefined;
    }
    const draft = this.draft("DISCONNECT", { ...options, receipt: options.receipt ?? true });
    const receipt = this.issue(draft, () => {
      this.advance("DISCONNECT");
      this.farewell = draft.receipt;
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
    this.session = session;
    this.nextId = nextId;
    this.known = new ClientSubscriptions(subscriptions);
  }

  resubscribe(ids?: Iterable<string>): readonly Subscription[] {
    if (this.state !== "connected") throw notConnected(this.state, "SUBSCRIBE");
    return resubscribe(this, this.subscribed, ids);
  }

  snapshot(): Snapshot {
    const subscriptions = this.known?.snapshot() ?? [];
    return { session: this.session, nextId: this.nextId, subscriptions };
  }

  protected override settled(closing: Closing): () => void {
    const unconfirmed = this.receipts?.unconfirmed ?? [];
    this.receipts?.lose(closing.error ?? closing.cause);
    this.#transactions?.open.clear();
    return () => this.hooks.onClose({ ...closing, unconfirmed });
  }

  /** Begins to connect. @returns CONNECT. */
  private connecting(options: ConnectOptions): Encoded {
    this.checkIdle();
    const offered = checkedVersions(options.versions ?? this.settings.versions);
    const connect = this.introduced(offered, options);
    this.checkIdle();
    this.offered = offered;
    this.advance("CONNECT");
    this.limit();
    return connect;
  }

  private introduced(offered: readonly Version[], options: ConnectOptions): Encoded {
    const { command, headers, dialect } = introduction(offered, this.settings, options);
    return this.encode(command, headers, NOTHING, dialect, "needed", false);
  }

  /** Before and after the options are read: that may run code of the application's. */
  private checkIdle(): void {
    if (this.state === "closed") throw notConnected(this.state, "CONNECT");
    if (this.state !== "idle") {
      throw new ProtocolError("already-connected", "The session has sent CONNECT already");
    }
  }

  private get subscribed(): ClientSubscriptions {
    this.known ??= new ClientSubscriptions();
    return this.known;
  }

  private get begun(): ClientTransactions {
    this.#transactions ??= new ClientTransactions();
    return this.#transactions;
  }

  private addTransaction(draft: Draft, transaction: Transaction | undefined): void {
    if (transaction !== undefined) draft.transaction = this.begun.name(draft, transaction);
  }

  /** Of a target that came from somewhere: what is known is the subscription that has its id now. */
  private standingOf({ subscription }: AckTarget): Standing {
    const auto = subscription !== undefined && this.known?.byId.get(subscription)?.ack === "auto";
    return auto ? "auto" : "open";
  }
}
