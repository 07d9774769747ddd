import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { WebSocket, type WebSocketServer } from "ws";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import { WebSocketCloseError } from "../../src/transport/websocket-like.ts";
import {
  type WebSocketOptions,
  WebSocketTransport,
} from "../../src/transport/websocket-transport.ts";
import { portOf, webSocketServer } from "./loopback.ts";
import { bytes, Recorder } from "./recorder.ts";

async function listen(): Promise<{ server: WebSocketServer; url: string }> {
  const server = webSocketServer();
  await once(server, "listening");
  return { server, url: `ws://127.0.0.1:${portOf(server)}` };
}

/** A transport with a recorder on one of two connected sockets of `ws`, as the client or the server. */
async function transport(role: "client" | "server", options: WebSocketOptions = {}) {
  const { server, url } = await listen();
  const clock = new ManualClock();
  const session = new Recorder();
  const accepted = once(server, "connection") as Promise<[WebSocket]>;
  const client = new WebSocket(url);
  const [[other]] = await Promise.all([accepted, once(client, "open")]);
  const [socket, peer] = role === "client" ? [client, other] : [other, client];
  const heard: unknown[] = [];
  peer.on("message", (data, isBinary) => heard.push(isBinary ? data : String(data)));
  peer.on("error", () => {});
  const ours = new WebSocketTransport(socket, session, { clock, ...options });
  return { socket, peer, heard, clock, session, transport: ours };
}

/** The TCP socket below one of `ws`. */
function below(socket: WebSocket): Socket {
  return (socket as unknown as { _socket: Socket })._socket;
}

const ABNORMAL = new WebSocketCloseError(1006, "");

describe.each(["client", "server"] as const)("with ws as the %s", (role) => {
  test("each frame is one binary message", async () => {
    const { peer, heard, transport: ws } = await transport(role);
    expect(ws.sendData(bytes("one"))).toBe(true);
    expect(ws.sendData(bytes("two"))).toBe(true);
    ws.sendEnd("flush");
    await once(peer, "close");
    expect(heard).toEqual([Buffer.from("one"), Buffer.from("two")]);
  });

  test("received bytes are Uint8Arrays, received texts are strings", async () => {
    const { peer, session } = await transport(role);
    peer.send(Buffer.from([1, 2, 3]));
    peer.send("text");
    await session.until(() => session.chunks.length === 2);
    expect(session.chunks).toEqual([new Uint8Array([1, 2, 3]), "text"]);
  });

  test("a session that wants no more pauses the socket", async () => {
    const { socket, peer, session, transport: ws } = await transport(role);
    session.wantsMore = false;
    peer.send("first");
    await session.until(() => session.chunks.length === 1);
    expect(socket.isPaused).toBe(true);
    peer.send("second");
    session.wantsMore = true;
    ws.resumeReading();
    await session.until(() => session.chunks.length === 2);
  });

  test("a paused socket that the application closes itself reads on when the session does", async () => {
    const { socket, peer, session, transport: ws } = await transport(role);
    session.wantsMore = false;
    peer.send("first");
    await session.until(() => session.chunks.length === 1);
    peer.send("second");
    socket.close(1001);
    session.wantsMore = true;
    ws.resumeReading();
    expect(socket.isPaused).toBe(false);
    await session.ended();
    expect(session.chunks).toEqual(["first", "second"]);
  });

  test("the peer's close is a peaceful end", async () => {
    const { peer, session } = await transport(role);
    peer.close(1000);
    await session.ended();
    expect(session.ends).toEqual([undefined]);
  });

  test("the peer's close for a reason is known by its code", async () => {
    const { peer, session } = await transport(role);
    peer.close(1008, "too loud");
    await session.ended();
    expect(session.ends).toEqual([new WebSocketCloseError(1008, "too loud")]);
    expect(session.ends[0]).toMatchObject({ code: 1008, reason: "too loud" });
  });

  test("a peer that vanishes is lost", async () => {
    const { peer, session } = await transport(role);
    peer.terminate();
    await session.ended();
    expect(session.ends).toEqual([ABNORMAL]);
  });

  test("a peer that breaks the protocol of WebSockets is an error, once", async () => {
    const { socket, peer, session } = await transport(role);
    below(peer).write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    await session.ended();
    await once(socket, "close");
    expect(session.ends).toHaveLength(1);
    expect(session.ends[0]).toMatchObject({ code: /^WS_ERR_/ });
  });

  test("flush closes with 1000, and both sides end in peace", async () => {
    const { peer, session, clock, transport: ws } = await transport(role);
    const closed = once(peer, "close");
    ws.sendEnd("flush");
    ws.sendEnd("flush");
    expect((await closed)[0]).toBe(1000);
    await session.ended();
    expect(session.ends).toEqual([undefined]);
    expect(clock.pending).toBe(0);
  });

  test("flush closes a socket that was paused, too", async () => {
    const { peer, session, transport: ws } = await transport(role);
    session.wantsMore = false;
    peer.send("more than wanted");
    await session.until(() => session.chunks.length === 1);
    peer.send("discarded");
    session.wantsMore = true;
    ws.sendEnd("flush");
    await session.ended();
    expect(session.ends).toEqual([undefined]);
  });

  test("flush does not wait for ever for a peer that does not answer", async () => {
    const { socket, peer, session, clock, transport: ws } = await transport(role);
    peer.pause();
    ws.sendEnd("flush");
    clock.advance(9_999);
    expect(session.ends).toEqual([]);
    clock.advance(1);
    await once(socket, "close");
    expect(session.ends).toEqual([undefined]);
  });

  test("now ends at once, and without waiting for the peer", async () => {
    const { peer, session, clock, transport: ws } = await transport(role);
    peer.pause();
    ws.sendEnd("now");
    await session.ended();
    expect(session.ends).toEqual([undefined]);
    expect(clock.pending).toBe(0);
  });

  test.each(["flush", "now"] as const)(
    "what is given after %s is dropped without a word",
    async (how) => {
      const { peer, heard, session, transport: ws } = await transport(role);
      ws.sendEnd(how);
      expect(ws.sendData(bytes("late"))).toBe(true);
      await Promise.all([session.ended(), once(peer, "close")]);
      expect(ws.sendData(bytes("later"))).toBe(true);
      expect(heard).toEqual([]);
    },
  );

  test("a peer that does not read saturates the socket until it does", async () => {
    const {
      socket,
      peer,
      session,
      clock,
      transport: ws,
    } = await transport(role, {
      highWaterMarkBytes: 100_000,
    });
    peer.pause();
    const megabyte = new Uint8Array(1_048_576);
    while (ws.sendData(megabyte)) await new Promise(setImmediate);
    expect(socket.bufferedAmount).toBeGreaterThan(100_000);
    clock.advance(1_000);
    expect(session.drains).toBe(0);
    peer.resume();
    while (socket.bufferedAmount > 0) await once(peer, "message");
    clock.advance(20);
    expect(session.drains).toBe(1);
    expect(ws.sendData(bytes("more"))).toBe(true);
  });
});

