import { once } from "node:events";
import type {
  ClientClosing,
  Connected,
  ConnectRequest,
  SentMessage,
  StompError,
  Version,
} from "stomp-engine";
import { ManualClock } from "stomp-engine/testing";
import {
  chooseSubprotocol,
  subprotocols,
  WebSocketClient,
  type WebSocketLike,
  WebSocketServer,
} from "stomp-engine/websocket";
import { describe, expect, test } from "vitest";
import * as ws from "ws";
import { VERSIONS } from "../../src/protocol/version.ts";
import { fullFlow } from "./full-flow.ts";
import { Inbox } from "./inbox.ts";
import { portOf, webSocketServer } from "./loopback.ts";
import { bytes } from "./recorder.ts";
import { ScriptedWebSocket } from "./scripted-websocket.ts";

class Client extends WebSocketClient {
  readonly inbox = new Inbox();
  protected override onConnected = (connected: unknown) => this.inbox.put("onConnected", connected);
  protected override onMessage = (message: unknown) => this.inbox.put("onMessage", message);
  protected override onReceipt = (receipt: unknown) => this.inbox.put("onReceipt", receipt);
  protected override onError = (error: unknown) => this.inbox.put("onError", error);
  protected override onClose = (closing: unknown) => this.inbox.put("onClose", closing);
}

class Peer extends WebSocketServer {
  readonly inbox = new Inbox();
  protected override onConnect = (request: unknown) => {
    this.inbox.put("onConnect", request);
    return true;
  };
  protected override onMessage = (message: unknown) => this.inbox.put("onMessage", message);
  protected override onSubscribe = () => {};
  protected override onUnsubscribe = () => {};
  protected override onAck = (acknowledged: unknown) => this.inbox.put("onAck", acknowledged);
  protected override onNack = () => {};
  protected override onDisconnect = () => {};
  protected override onError = (error: unknown) => this.inbox.put("onError", error);
  protected override onWritable = () => this.inbox.put("onWritable", undefined);
  protected override onClose = (closing: unknown) => this.inbox.put("onClose", closing);
}

type Options = ConstructorParameters<typeof Peer>[1];

/** A listener, its address, and the session of the client that will come. */
async function listen(options: Options = {}, versions?: readonly Version[]) {
  const listener = webSocketServer({
    handleProtocols: (offered) => chooseSubprotocol(offered, versions) ?? false,
  });
  const peer = new Promise<Peer>((resolve) => {
    listener.on("connection", (socket) => resolve(new Peer(socket, options)));
  });
  await once(listener, "listening");
  return { listener, peer, url: `ws://127.0.0.1:${portOf(listener)}` };
}

/** The clients there are: `ws`, and from Node 22 on the platform's own. */
const CLIENTS: [string, new (url: string, protocols: string[]) => WebSocketLike][] = [
  ["ws", ws.WebSocket],
];
if ("WebSocket" in globalThis) CLIENTS.push(["the platform", globalThis.WebSocket]);

describe.each(CLIENTS)("with the WebSocket of %s", (_, WebSocket) => {
  test.each(
    VERSIONS.flatMap((version) => [[version, "binary"] as const, [version, "text"] as const]),
  )("a client and a server talk %s in %s messages", async (version, messages) => {
    const { peer, url } = await listen({ messages });
    const socket = new WebSocket(url, subprotocols([version]));
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    await fullFlow(new Client(socket, { messages }), () => peer, version);
    expect(socket.protocol).toBe(subprotocols([version])[0]);
    await closed;
  });
});

test("a server that cannot be made waits for nobody", () => {
  const clock = new ManualClock();
  expect(() => new Peer(new ScriptedWebSocket(), { clock, highWaterMarkBytes: -1 })).toThrow(
    expect.objectContaining({ code: "invalid-option" }),
  );
  expect(clock.pending).toBe(0);
});

