/** A client under test. */

import {
  type ClientClosing,
  type CommandOptions,
  type Connected,
  encodeFrame,
  type Frame,
  type MaybePromise,
  type Receipt,
  type ReceivedMessage,
  StompClient,
  type StompError,
  type Subscription,
  type Transaction,
  type Version,
} from "stomp-engine";
import type { Random } from "../random.ts";
import type { Tally } from "../tally.ts";
import type { ClientCase } from "./client-case.ts";
import { CLIENT_CODES } from "./codes.ts";
import { SessionRun } from "./run.ts";
import type { ClientStep } from "./steps.ts";
import type { Witness } from "./witness.ts";

export class ClientRun extends SessionRun<ClientStep> {
  protected readonly session: FuzzedClient;
  private readonly version: Version;
  private readonly books = new Books();
  private readonly expires: boolean;

  constructor(given: ClientCase, cuts: number, tally: Tally) {
    super("client", given, cuts, tally);
    this.version = given.version;
    this.expires = given.receiptTimeoutMs !== undefined;
    const Client = given.observed ? ObservedClient : FuzzedClient;
    this.session = new Client(this.witness, this.books, given, this.clock);
  }

  /** How many messages have come, and how many receipts have not. */
  get received(): number {
    return this.books.received;
  }

  get unconfirmed(): number {
    return this.books.unconfirmed.size;
  }

  protected override own(step: ClientStep): void {
    const { witness } = this;
    if (step[0] === "deliver") this.deliver(step[1], step[2]);
    else if (step[0] === "confirm") this.confirm(step[1]);
    else witness.call(step[0], CLIENT_CODES, () => this.command(step));
  }

  protected override enter(random: Random): void {
    const draw = random.below(100);
    if (draw < 40) this.own(["send", random.below(10), random.below(16)]);
    else if (draw < 60) this.own(["ack", random.below(20), random.below(8)]);
    else if (draw < 70) this.own(["subscribe", random.below(16)]);
    else if (draw < 80) this.own(["unsubscribe", random.below(8)]);
    else if (draw < 85) this.own(["begin", random.below(4)]);
    else if (draw < 90) this.own(["finish", random.below(4), "commit"]);
    else if (draw < 92) this.own(["disconnect", random.below(4)]);
    else if (draw < 93) this.own(["connect"]);
    else if (draw < 96) this.apply(["drain"]);
    else if (!this.given.asynchronous) this.apply(["snapshot"]);
    else this.apply(random.pick([["pause"], ["resume"], ["end", "plain"]] as const));
  }

  protected override check(): void {}

  protected override checkQuiet(): void {
    if (!this.given.clean || this.session.state !== "connected") return;
    const { delivered, received, confirmed, told } = this.books;
    if (delivered !== received) {
      this.witness.blame(`${delivered} messages were sent, ${received} have come`);
    }
    if (confirmed !== told && !this.expires)
      this.witness.blame(`${confirmed} receipts were sent, ${told} have come`);
  }

  protected override checkEnd(): void {
    const { unconfirmed, handedBack } = this.books;
    if (this.expires) return;
    const ids = [...unconfirmed.keys()].join();
    if (handedBack.join() !== ids) {
      this.witness.blame(`onClose has the receipts ${handedBack}; ${ids} are unconfirmed`);
    }
  }

  protected override async checkSettled(): Promise<void> {
    let open = this.books.issued.length;
    for (const { done } of this.books.issued) {
      done.then(
        () => open--,
        ({ code }: StompError) => {
          open--;
          if (!REJECTIONS.has(code)) this.witness.blame(`a receipt was rejected with ${code}`);
        },
      );
    }
    for (let turn = 0; turn < 4; turn++) await undefined;
    if (open > 0) this.witness.blame(`${open} receipts are not settled after the end`);
  }

