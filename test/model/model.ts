/** What STOMP says of one client and one server, in a hundred lines: what the sessions have to agree with. */

import type { AckMode } from "stomp-engine";

/** A message that was delivered; its number is its token. */
export interface Delivered {
  readonly token: number;
  /** The one of those with its id to which it was delivered: an id may be given again. */
  readonly subscription: object;
  readonly ack: AckMode;
}

export interface Subscribed {
  readonly ack: AckMode;
}

type Kind = "ack" | "nack";

/** What is to be done in a transaction. */
export type Planned =
  | { readonly kind: "send"; readonly body: string }
  | { readonly kind: Kind; readonly deliveries: readonly Delivered[] };

export class Model {
  /** Whether both sides are connected. */
  connected = true;
  /** Nothing may be left over from a life that has ended, but what a snapshot keeps. */
  readonly clientSubscriptions = new Map<string, AckMode>();
  readonly serverSubscriptions = new Map<string, Subscribed>();
  /** What the server has ended, and the client may not know. */
  readonly dropped = new Set<string>();
  readonly transactions = new Map<string, Planned[]>();
  /** Delivered and not acknowledged, oldest first. */
  ledger: Delivered[] = [];
  /** All that happened in this life: what the hooks of the server were given, in order. */
  handled: string[] = [];
  /** The ids of the receipts that have come, in order. */
  receipts: string[] = [];
  /** The tokens of what `onClose` handed back, of each life. */
  readonly handedBack: number[][] = [];
  nextToken = 1;
  nextReceipt = 1;

  deliver(id: string): Delivered {
    const subscribed = this.serverSubscriptions.get(id) as Subscribed;
    const { ack } = subscribed;
    const delivered = { token: this.nextToken++, subscription: subscribed, ack };
    if (ack !== "auto") this.ledger.push(delivered);
    return delivered;
  }

  /** What an acknowledgement of this one covers, oldest first. It leaves the ledger. */
  take(named: Delivered): readonly Delivered[] {
    const covered = this.ledger.filter(
      ({ token, subscription }) =>
        token === named.token ||
        (named.ack === "client" && subscription === named.subscription && token < named.token),
    );
    this.ledger = this.ledger.filter((each) => !covered.includes(each));
    return covered;
  }

  acknowledge(kind: Kind, named: Delivered, transaction: string | undefined): void {
    const deliveries = this.take(named);
    if (transaction === undefined) this.handle({ kind, deliveries });
    else this.transactions.get(transaction)?.push({ kind, deliveries });
  }

  send(body: string, transaction: string | undefined): void {
    if (transaction === undefined) this.handle({ kind: "send", body });
    else this.transactions.get(transaction)?.push({ kind: "send", body });
  }

  /** @param most How many operations take effect before one is refused; all of them by default. */
  commit(transaction: string, most = Number.POSITIVE_INFINITY): void {
    const planned = this.transactions.get(transaction) as Planned[];
    this.transactions.delete(transaction);
    for (const each of planned.slice(0, most)) this.handle(each);
    this.putBack(planned.slice(most));
  }

  abort(transaction: string): void {
    this.putBack(this.transactions.get(transaction) as Planned[]);
    this.transactions.delete(transaction);
  }

  /** The session ends, in whatever manner. */
  end(): void {
    for (const transaction of [...this.transactions.keys()]) this.abort(transaction);
    this.handedBack.push(this.ledger.map(({ token }) => token));
    this.ledger = [];
    this.connected = false;
  }

  /** A new life begins with the subscriptions of both. */
  resume(): void {
    this.connected = true;
    this.handled = [];
    this.receipts = [];
    this.dropped.clear();
  }

  putBack(planned: readonly Planned[]): void {
    const deliveries = planned.flatMap((each) => (each.kind === "send" ? [] : each.deliveries));
    this.ledger = [...this.ledger, ...deliveries].sort((one, other) => one.token - other.token);
  }

  private handle(planned: Planned): void {
    this.handled.push(
      planned.kind === "send"
        ? `send ${planned.body}`
        : `${planned.kind} ${planned.deliveries.map(({ token }) => token)}`,
    );
  }
}
