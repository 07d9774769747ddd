import { once } from "node:events";
import { connect, createServer, type NetConnectOpts, type Socket } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import { TcpTransport } from "../../src/transport/tcp-transport.ts";
import { endingWithTest, listen, unusedPort } from "./loopback.ts";
import { bytes, Recorder } from "./recorder.ts";

/** Two connected sockets: one for a transport, the other for the test. */
async function sockets(options: Partial<NetConnectOpts> & { peerHalfOpen?: boolean } = {}) {
  const server = createServer({ allowHalfOpen: options.peerHalfOpen ?? false });
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const port = await listen(server);
  const socket = endingWithTest(connect({ port, host: "127.0.0.1", ...options }));
  const [[peer]] = await Promise.all([accepted, once(socket, "connect")]);
  endingWithTest(peer).on("error", () => {});
  return { socket, peer };
}

/** A transport with a recorder, on one of two connected sockets. */
async function transport(options: Parameters<typeof sockets>[0] = {}) {
  const { socket, peer } = await sockets(options);
  const clock = new ManualClock();
  const session = new Recorder();
  return { socket, peer, clock, session, transport: new TcpTransport(socket, session, { clock }) };
}

/** All that a socket receives until its end. */
async function everything(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket) text += chunk;
  return text;
}

function code(reason: unknown): unknown {
  return (reason as NodeJS.ErrnoException).code;
}

const MEGABYTE = new Uint8Array(1_048_576);

describe("sending", () => {
  test("bytes arrive in order, and received ones reach the session", async () => {
    const { peer, session, transport: tcp } = await transport();
    peer.on("data", (chunk) => peer.write(chunk));
    expect(tcp.sendData(bytes("one "))).toBe(true);
    expect(tcp.sendData(bytes("two"))).toBe(true);
    await session.received("one two");
  });

  test("what is given in one turn leaves in one write, what is given in the next in another", async () => {
    const { socket, peer, transport: tcp } = await transport();
    const alone = vi.spyOn(socket, "_write");
    for (const text of ["a", "b", "c"]) tcp.sendData(bytes(text));
    await Promise.resolve();
    tcp.sendData(bytes("d"));
    expect(alone).not.toHaveBeenCalled();
    const [together] = await once(peer, "data");
    expect(String(together)).toBe("abcd");
    expect(alone).toHaveBeenCalledOnce();
    tcp.sendData(bytes("e"));
    await once(peer, "data");
    expect(alone).toHaveBeenCalledTimes(2);
  });

  test("the parts of a frame leave in one write, uncopied", async () => {
    const { socket, peer, transport: tcp } = await transport();
    const together = vi.spyOn(socket, "_writev" as "write");
    const body = new Uint8Array(8_192);
    tcp.sendParts([bytes("head"), body, bytes("\0")]);
    await once(peer, "data");
    expect(together).toHaveBeenCalledOnce();
    const [chunks] = together.mock.calls[0] as unknown as [Buffer[]];
    expect(chunks).toHaveLength(3);
    expect(chunks[1]?.buffer).toBe(body.buffer);
  });

  test("Nagle's algorithm is off", async () => {
    const { socket } = await sockets();
    const noDelay = vi.spyOn(socket, "setNoDelay");
    new TcpTransport(socket, new Recorder());
    expect(noDelay).toHaveBeenCalledWith(true);
  });

  test("a full socket is saturated until it has drained", async () => {
    const { peer, session, transport: tcp } = await transport();
    expect(tcp.sendData(MEGABYTE)).toBe(false);
    expect(session.drains).toBe(0);
    peer.resume();
    await session.until(() => session.drains === 1);
    expect(tcp.sendData(bytes("more"))).toBe(true);
  });

  test("what is given to a connecting socket is sent once it is connected", async () => {
    const server = createServer();
    const accepted = once(server, "connection") as Promise<[Socket]>;
    const socket = endingWithTest(connect(await listen(server), "127.0.0.1"));
    const tcp = new TcpTransport(socket, new Recorder());
    expect(tcp.sendData(bytes("early"))).toBe(true);
    tcp.sendEnd("flush");
    const [peer] = await accepted;
    expect(await everything(peer)).toBe("early");
  });
});