  private command(step: ClientStep): void {
    const { session, books, random } = this;
    switch (step[0]) {
      case "connect":
        session.connect({ login: "a", passcode: "b" });
        break;
      case "send": {
        const options = { ...this.options(step[2]), transaction: this.transaction(step[1]) };
        this.issued(session.message("/queue/a", bodyOf(step[2]), options));
        break;
      }
      case "subscribe": {
        const ack = (["auto", "client", "client-individual", "auto"] as const)[step[1] % 4];
        const id = step[1] < 3 ? `own${step[1]}` : undefined;
        this.issued(session.subscribe("/t", { ...this.options(step[1]), ack, id }).receipt);
        break;
      }
      case "unsubscribe":
        this.issued(
          session.unsubscribe(this.subscription(step[1])?.id ?? "none", this.options(step[1])),
        );
        break;
      case "ack": {
        const message = books.recent[step[1] % Math.max(1, books.recent.length)];
        const options = { ...this.options(step[2]), transaction: this.transaction(step[2]) };
        const target = step[2] === 5 ? JSON.parse(JSON.stringify(TARGET)) : undefined;
        if (target !== undefined) this.issued(session.ack(target, options));
        else if (step[2] > 3) this.issued(message?.nack(options));
        else this.issued(message?.ack(options));
        break;
      }
      case "begin": {
        const id = step[1] === 0 ? "own" : undefined;
        const transaction = session.begin({ ...this.options(step[1]), id });
        books.transactions.push(transaction);
        this.issued(transaction.receipt);
        break;
      }
      case "finish": {
        const { transactions } = books;
        const at = step[1] % Math.max(1, transactions.length);
        const transaction = transactions[at] ?? { id: "none", receipt: undefined };
        if (random.chance(0.9)) transactions.splice(at, 1);
        const options = this.options(step[1]);
        const commits = step[2] === "commit";
        this.issued(
          commits ? session.commit(transaction, options) : session.abort(transaction, options),
        );
        break;
      }
      case "disconnect":
        this.issued(session.disconnect({ receipt: step[1] > 0 }));
        break;
      case "resubscribe":
        session.resubscribe();
    }
  }

  /** Headers, some of which may not be given or cannot be sent. */
  private options(sort: number): CommandOptions {
    const options: CommandOptions = sort % 3 === 0 ? { receipt: true } : {};
    if (sort === 7) return { ...options, headers: { x: "a:b\\c", "y z": "é" } };
    if (sort === 8) return { ...options, headers: [["x", "line\nfeed"]] };
    if (sort === 9) return { ...options, headers: { receipt: "mine" } };
    if (sort === 10) return { receipt: `own${this.books.issued.length % 5}` };
    if (sort === 11) return { ...options, headers: { "": "x" } };
    return sort === 12 ? { ...options, headers: [["x", "\ud800"]] } : options;
  }

  private transaction(sort: number): Transaction | undefined {
    return sort > 2 ? undefined : this.books.transactions[sort];
  }

  private subscription(nth: number): Subscription | undefined {
    const all = [...this.session.subscriptions.values()];
    return all[nth % Math.max(1, all.length)];
  }

  private issued(receipt: Receipt | undefined): void {
    if (receipt === undefined) return;
    this.books.issued.push(receipt);
  }

  private deliver(nth: number, count: number): void {
    const { version, books } = this;
    const subscription = this.subscription(nth);
    if (subscription === undefined || this.session.version === undefined) return;
    const acks = version === "1.2" && subscription.ack !== "auto";
    for (let left = count; left > 0; left--) {
      const id = String(books.delivered++);
      const headers: [string, string][] = [
        ["subscription", subscription.id],
        ["message-id", id],
        ["destination", subscription.destination],
      ];
      if (acks) headers.push(["ack", `ack:${id}`]);
      this.receive(encodeFrame({ command: "MESSAGE", headers, body: id }, version));
    }
  }