describe("with ws", () => {
  test("what is given before the socket is open is sent then", async () => {
    const { server, url } = await listen();
    const accepted = once(server, "connection") as Promise<[WebSocket]>;
    const socket = new WebSocket(url);
    const ws = new WebSocketTransport(socket, new Recorder());
    expect(ws.sendData(bytes("one"))).toBe(true);
    ws.sendData(bytes("two"));
    ws.sendEnd("flush");
    const [peer] = await accepted;
    const heard: string[] = [];
    peer.on("message", (data) => heard.push(String(data)));
    const [code] = await once(peer, "close");
    expect(heard).toEqual(["one", "two"]);
    expect(code).toBe(1000);
  });

  test("a refused handshake is an error, once", async () => {
    const { server, url } = await listen();
    server.options.verifyClient = (_: unknown, answer: (ok: boolean, code: number) => void) =>
      answer(false, 401);
    const socket = new WebSocket(url);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    const session = new Recorder();
    new WebSocketTransport(socket, session).sendData(bytes("lost"));
    await closed;
    expect(session.ends).toHaveLength(1);
    expect(session.ends[0]).toBeInstanceOf(Error);
    expect(String(session.ends[0])).toContain("401");
  });

  test("now ends a handshake that nobody answers", async () => {
    const { server, url } = await listen();
    server.options.verifyClient = () => {};
    const socket = new WebSocket(url);
    const session = new Recorder();
    const ws = new WebSocketTransport(socket, session);
    ws.sendData(bytes("dropped"));
    ws.sendEnd("now");
    await session.ended();
    expect(session.ends).toHaveLength(1);
  });

  test("a socket that is closed already ends the session in the next turn", async () => {
    const { server, url } = await listen();
    const socket = new WebSocket(url);
    await once(socket, "open");
    for (const client of server.clients) client.close();
    await once(socket, "close");
    const session = new Recorder();
    const ws = new WebSocketTransport(socket, session);
    expect(session.ends).toEqual([]);
    expect(ws.sendData(bytes("late"))).toBe(true);
    await session.ended();
    expect(session.ends).toEqual([ABNORMAL]);
  });
});

describe("as text messages", () => {
  const invalid = new Uint8Array([0x61, 0xff, 0x62]);

  test("frames that are UTF-8 travel as text, others as binary", async () => {
    const { peer, heard, transport: ws } = await transport("client", { messages: "text" });
    ws.sendData(bytes("\ufeffMESSAGE\n\nñ€😀\0"));
    ws.sendData(invalid);
    ws.sendData(bytes("\n"));
    ws.sendEnd("flush");
    await once(peer, "close");
    expect(heard).toEqual(["\ufeffMESSAGE\n\nñ€😀\0", Buffer.from(invalid), "\n"]);
  });
});
