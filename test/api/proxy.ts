/**
 * A proxy: a server towards its clients, for each of them a client towards a broker. What one side
 * says the other hears: messages, acknowledgements, transactions, receipts, refusals, backpressure.
 */

import {
  type Acceptance,
  type Acknowledgement,
  type AckTarget,
  ApplicationError,
  type ClientClosing,
  type Connected,
  type ConnectRequest,
  type Operation,
  type ReceivedMessage,
  type SentMessage,
  type ServerSubscription,
  type ServerTransaction,
  type StompError,
} from "stomp-engine";
import { type SocketLike, TcpClient, TcpServer } from "stomp-engine/tcp";

/** Frames of a client that may be on their way to the broker at a time. */
const MAX_IN_FLIGHT = 64;

/** The side towards the client. A delivery's token is what the broker wants acknowledged. */
export class ProxySession extends TcpServer<AckTarget> {
  readonly #broker: BrokerLink;

  constructor(socket: SocketLike, toBroker: SocketLike) {
    super(socket, { maxInFlight: MAX_IN_FLIGHT });
    this.#broker = new BrokerLink(toBroker, this);
  }

  /** A message of the broker, for a subscription that has the same id on both sides. */
  forward(message: ReceivedMessage): void {
    const { subscription, messageId, ackId } = message;
    if (subscription === undefined) return;
    this.message(
      subscription,
      {
        destination: message.destination,
        messageId,
        body: message.body,
        contentType: message.contentType,
        headers: message.userHeaders,
      },
      { token: { subscription, messageId, ackId } },
    );
    if (!this.writable) this.#broker.pause();
  }

  protected override async onConnect(request: ConnectRequest): Promise<Acceptance> {
    const { session } = await this.#broker.open(request);
    return { session };
  }

  protected override async onMessage(message: SentMessage): Promise<void> {
    const { destination, body, contentType, userHeaders } = message;
    const options = { contentType, headers: userHeaders, receipt: true } as const;
    const receipt = this.#broker.message(destination, body, options);
    if (!this.#broker.writable) this.pause();
    await receipt.done;
  }

  protected override async onSubscribe(subscription: ServerSubscription): Promise<void> {
    const { id, destination, ack, userHeaders: headers } = subscription;
    await this.#broker.subscribe(destination, { id, ack, headers, receipt: true }).receipt?.done;
  }

  protected override async onUnsubscribe({ id }: ServerSubscription): Promise<void> {
    await this.#broker.unsubscribe(id, { receipt: true })?.done;
  }

  protected override async onAck({ named }: Acknowledgement<AckTarget>): Promise<void> {
    await this.#broker.ack(named.token ?? named, { receipt: true })?.done;
  }

  protected override async onNack({ named }: Acknowledgement<AckTarget>): Promise<void> {
    await this.#broker.nack(named.token ?? named, { receipt: true })?.done;
  }

  /** As one transaction of the broker: all or nothing there, too. */
  protected override async onCommit({ operations }: ServerTransaction<AckTarget>): Promise<void> {
    const transaction = this.#broker.begin();
    for (const operation of operations) this.#repeat(operation, { transaction });
    await this.#broker.commit(transaction, { receipt: true })?.done;
  }

  protected override onDisconnect(): void {}

  protected override onWritable(): void {
    this.#broker.resume();
  }

  protected override onError(): void {}

  protected override onClose(): void {
    if (this.#broker.state !== "closed") this.#broker.disconnect();
  }

  #repeat(
    operation: Operation<AckTarget>,
    within: { transaction: ReturnType<BrokerLink["begin"]> },
  ): void {
    if (operation.kind === "send") {
      const { destination, body, contentType, userHeaders: headers } = operation.message;
      this.#broker.message(destination, body, { contentType, headers, ...within });
      return;
    }
    const { named } = operation.acknowledged;
    this.#broker[operation.kind](named.token ?? named, within);
  }
}

/** The side towards the broker. */
class BrokerLink extends TcpClient {
  readonly #session: ProxySession;
  #opened: PromiseWithResolvers<Connected> | undefined;

  constructor(socket: SocketLike, session: ProxySession) {
    super(socket);
    this.#session = session;
  }

  open({ login, passcode }: ConnectRequest): Promise<Connected> {
    this.#opened = withResolvers();
    this.connect({ login, passcode });
    return this.#opened.promise;
  }

  protected override onConnected(connected: Connected): void {
    this.#opened?.resolve(connected);
  }

  protected override onMessage(message: ReceivedMessage): void {
    this.#session.forward(message);
  }

  protected override onWritable(): void {
    this.#session.resume();
  }

  protected override onReceipt(): void {}

  protected override onError(error: StompError): void {
    const message = error.frame?.headers.get("message") ?? "The broker is out of reach";
    this.#opened?.reject(new ApplicationError(message));
  }

  protected override onClose({ error }: ClientClosing): void {
    const { state } = this.#session;
    if (state === "closed") return;
    if (error === undefined) this.#session.disconnect();
    else this.#session.error(error.frame?.headers.get("message") ?? "The broker is out of reach");
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
