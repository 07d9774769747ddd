/** Peers that are slow on purpose: they neither read nor write. */

import { once } from "node:events";
import type { StompError } from "stomp-engine";
import { ManualClock } from "stomp-engine/testing";
import { describe, expect, test } from "vitest";
import { FaultServer, serverAndPeer, subscribed } from "./sessions.ts";

const MEBIBYTE = 1_048_576;

describe("a client that stops reading", () => {
  const STALL_MS = 2_000;
  const BODY = new Uint8Array(65_536);

  /** Sends for as long as the transport takes it. @returns The bytes that were given to it. */
  function fill(server: FaultServer): number {
    let bytes = 0;
    while (server.writable) {
      server.message("s", { destination: "/a", body: BODY }, { token: bytes });
      bytes += BODY.length;
      if (bytes > 512 * MEBIBYTE) throw new Error("The transport takes everything");
    }
    return bytes;
  }

  test("is given no more than the socket holds, and is ended after its time", async () => {
    const clock = new ManualClock();
    const { server, peer } = await subscribed(
      (socket) => new FaultServer(socket, { clock, stallTimeoutMs: STALL_MS }),
    );
    peer.pause();
    const given = fill(server);
    // What was given in one turn may still find its way to the system; then it is stuck.
    clock.advance(STALL_MS - 100);
    expect(server.state).toBe("connected");
    expect(server.socket.writableLength).toBeLessThanOrEqual(given + MEBIBYTE);
    expect(given).toBeLessThan(16 * MEBIBYTE);
    clock.advance(200);
    expect(await server.inbox.next<StompError>("onError")).toMatchObject({ code: "stalled" });
    const closing = await server.inbox.next<{ unacknowledged: unknown[] }>("onClose");
    expect(closing.unacknowledged).toHaveLength(given / BODY.length);
    await server.inbox.next("close");
    expect([server.socket.writableLength, clock.pending]).toEqual([0, 0]);
  });

  test("and reads on in time goes on", async () => {
    const clock = new ManualClock();
    const { server, peer } = await subscribed(
      (socket) => new FaultServer(socket, { clock, stallTimeoutMs: STALL_MS }),
    );
    peer.pause();
    fill(server);
    clock.advance(STALL_MS - 100);
    peer.resume();
    await server.inbox.next("onWritable");
    clock.advance(10 * STALL_MS);
    expect([server.state, server.writable]).toEqual(["connected", true]);
  });
});

test("a client that sends an octet a second does not get to the end of its CONNECT", async () => {
  const clock = new ManualClock();
  const { server, peer } = await serverAndPeer((socket) => new FaultServer(socket, { clock }));
  let answer = "";
  peer.on("data", (chunk) => {
    answer += chunk;
  });
  const connect = "CONNECT\naccept-version:1.2\nhost:/\n\n\0";
  let seconds = 0;
  while (server.state !== "closed") {
    peer.write(connect.charAt(seconds));
    await server.inbox.next("receiveData");
    clock.advance(1_000);
    seconds++;
  }
  expect(seconds).toBe(10);
  expect(await server.inbox.next("onError")).toMatchObject({ code: "connect-timeout" });
  await once(peer, "end");
  expect(answer).toMatch(/^ERROR\nmessage:/);
  peer.end();
  await server.inbox.next("close");
  expect(clock.pending).toBe(0);
});