describe("receiving", () => {
  test("stops when the session wants no more, until it does", async () => {
    const { socket, peer, session, transport: tcp } = await transport();
    session.wantsMore = false;
    peer.write("first");
    await session.received("first");
    expect(socket.isPaused()).toBe(true);
    peer.write(" second");
    // Long enough for it to have come: a round trip on a connection of its own.
    await sockets();
    expect(session.text).toBe("first");
    session.wantsMore = true;
    tcp.resumeReading();
    await session.received("first second");
  });
});

describe("the peer's end", () => {
  test("ends the session in peace", async () => {
    const { socket, peer, session, transport: tcp } = await transport();
    peer.end("last words");
    await session.ended();
    expect(session.text).toBe("last words");
    tcp.sendEnd("flush");
    await once(socket, "close");
    expect(session.reason).toBeUndefined();
  });

  test.each([true, false])(
    "leaves time for what is still to be sent (allowHalfOpen: %s)",
    async (allowHalfOpen) => {
      const {
        socket,
        peer,
        session,
        transport: tcp,
      } = await transport({
        allowHalfOpen,
        peerHalfOpen: true,
      });
      tcp.sendData(MEGABYTE);
      peer.end();
      await session.ended();
      expect(session.reason).toBeUndefined();
      tcp.sendData(bytes("the answer"));
      tcp.sendEnd("flush");
      const text = await everything(peer);
      expect(text.length).toBe(MEGABYTE.length + 10);
      expect(text.endsWith("the answer")).toBe(true);
      if (!socket.closed) await once(socket, "close");
    },
  );

  test("of a socket that we ended ourselves closes it", async () => {
    const { socket, peer, session, clock, transport: tcp } = await transport();
    tcp.sendEnd("flush");
    peer.resume();
    await once(socket, "close");
    expect(session.reason).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  test("by a reset is an error", async () => {
    const { socket, peer, session } = await transport();
    peer.resetAndDestroy();
    await session.ended();
    if (!socket.closed) await once(socket, "close");
    expect(code(session.reason)).toBe("ECONNRESET");
  });

  test("is an error if there never was a peer", async () => {
    const session = new Recorder();
    const unused = await unusedPort(createServer());
    const tcp = new TcpTransport(connect(unused, "127.0.0.1"), session);
    tcp.sendData(bytes("lost"));
    await session.ended();
    expect(code(session.reason)).toBe("ECONNREFUSED");
  });
});

describe("our end", () => {
  test("flush sends what was given, then ends", async () => {
    const { socket, peer, clock, transport: tcp } = await transport();
    tcp.sendData(MEGABYTE);
    tcp.sendEnd("flush");
    tcp.sendEnd("flush");
    expect((await everything(peer)).length).toBe(MEGABYTE.length);
    if (!socket.closed) await once(socket, "close");
    expect(clock.pending).toBe(0);
  });

  test("flush closes a socket that was paused, too", async () => {
    const { socket, peer, session, transport: tcp } = await transport();
    session.wantsMore = false;
    peer.write("enough");
    await session.received("enough");
    peer.end("more than wanted");
    session.wantsMore = true;
    tcp.sendEnd("flush");
    peer.resume();
    await once(socket, "close");
    expect(session.reason).toBeUndefined();
  });

  test("flush does not wait for ever for a peer that never ends", async () => {
    const {
      socket,
      peer,
      session,
      clock,
      transport: tcp,
    } = await transport({ peerHalfOpen: true });
    tcp.sendEnd("flush");
    peer.resume();
    await once(peer, "end");
    clock.advance(9_999);
    expect(socket.destroyed).toBe(false);
    clock.advance(1);
    expect(socket.destroyed).toBe(true);
    await once(socket, "close");
    expect(session.reason).toBeUndefined();
  });

  test("flush waits for a peer that reads slowly, also within one large write", async () => {
    const { peer, clock, transport: tcp } = await transport();
    const size = 32 * MEGABYTE.length;
    tcp.sendData(new Uint8Array(size));
    tcp.sendEnd("flush");
    let received = 0;
    let step = 0;
    for await (const chunk of peer) {
      received += (chunk as Buffer).length;
      if (received < step * 2 * MEGABYTE.length) continue;
      step++;
      clock.advance(2_000);
    }
    expect(clock.now()).toBeGreaterThan(30_000);
    expect(received).toBe(size);
  });

  test("now drops what was given", async () => {
    const { socket, peer, session, transport: tcp } = await transport();
    tcp.sendData(MEGABYTE);
    tcp.sendData(bytes("dropped"));
    tcp.sendEnd("now");
    expect(socket.destroyed).toBe(true);
    const received = await everything(peer).catch(() => "reset");
    expect(received).not.toContain("dropped");
    expect(session.reason).toBeUndefined();
  });

  test("now cuts short a flush", async () => {
    const { socket, clock, transport: tcp } = await transport({ peerHalfOpen: true });
    tcp.sendEnd("flush");
    tcp.sendEnd("now");
    expect(socket.destroyed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test.each(["flush", "now"] as const)(
    "what is given after %s is dropped without a word",
    async (how) => {
      const { socket, peer, session, transport: tcp } = await transport();
      tcp.sendEnd(how);
      expect(tcp.sendData(bytes("late"))).toBe(true);
      expect(tcp.sendParts([bytes("late"), bytes("r")])).toBe(true);
      expect(await everything(peer)).toBe("");
      if (!socket.closed) await once(socket, "close");
      expect(session.reason).toBeUndefined();
    },
  );
});

describe("a socket that others end", () => {
  test("destroyed before it came to us ends the session in the next turn", async () => {
    const { socket } = await sockets();
    socket.destroy();
    await once(socket, "close");
    const session = new Recorder();
    const tcp = new TcpTransport(socket, session);
    expect(session.ends).toEqual([]);
    expect(tcp.sendData(bytes("late"))).toBe(true);
    await session.ended();
    expect(session.reason).toEqual(new Error("The socket was destroyed"));
  });

  test("destroyed in our hands is lost", async () => {
    const { socket, session, transport: tcp } = await transport();
    socket.destroy();
    expect(tcp.sendData(bytes("late"))).toBe(true);
    await session.ended();
    expect(session.reason).toEqual(new Error("The socket was destroyed"));
  });

  test("destroyed with an error is lost for that reason, and nothing is unhandled", async () => {
    const { socket, session } = await transport();
    const reason = new Error("disk on fire");
    socket.destroy(reason);
    await session.ended();
    if (!socket.closed) await once(socket, "close");
    expect(session.reason).toBe(reason);
  });

  test("ended by the application takes nothing more, and breaks nothing", async () => {
    const { socket, peer, session, transport: tcp } = await transport();
    socket.end("by hand");
    expect(tcp.sendData(bytes("after the end"))).toBe(true);
    expect(await everything(peer)).toBe("by hand");
    await session.ended();
    expect(session.reason).toBeUndefined();
  });

  test("a write that fails ends the session and destroys the socket", async () => {
    const { socket, session, transport: tcp } = await transport();
    const broken = new Error("EPIPE");
    socket._write = socket._writev = (...args: unknown[]) =>
      (args.at(-1) as (error: Error) => void)(broken);
    tcp.sendData(bytes("lost"));
    await session.ended();
    expect(session.reason).toBe(broken);
    expect(socket.destroyed).toBe(true);
  });
});
