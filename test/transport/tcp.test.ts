import { once } from "node:events";
import { connect, createServer, Socket } from "node:net";
import * as tls from "node:tls";
import type { ClientClosing, ServerClosing } from "stomp-engine";
import { TcpClient, TcpServer } from "stomp-engine/tcp";
import { ManualClock } from "stomp-engine/testing";
import { describe, expect, test } from "vitest";
import { VERSIONS } from "../../src/protocol/version.ts";
import { CERTIFICATE, KEY } from "./certificate.ts";
import { fullFlow } from "./full-flow.ts";
import { Inbox } from "./inbox.ts";
import { endingWithTest, listen, unusedPort } from "./loopback.ts";

class Client extends TcpClient {
  readonly inbox = new Inbox();
  protected override onConnected = (connected: unknown) => this.inbox.put("onConnected", connected);
  protected override onMessage = (message: unknown) => this.inbox.put("onMessage", message);
  protected override onReceipt = (receipt: unknown) => this.inbox.put("onReceipt", receipt);
  protected override onError = (error: unknown) => this.inbox.put("onError", error);
  protected override onWritable = () => this.inbox.put("onWritable", undefined);
  protected override onClose = (closing: unknown) => this.inbox.put("onClose", closing);
}

class Peer extends TcpServer {
  readonly inbox = new Inbox();
  protected override onConnect = (): boolean => true;
  protected override onMessage = (message: unknown): void | Promise<void> =>
    this.inbox.put("onMessage", message);
  protected override onSubscribe = () => this.inbox.put("onSubscribe", undefined);
  protected override onUnsubscribe = () => {};
  protected override onAck = (acknowledged: unknown) => this.inbox.put("onAck", acknowledged);
  protected override onNack = () => {};
  protected override onDisconnect = () => {};
  protected override onError = (error: unknown) => this.inbox.put("onError", error);
  protected override onWritable = () => this.inbox.put("onWritable", undefined);
  protected override onClose = (closing: unknown) => this.inbox.put("onClose", closing);
}

/** A client, and the server that it will meet. */
async function both(make: (socket: Socket) => Peer = (socket) => new Peer(socket)) {
  const listener = createServer();
  const accepted = once(listener, "connection") as Promise<[Socket]>;
  const socket = endingWithTest(connect(await listen(listener), "127.0.0.1"));
  const client = new Client(socket);
  const peer = accepted.then(([accepted]) => ({ socket: accepted, server: make(accepted) }));
  return { client, socket, peer };
}

async function connected() {
  const { client, socket, peer } = await both();
  client.connect();
  await client.inbox.next("onConnected");
  const { server, socket: accepted } = await peer;
  return { client, socket, server, accepted };
}

test("a server that cannot be made waits for nobody", () => {
  const clock = new ManualClock();
  const options = { clock, closeTimeoutMs: -1 };
  expect(() => new Peer(endingWithTest(new Socket()), options)).toThrow(
    expect.objectContaining({ code: "invalid-option" }),
  );
  expect(clock.pending).toBe(0);
});

test.each(VERSIONS)("a client and a server talk %s", async (version) => {
  const { client, socket, peer } = await both();
  await fullFlow(client, async () => (await peer).server, version);
  if (!socket.closed) await once(socket, "close");
});

test.each(VERSIONS)("a client and a server talk %s over TLS", async (version) => {
  const listener = tls.createServer({ key: KEY, cert: CERTIFICATE });
  const accepted = once(listener, "secureConnection") as Promise<[tls.TLSSocket]>;
  const port = await listen(listener);
  const socket = endingWithTest(tls.connect({ port, host: "127.0.0.1", ca: CERTIFICATE }));
  const peer = accepted.then(([accepted]) => new Peer(accepted));
  await fullFlow(new Client(socket), () => peer, version);
  if (!socket.closed) await once(socket, "close");
});

describe("the end", () => {
  test("a client that was refused is told so, and both close", async () => {
    class Closed extends Peer {
      protected override onConnect = () => false;
    }
    const { client, socket, peer } = await both((accepted) => new Closed(accepted));
    client.connect();
    const closing = await client.inbox.next<ClientClosing>("onClose");
    expect(closing).toMatchObject({ reason: "error", error: { code: "error-frame" } });
    const { server } = await peer;
    expect(await server.inbox.next<ServerClosing<unknown>>("onClose")).toMatchObject({
      reason: "error",
    });
    if (!socket.closed) await once(socket, "close");
  });

  test("a server that is reset loses the session for the client, and says why", async () => {
    const { client, accepted } = await connected();
    accepted.resetAndDestroy();
    const closing = await client.inbox.next<ClientClosing>("onClose");
    expect(closing).toMatchObject({ reason: "lost", cause: { code: "ECONNRESET" } });
  });

  test("a client that sends its end at once is still answered by a hook that takes its time", async () => {
    let answer = () => {};
    class Slow extends Peer {
      protected override onMessage = () =>
        new Promise<void>((resolve) => {
          answer = resolve;
          this.inbox.put("onMessage", undefined);
        });
    }
    const listener = createServer();
    const servers: Slow[] = [];
    listener.on("connection", (accepted) => servers.push(new Slow(accepted)));
    const port = await listen(listener);
    const socket = endingWithTest(connect({ port, host: "127.0.0.1", allowHalfOpen: true }));
    socket.end("CONNECT\naccept-version:1.2\nhost:/\n\n\0SEND\ndestination:/a\nreceipt:1\n\n\0");
    await once(socket, "connect");
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk;
      // The end has come to the server when it answers; the hook is pending.
      if (received.includes("CONNECTED")) servers[0]?.inbox.next("onMessage").then(() => answer());
    });
    await once(socket, "end");
    expect(received).toContain("RECEIPT\nreceipt-id:1");
  });

  test("a client that has never got a connection is told why", async () => {
    const client = new Client(connect(await unusedPort(createServer()), "127.0.0.1"));
    client.connect();
    const closing = await client.inbox.next<ClientClosing>("onClose");
    expect(closing).toMatchObject({ reason: "lost", cause: { code: "ECONNREFUSED" } });
  });
});

describe("flow", () => {
  test("a server that reads no further stops its client, until it reads on", async () => {
    const { client, server, accepted } = await connected();
    server.pause();
    client.message("/a", "one");
    while (!accepted.isPaused()) await once(accepted, "data");
    const receipt = client.message("/a", "two", { receipt: true });
    expect(server.inbox.count("onMessage")).toBe(0);
    server.resume();
    await receipt.done;
    expect(server.inbox.count("onMessage")).toBe(2);
  });

  test("a client that reads no further fills its server up, until it reads on", async () => {
    const { client, socket, server } = await connected();
    const { receipt } = client.subscribe("/a", { id: "0", receipt: true });
    await receipt?.done;
    client.pause();
    const body = new Uint8Array(100_000);
    let sent = 0;
    for (; server.writable || sent < 100; sent++) {
      server.message("0", { destination: "/a", body });
      await new Promise(setImmediate);
    }
    expect(socket.isPaused()).toBe(true);
    expect(client.inbox.count("onMessage")).toBe(0);
    client.resume();
    await server.inbox.next("onWritable");
    for (let count = 0; count < sent; count++) await client.inbox.next("onMessage");
    expect(server.writable).toBe(true);
  });
});
