/** What one client can do: the broker's end of a connection. */

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import {
  type Acknowledgement,
  ApplicationError,
  type ConnectRequest,
  type MaybePromise,
  type SentMessage,
  type ServerClosing,
  type ServerOptions,
  type ServerSubscription,
  type ServerTransaction,
  type StompError,
  StompServer,
  type Transport,
} from "stomp-engine";
import type { Backend, Change, Held } from "./backend.ts";
import { Budget } from "./budget.ts";
import { Consumer, type Owner } from "./consumer.ts";
import { Message, without } from "./message.ts";
import { assertReplyQueue, assertSubscribable, REPLY_QUEUE, TEMP_QUEUE } from "./names.ts";

/** What all sessions of a broker share. */
export interface Broker {
  readonly backend: Backend;
  /** Undefined: anybody is welcome. */
  readonly credentials: { readonly login: string; readonly passcode: string } | undefined;
  /** How many messages a subscription may have unacknowledged unless it says `prefetch-count`. */
  readonly prefetch: number;
  /** Messages that may wait for a session that does not read fast enough; queues do not count. */
  readonly maxBacklogMessages: number;
  readonly maxBacklogBytes: number;
  /** How long senders to a topic wait for a session whose backlog is more than half full, before it is ended. */
  readonly patienceMs: number;
  nextMessageId(): string;
  failed(error: StompError): void;
  closed(session: BrokerSession): void;
}

/** What carries the bytes; some take a frame in pieces. */
export interface Carrier extends Transport {
  sendData(data: Uint8Array<ArrayBuffer>): boolean;
  sendParts?(parts: readonly Uint8Array<ArrayBuffer>[]): boolean;
}

/** Reply queues of one session. */
const MAX_INBOXES = 100;

export class BrokerSession extends StompServer<Held> implements Owner {
  readonly backlog: Budget;
  readonly #broker: Broker;
  readonly #consumers = new Map<string, Consumer>();
  /** The addresses that others know this session's `/temp-queue/…` by. */
  readonly #inboxes = new Map<string, string>();
  readonly #key = randomBytes(16).toString("hex");
  #transport: Carrier | undefined;
  #relief: Promise<void> | undefined;

  constructor(broker: Broker, options: ServerOptions) {
    super(options);
    this.#broker = broker;
    this.backlog = new Budget(broker.maxBacklogMessages, broker.maxBacklogBytes);
  }

  /** To be called before anything is received. */
  attach(transport: Carrier): void {
    this.#transport = transport;
  }

  overrun(): void {
    if (this.state !== "connected") return;
    this.error(new ApplicationError("Too slow: more messages wait for this session than may"));
  }

  /** Only reading helps: to wait for acknowledgements would be to wait for frames behind our own. */
  relief(): Promise<void> | undefined {
    if (!this.writable && this.backlog.pressing) this.#relief ??= this.#becomeRelieved();
    return this.#relief;
  }

  protected override sendData(data: Uint8Array<ArrayBuffer>): boolean {
    return this.#transport?.sendData(data) ?? true;
  }

  protected override sendParts(parts: readonly Uint8Array<ArrayBuffer>[]): boolean {
    return this.#transport?.sendParts?.(parts) ?? super.sendParts(parts) ?? true;
  }

  protected override sendEnd(how: "flush" | "now"): void {
    this.#transport?.sendEnd(how);
  }

  protected override resumeReading(): void {
    this.#transport?.resumeReading?.();
  }

  protected override onConnect({ login, passcode }: ConnectRequest): boolean {
    const { credentials } = this.#broker;
    if (credentials === undefined) return true;
    const right = [isSame(login, credentials.login), isSame(passcode, credentials.passcode)];
    if (right.includes(false)) throw new ApplicationError("Login or passcode is wrong");
    return true;
  }

  protected override onMessage(sent: SentMessage): MaybePromise<void> {
    return this.#broker.backend.send(this.#message(sent));
  }

