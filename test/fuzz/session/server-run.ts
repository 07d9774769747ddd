/** A server under test. */

import {
  type Acknowledgement,
  type ConnectRequest,
  type Delivery,
  encodeFrame,
  type Frame,
  type MaybePromise,
  PreparedMessage,
  type SentMessage,
  type ServerClosing,
  type ServerSubscription,
  type ServerTransaction,
  StompError,
  StompServer,
} from "stomp-engine";
import type { Random } from "../random.ts";
import type { Tally } from "../tally.ts";
import { SERVER_CODES } from "./codes.ts";
import { SessionRun } from "./run.ts";
import type { ServerCase } from "./server-case.ts";
import type { ServerStep } from "./steps.ts";
import type { Witness } from "./witness.ts";

export class ServerRun extends SessionRun<ServerStep> {
  protected readonly session: FuzzedServer;
  private readonly books = new Books();
  private readonly limits: ServerCase["options"]["limits"];
  private readonly prepared = new PreparedMessage({ destination: "/p", body: "x", messageId: "p" });

  constructor(given: ServerCase, cuts: number, tally: Tally) {
    super("server", given, cuts, tally);
    this.limits = given.options.limits;
    const Server = given.observed ? ObservedServer : FuzzedServer;
    this.session = new Server(this.witness, this.books, given, this.clock);
  }

  protected override own(step: ServerStep): void {
    const { session, witness } = this;
    switch (step[0]) {
      case "acknowledge":
        this.acknowledge(step[1], step[2], step[3]);
        break;
      case "message":
        witness.call("message", SERVER_CODES, () => this.deliver(step[1], step[2]));
        break;
      case "drop":
        witness.call("drop", SERVER_CODES, () => session.drop(this.nth(step[1])));
        break;
      case "error":
        witness.call("error", SERVER_CODES, () => session.error("enough", { body: "why" }));
        break;
      case "disconnect":
        witness.call("disconnect", SERVER_CODES, () => session.disconnect());
    }
  }

  protected override enter(random: Random): void {
    const draw = random.below(100);
    if (draw < 70) this.own(["message", random.below(20), random.below(8)]);
    else if (draw < 85) this.own(["drop", random.below(20)]);
    else if (draw < 88) this.own(["error"]);
    else if (draw < 90) this.own(["disconnect"]);
    else if (draw < 94) this.apply(["snapshot"]);
    else if (draw < 96) this.apply(["drain"]);
    else if (!this.given.asynchronous) this.own(["message", 0, 0]);
    else if (draw < 98) this.apply(["bytes", END_OF_LINE]);
    else this.apply(random.pick([["pause"], ["resume"], ["end", "plain"]] as const));
  }

  protected override check(): void {
    const { session, witness, limits } = this;
    if (session.subscriptions.size > (limits?.maxSubscriptions ?? 1_000)) {
      witness.blame("more subscriptions than allowed");
    }
    if (session.transactions.size > (limits?.maxTransactions ?? 16)) {
      witness.blame("more transactions than allowed");
    }
    const most = limits?.maxTransactionFrames ?? 1_024;
    for (const { operations } of session.transactions.values()) {
      if (operations.length > most) witness.blame("a transaction has more frames than allowed");
    }
  }

  protected override checkQuiet(): void {
    const ledger = [...this.session.unacknowledged].map(({ token }) => token);
    const open = [...this.session.transactions.values()].flatMap(({ operations }) => operations);
    // What is in a transaction is out of the ledger until it ends.
    const kept = open.flatMap((each) => (each.kind === "send" ? [] : each.acknowledged.deliveries));
    const all = [...ledger, ...kept.map(({ token }) => token)];
    if (!isSame(sorted(all), sorted(this.books.outstanding))) {
      this.witness.blame(`the ledger has ${all}, and ${[...this.books.outstanding]} is right`);
    }
    if (!this.given.clean || this.session.state !== "connected") return;
    const { receipts } = this.witness.output;
    if (!isSame(receipts, (this.given as ServerCase).receipts)) {
      this.witness.blame(`the receipts are ${receipts}`);
    }
  }

