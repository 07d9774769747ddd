/** Our clients on a broker, with what they receive kept for a check to take. */

import { connect } from "node:net";
import type {
  AckMode,
  ClientClosing,
  ClientOptions,
  Connected,
  ConnectOptions,
  ReceivedMessage,
  SendOptions,
  StompClient,
  StompError,
  Subscription,
  Version,
} from "stomp-engine";
import { TcpClient } from "stomp-engine/tcp";
import { WebSocketClient } from "stomp-engine/websocket";
import { WebSocket } from "ws";
import type { Broker } from "../brokers.ts";
import { Arrivals } from "./arrivals.ts";

/** A broker, a way to it, and the version spoken. */
export interface Target {
  readonly broker: Broker;
  readonly transport: "tcp" | "ws";
  readonly version: Version;
}

export interface Session {
  readonly client: StompClient;
  readonly connected: Arrivals<Connected>;
  readonly messages: Arrivals<ReceivedMessage>;
  readonly unclaimed: Arrivals<ReceivedMessage>;
  readonly closed: Promise<ClientClosing>;
  readonly errors: readonly StompError[];
  /** Bytes (TCP) or messages (WebSocket) that have come in so far. */
  received(): number;
}

/** A session that the broker has accepted. */
export interface OpenSession extends Session {
  readonly greeting: Connected;
}

export const nameOf = ({ broker, transport, version }: Target): string =>
  `${broker.name} ${broker.version} ${transport} ${version}`;

/** Connects as the broker wants it, and waits for CONNECTED. */
export async function open(
  target: Target,
  options: ClientOptions = {},
  connection: ConnectOptions = {},
): Promise<OpenSession> {
  const session = dial(target, options);
  const { login, passcode } = target.broker;
  session.client.connect(login === "" ? connection : { login, passcode, ...connection });
  return Object.assign(session, { greeting: await session.connected.next() });
}

/** Has a transport and has not said CONNECT. */
export function dial({ broker, transport, version }: Target, options: ClientOptions = {}): Session {
  const inbox = new Inbox();
  const all: ClientOptions = { versions: [version], ...options };
  if (transport === "tcp") {
    const socket = connect({ host: "127.0.0.1", port: broker.tcp });
    const client = new OverTcp(inbox, socket, all);
    return Object.assign(inbox, { client, received: () => socket.bytesRead });
  }
  if (broker.ws === undefined) throw new Error(`${broker.name} has no WebSocket`);
  const socket = new WebSocket(broker.ws, [`v${version.replace(".", "")}.stomp`]);
  let received = 0;
  socket.on("message", () => {
    received++;
  });
  const client = new OverWebSocket(inbox, socket, all);
  return Object.assign(inbox, { client, received: () => received });
}

/** DISCONNECT, and the end of the transport. */
export async function close({ client, closed }: Session): Promise<ClientClosing> {
  client.disconnect();
  return await closed;
}

/** SUBSCRIBE, and its RECEIPT. */
export async function subscribe(
  { client }: Session,
  destination: string,
  ack: AckMode,
): Promise<Subscription> {
  const subscription = client.subscribe(destination, { ack, receipt: true });
  await subscription.receipt?.done;
  return subscription;
}

/** SEND, and its RECEIPT. */
export async function send(
  { client }: Session,
  destination: string,
  body: string | Uint8Array,
  options: SendOptions = {},
): Promise<void> {
  await client.message(destination, body, { ...options, receipt: true }).done;
}

/** What all clients here do with what they receive. */
class Inbox {
  readonly connected = new Arrivals<Connected>("CONNECTED");
  readonly messages = new Arrivals<ReceivedMessage>("MESSAGE");
  readonly unclaimed = new Arrivals<ReceivedMessage>("MESSAGE without a subscription");
  readonly errors: StompError[] = [];
  readonly closed: Promise<ClientClosing>;
  #closed: (closing: ClientClosing) => void = () => undefined;

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#closed = resolve;
    });
  }

  end(closing: ClientClosing): void {
    const why = closing.error ?? new Error(`the session has ended (${closing.reason})`);
    for (const arrivals of [this.connected, this.messages, this.unclaimed]) arrivals.end(why);
    this.#closed(closing);
  }
}

class OverTcp extends TcpClient {
  readonly #inbox: Inbox;

  constructor(inbox: Inbox, ...rest: ConstructorParameters<typeof TcpClient>) {
    super(...rest);
    this.#inbox = inbox;
  }

  protected override onConnected(connected: Connected): void {
    this.#inbox.connected.push(connected);
  }
  protected override onMessage(message: ReceivedMessage): void {
    this.#inbox.messages.push(message);
  }
  protected override onUnclaimedMessage(message: ReceivedMessage): void {
    this.#inbox.unclaimed.push(message);
  }
  protected override onReceipt(): void {}
  protected override onError(error: StompError): void {
    this.#inbox.errors.push(error);
  }
  protected override onClose(closing: ClientClosing): void {
    this.#inbox.end(closing);
  }
}

class OverWebSocket extends WebSocketClient {
  readonly #inbox: Inbox;

  constructor(inbox: Inbox, ...rest: ConstructorParameters<typeof WebSocketClient>) {
    super(...rest);
    this.#inbox = inbox;
  }

  protected override onConnected(connected: Connected): void {
    this.#inbox.connected.push(connected);
  }
  protected override onMessage(message: ReceivedMessage): void {
    this.#inbox.messages.push(message);
  }
  protected override onUnclaimedMessage(message: ReceivedMessage): void {
    this.#inbox.unclaimed.push(message);
  }
  protected override onReceipt(): void {}
  protected override onError(error: StompError): void {
    this.#inbox.errors.push(error);
  }
  protected override onClose(closing: ClientClosing): void {
    this.#inbox.end(closing);
  }
}
