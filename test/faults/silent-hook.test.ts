/** A hook that never answers: what ends it, and that nothing of it stays. */

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { MaybePromise, SentMessage, ServerOptions } from "stomp-engine";
import { ManualClock } from "stomp-engine/testing";
import { describe, expect, test } from "vitest";
import { listen } from "../transport/loopback.ts";
import { collected } from "./collecting.ts";
import { CONNECT, FaultServer, subscribed } from "./sessions.ts";

/** Takes messages and never says what became of them. */
class Silent extends FaultServer {
  protected override onMessage(message: SentMessage): MaybePromise<void> {
    super.onMessage(message);
    return new Promise(() => {});
  }
}

async function waiting(options: ServerOptions = {}) {
  const clock = new ManualClock();
  const make = (socket: Socket) => new Silent(socket, { clock, ...options });
  const { server, peer } = await subscribed(make);
  peer.write("SEND\ndestination:/a\nreceipt:1\n\n\0");
  await server.inbox.next("onMessage");
  return { clock, server, peer };
}

describe("a server whose hook never answers is ended", () => {
  test("by a link that breaks, at once", async () => {
    const { clock, server, peer } = await waiting();
    peer.resetAndDestroy();
    expect(await server.inbox.next("onClose")).toMatchObject({ reason: "lost" });
    await server.inbox.next("close");
    expect(clock.pending).toBe(0);
  });

  test("by a client that has said all and closed its side, after the time of a DISCONNECT", async () => {
    const { clock, server, peer } = await waiting({ disconnectTimeoutMs: 3_000 });
    peer.end();
    await server.inbox.next("ended");
    clock.advance(2_900);
    expect(server.state).toBe("connected");
    clock.advance(200);
    expect(await server.inbox.next("onClose")).toMatchObject({ reason: "ended" });
  });

  test("by a client that is silent for longer than its heart-beats allow", async () => {
    const clock = new ManualClock();
    const options = { clock, heartBeat: { sendMs: 0, receiveMs: 1_000 } };
    const { server, peer } = await subscribed((socket) => new Silent(socket, options), {
      heartBeat: "1000,0",
    });
    peer.write("SEND\ndestination:/a\n\n\0");
    await server.inbox.next("onMessage");
    clock.advance(2_100);
    expect(await server.inbox.next("onError")).toMatchObject({ code: "heart-beat-lost" });
  });

  test("by the application", async () => {
    const { server } = await waiting();
    server.disconnect();
    expect(await server.inbox.next("onClose")).toMatchObject({ reason: "disconnect" });
  });
});

test("what a client goes on sending meanwhile is not read beyond a bound", async () => {
  const { server, peer } = await waiting();
  const chunk = Buffer.alloc(65_536, "SEND\ndestination:/a\n\n0123456789\0");
  while (peer.write(chunk)) {}
  await server.inbox.next("stopped");
  for (let more = 0; more < 200; more++) peer.write(chunk);
  // One chunk may have been on its way to the session.
  await server.inbox.next("receiveData");
  expect(server.socket.isPaused()).toBe(true);
  expect(server.socket.bytesRead).toBeLessThan(1_048_576);
});

test("nothing is left of it once it has ended, though its promise is never settled", async () => {
  const left: WeakRef<Silent>[] = [];
  const listener = createServer((socket) => {
    left.push(new WeakRef(new Silent(socket, { clock: new ManualClock() })));
  });
  const port = await listen(listener);
  for (let count = 0; count < 20; count++) {
    // Whoever waits for the end of the test would hold it.
    const peer = connect(port, "127.0.0.1");
    peer.write(`${CONNECT}SEND\ndestination:/a\n\n\0`);
    const [connected] = (await once(peer, "data")) as [Buffer];
    expect(String(connected)).toContain("CONNECTED");
    await left.at(-1)?.deref()?.inbox.next("onMessage");
    peer.resetAndDestroy();
    await left.at(-1)?.deref()?.inbox.next("close");
  }
  // The last one may still be in the hands of the platform.
  await collected(() => left.filter((each) => each.deref() !== undefined).length <= 1);
});
