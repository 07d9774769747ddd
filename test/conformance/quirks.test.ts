/** E01–E16: peers that behave as real brokers and client libraries do. */

import { expect } from "vitest";
import { client, connecting } from "./client.ts";
import {
  ALL,
  acknowledging,
  connected,
  frame,
  message,
  NEWER,
  served,
  subscribe,
} from "./frames.ts";
import { rule } from "./rule.ts";
import { newServer, server } from "./server.ts";

function receipt(id: string): string {
  return served("RECEIPT", [`receipt-id:${id}`]);
}

rule(
  "E01",
  ALL,
  "client",
  "RabbitMQ and ActiveMQ: we end it, and what follows is ignored",
  (version) => {
    const peer = client(version);
    peer.session.subscribe("/a", { id: "1" });
    peer.session.message("/a", "x", { receipt: "7" });
    peer.course();
    peer.says(
      served(
        "ERROR",
        ["message:bad header", "content-type:text/plain", "version:1.0,1.1,1.2"],
        "details",
      ),
    );
    expect(peer.course()).toEqual([
      "(end flush)",
      "onError error-frame",
      "onClose error error-frame",
    ]);
    peer.says(receipt("7"), message(version, 1), "\n");
    peer.session.receiveEnd();
    expect(peer.course()).toEqual([]);
  },
);

rule(
  "E02",
  ALL,
  "client",
  "RabbitMQ on bad frames: an ordinary end, receipts are lost",
  async (version) => {
    const peer = client(version);
    const asked = peer.session.message("/a", "x", { receipt: true });
    peer.course();
    peer.session.receiveEnd();
    peer.session.receiveEnd(new Error("reset"));
    expect(peer.course()).toEqual(["(end flush)", "onClose ended"]);
    await expect(asked.done).rejects.toMatchObject({ code: "connection-lost" });
  },
);

rule("E03", ALL, "client", "it is delivered, and the RECEIPT counts when it comes", (version) => {
  const peer = client(version);
  peer.session.subscribe("/a", { id: "1", receipt: "sub" });
  peer.session.message("/a", "x", { receipt: "send" });
  peer.says(message(version, 1, "x") + receipt("send") + receipt("sub"));
  expect(peer.hooks()).toEqual(["onMessage 1 x", "onReceipt send", "onReceipt sub"]);
});

rule("E04", ALL, "client", "RabbitMQ: they mean nothing there", (version) => {
  const peer = client(version);
  peer.session.subscribe("/a", { id: "1" });
  peer.course();
  peer.says(message(version, 1).replace("MESSAGE\n", "MESSAGE\nreceipt:7\ntransaction:t\n"));
  expect(peer.course()).toEqual(["onMessage 1"]);
  expect([...(peer.session.messages[0]?.userHeaders ?? [])]).toEqual([]);
});

rule("E05", ALL, "client", "RabbitMQ later, ActiveMQ at once: both will do", (version) => {
  for (const order of [
    ["send", "commit"],
    ["commit", "send"],
  ]) {
    const peer = client(version);
    const transaction = peer.session.begin();
    peer.session.message("/a", "x", { transaction, receipt: "send" });
    peer.session.commit(transaction, { receipt: "commit" });
    peer.says(...order.map(receipt));
    expect(peer.hooks()).toEqual(order.map((id) => `onReceipt ${id}`));
  }
});

rule("E06", ["1.0"], "client", "RabbitMQ: taken as it is", (version) => {
  const peer = connecting({ versions: [version] });
  peer.says(
    served("CONNECTED", [
      "session:session-x",
      "heart-beat:0,0",
      "server:RabbitMQ/3.10.8",
      "version:1.0",
    ]),
  );
  expect(peer.hooks()).toEqual(["onConnected 1.0"]);
  peer.session.subscribe("/a", { id: "sub:0" });
  peer.says(
    served("MESSAGE", ["subscription:sub\\c0", "destination:/a", "message-id:T_sub\\c0@@x"]),
  );
  expect(peer.hooks()).toEqual(["onUnclaimedMessage sub\\c0"]);
  const ours = client(version);
  ours.session.subscribe("/a");
  expect(ours.heard()).toMatch(/^SUBSCRIBE\nid:[a-z0-9-]+\n/);
});

rule("E07", ALL, "client", "ActiveMQ: escaped again in ACK, raw in CONNECTED", (version) => {
  const peer = connecting({ versions: [version] });
  peer.says(connected(version, "session:ID:host-1:1", "server:ActiveMQ/5.17.2"));
  expect(peer.session).toMatchObject({ session: "ID:host-1:1", server: "ActiveMQ/5.17.2" });
  peer.session.subscribe("/a", { id: "1", ack: "client" });
  peer.heard();
  const colon = version === "1.0" ? ":" : "\\c";
  peer.says(
    served("MESSAGE", [
      "subscription:1",
      "destination:/a",
      `message-id:ID${colon}host-1${colon}1`,
      `ack:ID${colon}ack-1${colon}1`,
    ]),
  );
  peer.session.messages[0]?.ack();
  expect(peer.heard()).toContain(
    version === "1.2" ? "\nid:ID\\cack-1\\c1\n" : `\nmessage-id:ID${colon}host-1${colon}1\n`,
  );
});