describe("the subprotocol", () => {
  test("decides the version, whatever CONNECT offers", async () => {
    const { peer, url } = await listen({}, ["1.0", "1.1"]);
    const client = new Client(new ws.WebSocket(url, subprotocols()));
    client.connect();
    const { version } = await client.inbox.next<Connected>("onConnected");
    expect(version).toBe("1.1");
    expect((await peer).version).toBe("1.1");
  });

  test("is all that a client offers that connects after it was negotiated", async () => {
    const { peer, url } = await listen({}, ["1.0", "1.1"]);
    const socket = new ws.WebSocket(url, subprotocols());
    const client = new Client(socket);
    await once(socket, "open");
    client.connect();
    const { headers } = await (await peer).inbox.next<ConnectRequest>("onConnect");
    expect(headers.get("accept-version")).toBe("1.1");
  });

  test("is all that a client offers that connects before it is negotiated", async () => {
    const socket = new ScriptedWebSocket();
    const headers = [["x", "1"]] as const;
    const client = new Client(socket);
    client.connect({ login: "me", headers: headers.values() });
    expect([client.state, socket.sent]).toEqual(["connecting", []]);
    expect(() => client.connect()).toThrow(expect.objectContaining({ code: "already-connected" }));
    socket.protocol = "v11.stomp";
    socket.open();
    expect(String(Buffer.from(socket.sent[0] as Uint8Array))).toBe(
      "CONNECT\naccept-version:1.1\nhost:/\nlogin:me\nheart-beat:10000,10000\nx:1\n\n\0",
    );
    socket.play("message", { data: "CONNECTED\nversion:1.2\n\n\0" });
    expect(await client.inbox.next("onError")).toMatchObject({ code: "version-mismatch" });
  });

  test("may be missing for a client that connects before it would be negotiated", () => {
    const socket = new ScriptedWebSocket();
    const client = new Client(socket, { versions: ["1.0", "1.1"] });
    client.connect();
    socket.open();
    expect(String(Buffer.from(socket.sent[0] as Uint8Array))).toContain("accept-version:1.0,1.1\n");
  });

  test("that was not offered ends a client that connected before: version-mismatch", async () => {
    const socket = new ScriptedWebSocket();
    const client = new Client(socket);
    client.connect({ versions: ["1.2"] });
    socket.protocol = "v10.stomp";
    socket.open();
    expect(await client.inbox.next("onError")).toMatchObject({ code: "version-mismatch" });
    expect([client.state, socket.sent, socket.closes]).toEqual(["closed", [], [1000]]);
  });

  test("is nothing to a client that has disconnected before, or made a mistake", () => {
    const socket = new ScriptedWebSocket();
    const client = new Client(socket);
    const wrong = { headers: { a: "\n" } };
    expect(() => client.connect(wrong)).toThrow(expect.objectContaining({ code: "unencodable" }));
    expect(client.state).toBe("idle");
    client.connect();
    client.disconnect();
    socket.open();
    expect([client.state, socket.sent]).toEqual(["closed", []]);
  });

  test("must be one of the versions that the client was given", async () => {
    const { url } = await listen({}, ["1.1"]);
    const socket = new ws.WebSocket(url, subprotocols());
    const client = new Client(socket, { versions: ["1.2"] });
    await once(socket, "open");
    expect(() => client.connect()).toThrow(expect.objectContaining({ code: "invalid-option" }));
  });

  test("of a version that the server does not speak is told to the client: version-mismatch", async () => {
    const { url } = await listen({ versions: ["1.2"] });
    const client = new Client(new ws.WebSocket(url, subprotocols(["1.1"])));
    client.connect();
    const { frame } = await client.inbox.next<StompError>("onError");
    expect([frame?.command, frame?.headers.get("version")]).toEqual(["ERROR", "1.2"]);
  });

  test("does not make a server of none", () => {
    expect(() => new Peer(new ScriptedWebSocket(), { versions: [] })).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });

  test("may be missing: then CONNECT decides alone", async () => {
    const { peer, url } = await listen({ versions: ["1.0", "1.1"] });
    const socket = new ws.WebSocket(url);
    const client = new Client(socket, { versions: ["1.1", "1.2"] });
    await once(socket, "open");
    client.connect();
    const { headers, version } = await (await peer).inbox.next<ConnectRequest>("onConnect");
    expect([headers.get("accept-version"), version]).toEqual(["1.1,1.2", "1.1"]);
  });
});