  protected override onSubscribe(subscription: ServerSubscription): MaybePromise<void> {
    assertSubscribable(subscription.destination);
    const destination = this.#address(subscription.destination);
    const prefetch = prefetchCount(subscription, this.#broker.prefetch);
    const consumer = new Consumer(this, subscription, destination, prefetch);
    this.#consumers.set(subscription.id, consumer);
    return this.#broker.backend.subscribe(consumer);
  }

  /** What it has not acknowledged may still be acknowledged; the rest goes back at the end of the session. */
  protected override onUnsubscribe({ id }: ServerSubscription): void {
    const consumer = this.#consumers.get(id);
    this.#consumers.delete(id);
    if (consumer !== undefined) this.#broker.backend.unsubscribe(consumer);
  }

  protected override onAck(acknowledged: Acknowledgement<Held>): MaybePromise<void> {
    return this.#broker.backend.acknowledge(heldBy(acknowledged.deliveries));
  }

  protected override onNack(acknowledged: Acknowledgement<Held>): MaybePromise<void> {
    return this.#broker.backend.refuse(heldBy(acknowledged.deliveries));
  }

  protected override onCommit({ operations }: ServerTransaction<Held>): MaybePromise<void> {
    return this.#broker.backend.commit(
      operations.map((operation): Change => {
        if (operation.kind === "send") {
          return { kind: "send", message: this.#message(operation.message) };
        }
        return { kind: operation.kind, held: heldBy(operation.acknowledged.deliveries) };
      }),
    );
  }

  protected override onWritable(): void {
    for (const consumer of this.#consumers.values()) consumer.resume();
  }

  protected override onDisconnect(): void {}

  protected override onError(error: StompError): void {
    this.#broker.failed(error);
  }

  protected override onClose({ unacknowledged }: ServerClosing<Held>): void {
    const { backend } = this.#broker;
    for (const consumer of this.#consumers.values()) backend.unsubscribe(consumer);
    for (const address of this.#inboxes.values()) backend.closeInbox(address);
    backend.release(heldBy(unacknowledged));
    this.#broker.closed(this);
  }

  async #becomeRelieved(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#broker.patienceMs);
    });
    await Promise.race([this.backlog.relieved(), patience]);
    clearTimeout(timer);
    this.#relief = undefined;
    if (!this.writable && this.backlog.pressing) this.overrun();
  }

  #message(sent: SentMessage): Message {
    const { headers, contentType, body } = sent;
    let relayed = sent.userHeaders;
    // That is for the broker to say.
    if (headers.has("redelivered")) relayed = without(relayed, "redelivered");
    const replyTo = headers.get("reply-to");
    if (replyTo?.startsWith(TEMP_QUEUE) === true) {
      relayed = [...without(relayed, "reply-to"), ["reply-to", this.#address(replyTo)]];
    }
    const destination = this.#address(sent.destination);
    const id = this.#broker.nextMessageId();
    return new Message(destination, id, { contentType, headers: relayed, body });
  }

  /** What a destination of this session is called by everybody. */
  #address(destination: string): string {
    if (!destination.startsWith(TEMP_QUEUE)) return destination;
    let address = this.#inboxes.get(destination);
    if (address === undefined) {
      assertReplyQueue(destination);
      if (this.#inboxes.size >= MAX_INBOXES) {
        throw new ApplicationError(`A session may have ${MAX_INBOXES} reply queues`);
      }
      address = `${REPLY_QUEUE}${this.#key}/${destination.slice(TEMP_QUEUE.length)}`;
      this.#inboxes.set(destination, address);
      this.#broker.backend.openInbox(address, destination, this);
    }
    return address;
  }
}

function heldBy(deliveries: Iterable<{ readonly token: Held | undefined }>): Held[] {
  const held: Held[] = [];
  for (const { token } of deliveries) if (token !== undefined) held.push(token);
  return held;
}

function prefetchCount({ headers }: ServerSubscription, standard: number): number {
  const header = headers.get("prefetch-count");
  if (header === undefined) return standard;
  const count = Number(header);
  if (/^\d+$/.test(header) && count >= 1 && Number.isSafeInteger(count)) return count;
  throw new ApplicationError("prefetch-count is a whole number from 1 on");
}

/** In a time that tells nothing of how much is right. */
function isSame(given: string | undefined, right: string): boolean {
  const [a, b] = [given ?? "", right].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