rule(
  "E08",
  ALL,
  "client",
  "a reply queue's messages go to onUnclaimedMessage, and can be acknowledged",
  (version) => {
    const peer = client(version);
    peer.session.message("/queue/a", "ask", { headers: { "reply-to": "/temp-queue/b" } });
    peer.heard();
    peer.says(message(version, 1).replace("subscription:1", "subscription:/temp-queue/b"));
    expect(peer.hooks()).toEqual(["onUnclaimedMessage /temp-queue/b"]);
    peer.session.messages[0]?.ack();
    expect(peer.heard()).toBe(frame("ACK", acknowledging(version, 1, "/temp-queue/b")));
  },
);

rule("E09", ALL, "client", "RabbitMQ over WebSocket: a clean end", (version) => {
  const peer = client(version);
  const asked = peer.session.disconnect();
  peer.course();
  peer.session.receiveEnd();
  expect(peer.course()).toEqual(["(end flush)", "onClose disconnect"]);
  expect(peer.session.closing?.unconfirmed).toEqual([asked]);
});

rule("E10", ALL, "client", "a string is read as UTF-8", (version) => {
  const peer = client(version);
  peer.session.receiveData(message(version, 1, "é€😀"));
  expect(peer.session.messages[0]?.text()).toBe("é€😀");
});

rule("E10", ALL, "server", "a string is read as UTF-8", (version) => {
  const peer = server(version);
  peer.session.receiveData(frame("SEND", ["destination:/é", "content-length:2"], "é"));
  expect(peer.hooks()).toEqual(["onMessage /é é"]);
});

rule("E11", ALL, "server", "stomper: every frame ends with NUL and LF", (version) => {
  const peer = newServer();
  peer.says(version === "1.0" ? frame("CONNECT") : frame("CONNECT", [`accept-version:${version}`]));
  peer.says(subscribe("receipt:1"));
  peer.session.message("1", { destination: "/a", body: "x" });
  peer.session.message("1", { destination: "/\u00e4", body: "x" });
  peer.session.error("No");
  const sent = peer.course().filter((line) => line.startsWith("> "));
  expect(sent.map((line) => line.split("\n")[0])).toEqual([
    "> CONNECTED",
    "> RECEIPT",
    "> MESSAGE",
    "> MESSAGE",
    "> ERROR",
  ]);
  for (const line of sent) expect(line.endsWith("\0\n")).toBe(true);
});

rule("E12", ["1.0"], "server", "stomp-client: it gets a session, and 1.0", () => {
  const peer = newServer();
  peer.says("CONNECT\nlogin:\npasscode:\n\n\0");
  expect(peer.heard()).toMatch(/^CONNECTED\n(.*\n)*session:s\n/);
  expect(peer.session.version).toBe("1.0");
});

rule("E13", NEWER, "server", "stomp.py: it is connected like any other", (version) => {
  const peer = newServer();
  peer.says(frame("STOMP", [`accept-version:${version}`, "heart-beat:0,0"]));
  expect(peer.session.version).toBe(version);
});

rule(
  "E14",
  ALL,
  "server",
  "Net::Stomp and php-stomp: raw colons are taken, what ACK brings along is harmless",
  (version) => {
    const peer = server(version);
    peer.says(
      frame("SUBSCRIBE", [
        "id:1",
        "destination:/queue/a:b",
        "ack:client",
        "activemq.prefetchSize:1",
      ]),
    );
    expect(peer.session.subscriptions.get("1")?.destination).toBe("/queue/a:b");
    peer.session.message("1", { destination: "/a", body: "x", headers: { color: "red" } });
    const sent = peer.heard().split("\n\n")[0]?.split("\n").slice(1) ?? [];
    expect(sent.filter((line) => /^(transaction|receipt):/.test(line))).toEqual([]);
    // It returns what it got, and puts what the version wants before it.
    const copied = sent.filter((line) => !line.startsWith("content-length"));
    peer.says(frame("ACK", [...acknowledging(version, 1), ...copied]));
    expect(peer.hooks()).toEqual(["onSubscribe 1", "onAck m-1"]);
    peer.expectAlive();
  },
);

rule(
  "E15",
  ALL,
  "server",
  "Net::Stomp: it gets the RECEIPT of a SEND in a transaction at once",
  (version) => {
    const peer = server(version);
    peer.says(
      frame("BEGIN", ["transaction:t"]),
      frame("SEND", ["destination:/a", "transaction:t", "receipt:7"]),
    );
    expect(peer.heard()).toBe(receipt("7"));
    peer.says(frame("COMMIT", ["transaction:t"]));
    expect(peer.session.messages).toHaveLength(1);
  },
);

rule("E16", ALL, "server", "php-stomp and others: both are ordinary ends", (version) => {
  const polite = server(version);
  polite.says(frame("DISCONNECT"));
  polite.session.receiveEnd();
  expect(polite.course()).toEqual(["onDisconnect", "(end flush)", "onClose disconnect"]);
  const rude = server(version);
  rude.says(subscribe());
  rude.course();
  rude.session.receiveEnd();
  expect(rude.course()).toEqual(["(end flush)", "onClose ended"]);
  expect(rude.session.closing?.subscriptions).toHaveLength(1);
});
