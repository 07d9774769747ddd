/** A session from CONNECT to DISCONNECT, over whatever carries it. */

import type {
  Acknowledgement,
  ClientClosing,
  Connected,
  ReceivedMessage,
  SentMessage,
  ServerClosing,
  StompClient,
  StompServer,
  Version,
} from "stomp-engine";
import { expect } from "vitest";
import type { Inbox } from "./inbox.ts";

interface WithInbox {
  readonly inbox: Inbox;
}

/** Every octet, many times: nothing on the way may take it for text. */
const BINARY = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
const TEXT = "ünïcödé € 😀 \n\r:\\";

export async function fullFlow(
  client: StompClient & WithInbox,
  server: () => Promise<StompServer & WithInbox>,
  version: Version,
): Promise<void> {
  client.connect({ versions: [version], login: "me", passcode: "secret" });
  const peer = await server();
  const connected = await client.inbox.next<Connected>("onConnected");
  expect(connected.version).toBe(version);

  const subscription = client.subscribe("/a", { ack: "client", receipt: true });
  await subscription.receipt?.done;
  for (const body of [TEXT, BINARY, ""]) {
    peer.message(subscription.id, { destination: "/a", body });
  }
  const messages: ReceivedMessage[] = [];
  for (let count = 0; count < 3; count++) messages.push(await client.inbox.next("onMessage"));
  expect(messages[0]?.text()).toBe(TEXT);
  expect(Buffer.compare(messages[1]?.body ?? new Uint8Array(), BINARY)).toBe(0);
  expect(messages[2]?.body).toHaveLength(0);

  await messages[1]?.ack({ receipt: true })?.done;
  const { deliveries } = await peer.inbox.next<Acknowledgement<unknown>>("onAck");
  expect(deliveries.map(({ messageId }) => messageId)).toEqual(
    messages.slice(0, 2).map(({ messageId }) => messageId),
  );

  const transaction = client.begin();
  client.message("/b", BINARY, { transaction });
  client.message("/b", { text: TEXT }, { transaction });
  await client.commit(transaction, { receipt: true })?.done;
  const binary = await peer.inbox.next<SentMessage>("onMessage");
  expect(Buffer.compare(binary.body, BINARY)).toBe(0);
  expect((await peer.inbox.next<SentMessage>("onMessage")).json()).toEqual({ text: TEXT });

  client.disconnect();
  const closings = await Promise.all([
    client.inbox.next<ClientClosing>("onClose"),
    peer.inbox.next<ServerClosing<unknown>>("onClose"),
  ]);
  expect(closings.map(({ reason }) => reason)).toEqual(["disconnect", "disconnect"]);
  expect(closings[1].unacknowledged).toHaveLength(1);
  expect([client.inbox.count("onError"), peer.inbox.count("onError")]).toEqual([0, 0]);
}