  protected override checkEnd(): void {
    const { handedBack, outstanding } = this.books;
    if (!isSame(handedBack, sorted(outstanding))) {
      this.witness.blame(`onClose handed back ${handedBack}; ${sorted(outstanding)} is right`);
    }
  }

  private acknowledge(nth: number, command: "ACK" | "NACK", transaction: string): void {
    const { version } = this.session;
    if (version === undefined) return;
    const stale = !this.given.clean && nth % 50 === 0;
    const deliveries = stale ? this.books.recent : [...this.session.unacknowledged];
    const delivery = deliveries[nth % Math.max(1, deliveries.length)];
    if (delivery === undefined) return;
    const headers: [string, string][] =
      version === "1.2" ? [["id", delivery.ackId ?? "none"]] : [["message-id", delivery.messageId]];
    if (version === "1.1") headers.push(["subscription", delivery.subscription ?? ""]);
    if (transaction !== "") headers.push(["transaction", transaction]);
    this.receive(encodeFrame({ command, headers }, version));
  }

  private deliver(nth: number, sort: number): void {
    const { books } = this;
    const subscription = this.nth(nth);
    const token = books.nextToken++;
    const message = sort === 1 ? this.prepared : { destination: "/m", body: bodyOf(sort) };
    const options = sort === 2 ? { token, ackId: `own:${token}` } : { token };
    const ack = this.session.subscriptions.get(subscription)?.ack ?? "auto";
    // Before it is sent: what the transport does then may be the end of all.
    if (ack !== "auto") books.outstanding.add(token);
    const isFull = ack !== "auto" && this.isWindowFull;
    try {
      books.remember(this.session.message(subscription, message, options));
      if (isFull) this.witness.blame("more deliveries await acknowledgement than allowed");
    } catch (error) {
      if (error instanceof StompError) books.outstanding.delete(token);
      throw error;
    }
  }

  private get isWindowFull(): boolean {
    const most = this.limits?.maxUnacknowledged ?? Number.POSITIVE_INFINITY;
    // What a transaction holds does not count.
    return this.books.outstanding.size > most && [...this.session.unacknowledged].length >= most;
  }

  private nth(nth: number): string {
    const ids = [...this.session.subscriptions.keys()];
    return ids[nth % Math.max(1, ids.length)] ?? "none";
  }
}

/** What was delivered and is not acknowledged, by the test's own account. */
class Books {
  nextToken = 0;
  readonly outstanding = new Set<number>();
  /** What a client may still know of. */
  recent: Delivery<number>[] = [];
  handedBack: number[] = [];
  private closed = false;

  remember(delivery: Delivery<number>): void {
    this.recent.push(delivery);
    if (this.recent.length > 30) this.recent = this.recent.slice(15);
  }

  /** @returns How to take it back. */
  acknowledged(acknowledged: Acknowledgement<number>, witness: Witness): () => void {
    const tokens = acknowledged.deliveries.map(({ token }) => token as number);
    for (const token of tokens) {
      if (!this.outstanding.delete(token)) witness.blame(`${token} was acknowledged twice`);
    }
    return () => {
      if (this.closed) return;
      for (const token of tokens) this.outstanding.add(token);
    };
  }

  close({ unacknowledged }: ServerClosing<number>): void {
    this.closed = true;
    this.handedBack = unacknowledged.map(({ token }) => token as number);
  }
}

class FuzzedServer extends StompServer<number> {
  protected readonly witness: Witness;
  readonly #books: Books;
  readonly #ownCommit: boolean;

  constructor(witness: Witness, books: Books, given: ServerCase, clock: ServerRun["clock"]) {
    super({ ...given.options, clock, sessionId: () => "session" });
    this.witness = witness;
    this.#books = books;
    this.#ownCommit = given.ownCommit;
  }

