/** A peer that resets the connection, wherever it is. */

import { once } from "node:events";
import type { Socket } from "node:net";
import type { ClientClosing, ServerClosing } from "stomp-engine";
import { WebSocketServer as SessionServer } from "stomp-engine/websocket";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Inbox } from "../transport/inbox.ts";
import { webSocketServer } from "../transport/loopback.ts";
import { clientAndPeer, subscribed } from "./sessions.ts";

const PLACES = [
  { place: "in a command", bytes: "SE", truncated: true },
  { place: "in a header", bytes: "SEND\ndestination:/a\nx", truncated: true },
  { place: "between a carriage return and its line feed", bytes: "SEND\r", truncated: true },
  { place: "in a body", bytes: "SEND\ndestination:/a\ncontent-length:9\n\nabc", truncated: true },
  {
    place: "before the NUL",
    bytes: "SEND\ndestination:/a\ncontent-length:1\n\na",
    truncated: true,
  },
  { place: "between frames", bytes: "SEND\ndestination:/a\n\n\0", truncated: false },
  { place: "after a heart-beat", bytes: "\n", truncated: false },
];

describe("a client that resets the connection", () => {
  test.each(PLACES)("$place", async ({ bytes, truncated }) => {
    const { server, peer } = await subscribed();
    server.message("s", { destination: "/a" }, { token: 1 });
    await received(server.inbox, bytes, peer);
    peer.resetAndDestroy();
    const closing = await server.inbox.next<ServerClosing<number>>("onClose");
    expect(closing).toMatchObject({ reason: "lost", cause: { code: "ECONNRESET" }, truncated });
    expect(closing.unacknowledged.map(({ token }) => token)).toEqual([1]);
    expect(closing.subscriptions.map(({ id }) => id)).toEqual(["s"]);
    expect(await server.inbox.next("onError")).toMatchObject({ code: "connection-lost" });
    await server.inbox.next("close");
    expect([server.inbox.count("onClose"), server.inbox.count("onError")]).toEqual([0, 0]);
    expect(() => server.message("s", { destination: "/a" })).toThrow(
      expect.objectContaining({ code: "closed" }),
    );
  });
});

describe("a server that resets the connection", () => {
  test.each(PLACES)("$place", async ({ bytes, truncated }) => {
    const { client, peer } = await clientAndPeer();
    client.subscribe("/a", { id: "s" });
    const receipt = client.message("/a", "", { receipt: true });
    const message = bytes.replace("SEND\n", "MESSAGE\nsubscription:s\nmessage-id:1\n");
    await received(client.inbox, message, peer);
    peer.resetAndDestroy();
    const closing = await client.inbox.next<ClientClosing>("onClose");
    expect(closing).toMatchObject({ reason: "lost", cause: { code: "ECONNRESET" }, truncated });
    expect(closing.unconfirmed).toEqual([receipt]);
    await expect(receipt.done).rejects.toMatchObject({ code: "connection-lost" });
    expect(client.inbox.count("onError")).toBe(1);
  });
});

test("a WebSocket that is cut within a frame that it sent a part of", async () => {
  class Peer extends SessionServer {
    readonly inbox = new Inbox();
    protected override onConnect = () => true;
    protected override onMessage = () => {};
    protected override onSubscribe = () => {};
    protected override onUnsubscribe = () => {};
    protected override onAck = () => {};
    protected override onNack = () => {};
    protected override onDisconnect = () => {};
    protected override onError = (error: unknown) => this.inbox.put("onError", error);
    protected override onClose = (closing: unknown) => this.inbox.put("onClose", closing);
    override receiveData(chunk: Uint8Array | string): boolean {
      const wanted = super.receiveData(chunk);
      this.inbox.put("receiveData", chunk.length);
      return wanted;
    }
  }
  const listener = webSocketServer();
  await once(listener, "listening");
  const accepted = once(listener, "connection") as Promise<[WebSocket]>;
  const socket = new WebSocket(`ws://127.0.0.1:${(listener.address() as { port: number }).port}`);
  const peer = new Peer((await accepted)[0]);
  await once(socket, "open");
  const part = "CONNECT\naccept-version:1.2\n\n\0SEND\ndestin";
  socket.send(part);
  await peer.inbox.next("receiveData");
  socket.terminate();
  expect(await peer.inbox.next("onClose")).toMatchObject({
    reason: "lost",
    cause: { code: 1006 },
    truncated: true,
  });
  expect(peer.inbox.count("onError")).toBe(1);
});

/** Sends bytes, and waits until the session has them: a reset takes away what is on its way. */
async function received(inbox: Inbox, bytes: string, peer: Socket): Promise<void> {
  while (inbox.count("receiveData") > 0) await inbox.next("receiveData");
  peer.write(bytes);
  for (let left = bytes.length; left > 0; ) left -= await inbox.next<number>("receiveData");
}