  private confirm(count: number): void {
    for (let left = count; left > 0; left--) {
      const [id] = this.books.unanswered;
      if (id === undefined || this.session.version === undefined) return;
      this.books.unanswered.delete(id);
      this.books.confirmed++;
      const headers = { "receipt-id": id };
      this.receive(encodeFrame({ command: "RECEIPT", headers }, this.version));
    }
  }
}

/** What a client has asked for and got, by the test's own account. */
class Books {
  readonly issued: Receipt[] = [];
  /** In the order in which they were asked for. */
  readonly unconfirmed = new Map<string, string>();
  /** Those that the server has not sent yet. */
  readonly unanswered = new Set<string>();
  readonly transactions: Transaction[] = [];
  recent: ReceivedMessage[] = [];
  delivered = 0;
  received = 0;
  confirmed = 0;
  told = 0;
  handedBack: string[] = [];

  /** A frame has left: what it asks for is awaited from then on. */
  asked(frame: Frame): void {
    const id = frame.headers.get("receipt");
    if (id === undefined) return;
    this.unconfirmed.set(id, frame.command);
    this.unanswered.add(id);
  }

  message(message: ReceivedMessage): void {
    this.received++;
    this.recent.push(message);
    if (this.recent.length > 30) this.recent = this.recent.slice(15);
  }
}

class FuzzedClient extends StompClient {
  protected readonly witness: Witness;
  readonly #books: Books;

  constructor(witness: Witness, books: Books, given: ClientCase, clock: ClientRun["clock"]) {
    super({ ...given.options, receiptTimeoutMs: given.receiptTimeoutMs, clock });
    this.witness = witness;
    this.#books = books;
    witness.output.onFrame = (frame) => books.asked(frame);
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

  protected override onConnected({ version, heartBeat }: Connected): MaybePromise<void> {
    this.witness.output.speak(version);
    const { sendMs, receiveMs } = heartBeat;
    return this.witness.hook("onConnected", `${version} ${sendMs} ${receiveMs}`);
  }

  protected override onMessage(message: ReceivedMessage): MaybePromise<void> {
    this.#books.message(message);
    this.witness.noteBytes(message.body);
    const { subscription, messageId, ackId } = message;
    return this.witness.hook("onMessage", `${subscription} ${messageId} ${ackId}`);
  }

  protected override onUnclaimedMessage(message: ReceivedMessage): MaybePromise<void> {
    this.#books.message(message);
    return this.witness.hook("onUnclaimedMessage", `${message.subscription} ${message.messageId}`);
  }

  protected override onReceipt({ id }: Receipt): MaybePromise<void> {
    this.#books.told++;
    this.#books.unconfirmed.delete(id);
    return this.witness.hook("onReceipt", id);
  }

  protected override onWritable(): void {
    this.witness.noted("onWritable", "");
  }

  protected override onError(error: StompError): void {
    // The command that an ERROR names is answered by it.
    const failed =
      error.code === "error-frame" ? error.frame?.headers.get("receipt-id") : undefined;
    if (failed !== undefined) this.#books.unconfirmed.delete(failed);
    this.witness.onError(error);
  }

  protected override onClose({ reason, error, truncated, unconfirmed }: ClientClosing): void {
    this.#books.handedBack = unconfirmed.map(({ id }) => id);
    this.witness.noted("onClose", `${reason} ${error?.code} ${truncated} ${unconfirmed.length}`);
  }
}

class ObservedClient extends FuzzedClient {
  protected override onFrame(direction: "in" | "out", { command }: Frame): void {
    this.witness.observe(direction, command);
  }
}

const TARGET = { subscription: "own0", messageId: "0", ackId: "0" };
const REJECTIONS: ReadonlySet<string> = new Set([
  "error-frame",
  "receipt-timeout",
  "connection-lost",
]);

function bodyOf(sort: number): string | Uint8Array | object | undefined {
  if (sort === 0) return undefined;
  if (sort === 1) return new Uint8Array([0, 1, 2, 10]);
  if (sort === 2) return { json: [1, "é", null] };
  if (sort === 3) return new Uint8Array(5_000);
  return "text";
}