  protected override sendData(data: Uint8Array): boolean {
    return this.witness.sendData(data);
  }

  protected override sendEnd(how: "flush" | "now"): void {
    this.witness.sendEnd(how);
  }

  protected override resumeReading(): void {
    this.witness.resumeReading();
  }

  protected override onConnect({ version, login }: ConnectRequest): MaybePromise<boolean> {
    const answer = this.witness.hook("onConnect", `${version} ${login}`);
    return answer === undefined ? true : answer.then(() => true);
  }

  protected override onMessage(message: SentMessage): MaybePromise<void> {
    const { destination, transaction, contentType, body } = message;
    this.witness.noteBytes(body);
    return this.witness.hook("onMessage", `${destination} ${transaction} ${contentType}`);
  }

  protected override onSubscribe(subscription: ServerSubscription): MaybePromise<void> {
    return this.witness.hook("onSubscribe", summary(subscription));
  }

  protected override onUnsubscribe(subscription: ServerSubscription): MaybePromise<void> {
    return this.witness.hook("onUnsubscribe", summary(subscription));
  }

  protected override onAck(acknowledged: Acknowledgement<number>): MaybePromise<void> {
    return this.#acknowledged("onAck", acknowledged);
  }

  protected override onNack(acknowledged: Acknowledgement<number>): MaybePromise<void> {
    return this.#acknowledged("onNack", acknowledged);
  }

  protected override onBegin({ id }: ServerTransaction<number>): MaybePromise<void> {
    return this.witness.hook("onBegin", id);
  }

  protected override onCommit(transaction: ServerTransaction<number>): MaybePromise<void> {
    if (!this.#ownCommit) return super.onCommit(transaction);
    const { id, operations } = transaction;
    const undos = operations.map((each) =>
      each.kind === "send" ? () => {} : this.#books.acknowledged(each.acknowledged, this.witness),
    );
    return this.witness.hook("onCommit", `${id} ${operations.length}`, () => {
      for (const undo of undos) undo();
    });
  }

  protected override onAbort({ id }: ServerTransaction<number>): MaybePromise<void> {
    return this.witness.hook("onAbort", id);
  }

  protected override onDisconnect(): MaybePromise<void> {
    return this.witness.hook("onDisconnect", "");
  }

  protected override onWritable(): void {
    this.witness.noted("onWritable", "");
  }

  protected override onError(error: StompError): void {
    this.witness.onError(error);
  }

  protected override onClose(closing: ServerClosing<number>): void {
    const { reason, error, truncated, unacknowledged, subscriptions } = closing;
    this.#books.close(closing);
    const numbers = `${unacknowledged.length} ${subscriptions.length}`;
    this.witness.noted("onClose", `${reason} ${error?.code} ${truncated} ${numbers}`);
  }

  #acknowledged(name: string, acknowledged: Acknowledgement<number>): MaybePromise<void> {
    const undo = this.#books.acknowledged(acknowledged, this.witness);
    const { deliveries, named } = acknowledged;
    return this.witness.hook(name, `${named.messageId} of ${deliveries.length}`, undo);
  }
}

class ObservedServer extends FuzzedServer {
  protected override onFrame(direction: "in" | "out", { command }: Frame): void {
    this.witness.observe(direction, command);
  }
}

const END_OF_LINE = Uint8Array.of(10);

function summary({ id, destination, ack, active }: ServerSubscription): string {
  return `${id} ${destination} ${ack} ${active}`;
}

function bodyOf(sort: number): Uint8Array | string | undefined {
  if (sort === 3) return new Uint8Array(5_000);
  return sort === 4 ? undefined : "body";
}

function sorted(tokens: Iterable<number | undefined>): number[] {
  return [...tokens].map(Number).sort((one, other) => one - other);
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, at) => each === other[at]);
}
