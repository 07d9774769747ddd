/** Sessions over real sockets that note what becomes of them, and peers that speak bytes. */

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type {
  Acknowledgement,
  ClientClosing,
  Clock,
  MaybePromise,
  SentMessage,
  ServerClosing,
  ServerOptions,
} from "stomp-engine";
import { TcpClient, TcpServer } from "stomp-engine/tcp";
import { Inbox } from "../transport/inbox.ts";
import { endingWithTest, listen } from "../transport/loopback.ts";

export const CONNECT = "CONNECT\naccept-version:1.2\nhost:/\n\n\0";

/** A server session; `inbox` has the calls of its hooks. */
export class FaultServer extends TcpServer<number> {
  readonly inbox: Inbox = new Inbox();
  readonly socket: Socket;
  readonly acknowledged: (number | undefined)[] = [];
  readonly sent: string[] = [];

  constructor(socket: Socket, options?: ServerOptions) {
    super(socket, options);
    this.socket = socket;
    // Not "data": whoever listens to it makes a socket flow.
    socket.on("close", () => this.inbox.put("close", undefined));
  }

  override receiveData(chunk: Uint8Array | string): boolean {
    const wanted = super.receiveData(chunk);
    this.inbox.put("receiveData", chunk.length);
    if (!wanted) this.inbox.put("stopped", undefined);
    return wanted;
  }

  override receiveEnd(reason?: unknown): void {
    super.receiveEnd(reason);
    this.inbox.put("ended", reason);
  }

  protected override onConnect(): MaybePromise<boolean> {
    this.inbox.put("onConnect", undefined);
    return true;
  }

  protected override onMessage(message: SentMessage): MaybePromise<void> {
    this.sent.push(message.text());
    this.inbox.put("onMessage", message);
  }

  protected override onSubscribe(subscription: unknown): MaybePromise<void> {
    this.inbox.put("onSubscribe", subscription);
  }

  protected override onUnsubscribe(): void {}

  protected override onAck({ deliveries }: Acknowledgement<number>): MaybePromise<void> {
    this.acknowledged.push(...deliveries.map(({ token }) => token));
    this.inbox.put("onAck", deliveries);
  }

  protected override onNack(): void {}

  protected override onDisconnect(): void {}

  protected override onWritable(): void {
    this.inbox.put("onWritable", undefined);
  }

  protected override onError(error: unknown): void {
    this.inbox.put("onError", error);
  }

  protected override onClose(closing: ServerClosing<number>): void {
    this.inbox.put("onClose", closing);
  }
}

/** A client session; `inbox` has the calls of its hooks. */
export class FaultClient extends TcpClient {
  readonly inbox: Inbox = new Inbox();

  override receiveData(chunk: Uint8Array | string): boolean {
    const wanted = super.receiveData(chunk);
    this.inbox.put("receiveData", chunk.length);
    return wanted;
  }

  protected override onConnected(connected: unknown): void {
    this.inbox.put("onConnected", connected);
  }

  protected override onMessage(message: unknown): void {
    this.inbox.put("onMessage", message);
  }

  protected override onReceipt(receipt: unknown): void {
    this.inbox.put("onReceipt", receipt);
  }

  protected override onError(error: unknown): void {
    this.inbox.put("onError", error);
  }

  protected override onClose(closing: ClientClosing): void {
    this.inbox.put("onClose", closing);
  }
}

/** A server session, and a peer that is nothing but a socket. */
export async function serverAndPeer(
  make: (socket: Socket) => FaultServer = (socket) => new FaultServer(socket),
): Promise<{ server: FaultServer; peer: Socket }> {
  const listener = createServer();
  const accepted = once(listener, "connection") as Promise<[Socket]>;
  const peer = connect(await listen(listener), "127.0.0.1");
  endingWithTest(peer);
  peer.on("error", () => undefined);
  const [socket] = await accepted;
  return { server: make(endingWithTest(socket)), peer };
}

/** The same, connected and with a subscription "s". */
export async function subscribed(
  make?: (socket: Socket) => FaultServer,
  { heartBeat = "0,0" } = {},
): Promise<{ server: FaultServer; peer: Socket }> {
  const both = await serverAndPeer(make);
  const connect = CONNECT.replace("host", `heart-beat:${heartBeat}\nhost`);
  both.peer.write(`${connect}SUBSCRIBE\nid:s\ndestination:/a\nack:client\n\n\0`);
  await both.server.inbox.next("onSubscribe");
  return both;
}

/** A client session that is connected, and a peer that is nothing but a socket. */
export async function clientAndPeer(clock?: Clock): Promise<{ client: FaultClient; peer: Socket }> {
  const listener = createServer();
  const accepted = once(listener, "connection") as Promise<[Socket]>;
  const socket = endingWithTest(connect(await listen(listener), "127.0.0.1"));
  const client = new FaultClient(socket, { clock });
  client.connect();
  const [peer] = await accepted;
  endingWithTest(peer).on("error", () => undefined);
  peer.write("CONNECTED\nversion:1.2\n\n\0");
  await client.inbox.next("onConnected");
  return { client, peer };
}