describe("the end", () => {
  test("without the answer to DISCONNECT is an ordinary one", async () => {
    const listener = webSocketServer();
    listener.on("connection", (socket) => {
      socket.on("message", (data) => {
        if (String(data).startsWith("CONNECT\n")) socket.send("CONNECTED\nversion:1.2\n\n\0");
        else socket.close(1000);
      });
    });
    await once(listener, "listening");
    const client = new Client(new ws.WebSocket(`ws://127.0.0.1:${portOf(listener)}`));
    client.connect();
    await client.inbox.next("onConnected");
    client.disconnect();
    const closing = await client.inbox.next<ClientClosing>("onClose");
    expect(closing).toMatchObject({ reason: "disconnect", error: undefined });
  });

  test("by a peer that vanishes is a loss, known by its code", async () => {
    const { listener, url } = await listen();
    const client = new Client(new ws.WebSocket(url));
    client.connect();
    await client.inbox.next("onConnected");
    for (const socket of listener.clients) socket.terminate();
    const closing = await client.inbox.next<ClientClosing>("onClose");
    expect(closing).toMatchObject({ reason: "lost", cause: { code: 1006 } });
  });

  test("of a handshake that nobody answers comes with the connect timeout", async () => {
    const { listener, url } = await listen();
    listener.options.verifyClient = () => {};
    const clock = new ManualClock();
    const socket = new ws.WebSocket(url);
    const client = new Client(socket, { clock, connectTimeoutMs: 3_000 });
    client.connect();
    clock.advance(3_100);
    const closing = await client.inbox.next<ClientClosing>("onClose");
    expect(closing).toMatchObject({ reason: "lost", error: { code: "connect-timeout" } });
    if (socket.readyState !== socket.CLOSED)
      await new Promise((resolve) => socket.on("close", resolve));
  });
});

describe("flow", () => {
  test("a client that reads no further fills its server up, until it reads on", async () => {
    const { peer, url } = await listen({ highWaterMarkBytes: 200_000 });
    const socket = new ws.WebSocket(url);
    const client = new Client(socket);
    client.connect();
    const server = await peer;
    await client.inbox.next("onConnected");
    await client.subscribe("/a", { id: "0", receipt: true }).receipt?.done;
    client.pause();
    const body = new Uint8Array(100_000);
    let sent = 0;
    for (; server.writable || sent < 100; sent++) {
      server.message("0", { destination: "/a", body });
      await new Promise(setImmediate);
    }
    expect(socket.isPaused).toBe(true);
    expect(client.inbox.count("onMessage")).toBe(0);
    client.resume();
    await server.inbox.next("onWritable");
    for (let count = 0; count < sent; count++) await client.inbox.next("onMessage");
  });

  test("a server that reads no further stops its client, until it reads on", async () => {
    const { peer, url } = await listen();
    const client = new Client(new ws.WebSocket(url));
    client.connect();
    const server = await peer;
    await client.inbox.next("onConnected");
    server.pause();
    client.message("/a", "one");
    client.message("/a", "two");
    const receipt = client.message("/a", "three", { receipt: true });
    // The first of them has stopped the socket by the time that a new connection is accepted.
    await once(new ws.WebSocket(url), "open");
    expect(server.inbox.count("onMessage")).toBe(0);
    server.resume();
    await receipt.done;
    expect(server.inbox.count("onMessage")).toBe(3);
  });

  test("a browser's WebSocket, which cannot stop, is ended when too much waits", async () => {
    const socket = new ScriptedWebSocket().open();
    const client = new Client(socket, { limits: { maxPendingBytes: 1_000 } });
    client.connect();
    socket.play("message", { data: "CONNECTED\nversion:1.2\n\n\0" });
    client.pause();
    const message = `MESSAGE\nsubscription:0\nmessage-id:1\ndestination:/a\n\n${"x".repeat(400)}\0`;
    for (let count = 0; count < 3; count++) {
      socket.play("message", { data: bytes(message).buffer });
    }
    const closing = await client.inbox.next<ClientClosing>("onClose");
    expect(closing).toMatchObject({ error: { code: "pending-overflow" } });
    expect(socket.closes).toHaveLength(1);
  });
});

test("a message may hold several frames, or a part of one", async () => {
  const { peer, url } = await listen();
  const socket = new ws.WebSocket(url);
  await once(socket, "open");
  socket.send(
    "CONNECT\naccept-version:1.2\nhost:/\n\n\0\n\nSEND\ndestination:/a\n\none\0SEND\ndest",
  );
  socket.send(bytes("ination:/a\n\ntw"));
  socket.send("o\0");
  const server = await peer;
  for (const text of ["one", "two"]) {
    expect((await server.inbox.next<SentMessage>("onMessage")).text()).toBe(text);
  }
  expect(server.inbox.count("onError")).toBe(0);
});
