/** D31–D41: what an earlier engine got wrong as a client. */

import { expect } from "vitest";
import { client, connecting, newClient } from "./client.ts";
import { ALL, connected, frame, message, served } from "./frames.ts";
import { rule } from "./rule.ts";

const CLOSED = expect.objectContaining({ code: "closed" });

rule("D31", ["1.2"], "client", "a plain subscription gets its messages", (version) => {
  const peer = client(version);
  peer.session.subscribe("/a", { id: "1" });
  peer.says(served("MESSAGE", ["destination:/a", "message-id:7", "subscription:1"], "hello"));
  expect(peer.hooks()).toEqual(["onMessage 1 hello"]);
});

rule(
  "D32",
  ALL,
  "client",
  "the subscription counts, not the destination, and strays are no error",
  (version) => {
    const peer = client(version);
    peer.session.subscribe("/a/*", { id: "1" });
    const two = peer.session.subscribe("/a/*", { id: "2" });
    peer.says(message(version, 1).replace("destination:/a", "destination:/a/b"));
    peer.session.unsubscribe(two);
    peer.says(message(version, 2).replace("subscription:1", "subscription:2"));
    expect(peer.hooks()).toEqual(["onMessage 1", "onUnclaimedMessage 2"]);
    peer.expectAlive();
  },
);

rule(
  "D33",
  ALL,
  "client",
  "what was not offered is refused, and so is a second CONNECTED",
  (version) => {
    const peer = connecting({ versions: [version] });
    peer.says(served("CONNECTED", ["version:9.9"]));
    peer.expectFailed("version-mismatch");
    const twice = client(version);
    twice.says(connected("1.0"));
    twice.expectFailed("unexpected-command");
    expect(twice.session.version).toBe(version);
  },
);

rule(
  "D34",
  ALL,
  "client",
  "connect() once; no MESSAGE or RECEIPT before CONNECTED, no command either",
  (version) => {
    const peer = connecting({ versions: [version] });
    peer.course();
    const again = expect.objectContaining({ code: "already-connected" });
    expect(() => peer.session.connect()).toThrow(again);
    expect(() => peer.session.message("/a")).toThrow(
      expect.objectContaining({ code: "not-connected" }),
    );
    peer.expectQuiet();
    peer.says(served("RECEIPT", ["receipt-id:1"]));
    peer.expectFailed("unexpected-command");
    expect(() => client(version).session.connect()).toThrow(again);
    const idle = newClient();
    idle.says(connected(version));
    idle.expectFailed("unexpected-command");
  },
);

rule("D35", ALL, "client", "closed, without beats or timers", (version) => {
  const peer = connecting({ heartBeat: { sendMs: 1_000, receiveMs: 1_000 } });
  peer.says(connected(version, "heart-beat:1000,1000"));
  peer.course();
  peer.says(served("ERROR", ["message:no"]));
  peer.expectFailed("error-frame");
  peer.clock.advance(60_000);
  expect(peer.course()).toEqual([]);
  expect(peer.clock.pending).toBe(0);
});

rule("D36", ALL, "client", "disconnecting until the RECEIPT; spent from then on", (version) => {
  const peer = client(version);
  peer.session.disconnect({ receipt: "7" });
  expect(peer.session.state).toBe("disconnecting");
  peer.says(served("RECEIPT", ["receipt-id:7"]));
  expect(peer.session.state).toBe("closed");
  expect(() => peer.session.connect()).toThrow(CLOSED);
  const next = newClient();
  next.session.restore(peer.session.snapshot());
  expect(next.session.subscriptions.size).toBe(0);
  expect(next.session.transactions.size).toBe(0);
});

rule(
  "D37",
  ALL,
  "client",
  "an id may come again, and acknowledging knows only its own message",
  (version) => {
    const peer = client(version);
    peer.session.subscribe("/a", { id: "1", ack: "client" });
    for (let times = 0; times < 3; times++) peer.says(message(version, 1));
    expect(peer.hooks()).toHaveLength(3);
    peer.heard();
    for (const received of peer.session.messages) received.ack();
    expect(peer.heard().match(/ACK\n/g)).toHaveLength(3);
  },
);

rule(
  "D38",
  ALL,
  "client",
  "what the caller gave stays as it was, and is sent as given",
  (version) => {
    const peer = client(version);
    const headers = Object.freeze({ b: "1", a: "2" });
    peer.session.message("/a", "x", { headers, contentType: "text/css", receipt: "7" });
    expect(peer.heard()).toBe(
      frame(
        "SEND",
        ["destination:/a", "content-type:text/css", "receipt:7", "b:1", "a:2", "content-length:1"],
        "x",
      ),
    );
    expect(headers).toEqual({ b: "1", a: "2" });
    peer.session.message("/a", Uint8Array.of(120));
    expect(peer.heard()).not.toContain("content-type");
  },
);

rule(
  "D39",
  ALL,
  "client",
  "what throws has changed nothing: no id, no transaction, no subscription",
  (version) => {
    const peer = client(version);
    const headers = { x: "\0" };
    const transaction = peer.session.begin({ id: "t" });
    const subscription = peer.session.subscribe("/a", { id: "1", ack: "client" });
    peer.says(message(version, 1));
    peer.course();
    const received = peer.session.messages[0];
    const commands = [
      () => peer.session.begin({ headers }),
      () => peer.session.commit(transaction, { headers }),
      () => peer.session.abort(transaction, { headers }),
      () => peer.session.subscribe("/b", { headers }),
      () => peer.session.unsubscribe(subscription, { headers }),
      () => received?.ack({ headers }),
      () => peer.session.disconnect({ headers }),
    ];
    const before = JSON.stringify(peer.session.snapshot());
    for (const command of commands)
      expect(command).toThrow(expect.objectContaining({ code: "unencodable" }));
    expect(JSON.stringify(peer.session.snapshot())).toBe(before);
    expect([...peer.session.transactions.keys()]).toEqual(["t"]);
    expect(peer.session.state).toBe("connected");
    peer.expectQuiet();
    received?.ack();
    peer.session.commit(transaction);
    peer.session.unsubscribe(subscription);
    expect(peer.heard().match(/(ACK|COMMIT|UNSUBSCRIBE)(?=\n)/g)).toEqual([
      "ACK",
      "COMMIT",
      "UNSUBSCRIBE",
    ]);
  },
);

rule(
  "D40",
  ALL,
  "client",
  "an unknown one is ignored, a late one rejects, an ERROR names its own",
  async (version) => {
    const peer = client(version, { receiptTimeoutMs: 1_000 });
    peer.says(served("RECEIPT", ["receipt-id:nobody's"]));
    peer.expectQuiet();
    const late = peer.session.message("/a", "x", { receipt: true });
    peer.clock.advance(1_100);
    await expect(late.done).rejects.toMatchObject({ code: "receipt-timeout" });
    const failed = peer.session.message("/a", "x", { receipt: true });
    peer.says(served("ERROR", [`receipt-id:${failed.id}`]));
    await expect(failed.done).rejects.toMatchObject({ code: "error-frame" });
    expect(peer.session.closing?.unconfirmed).toEqual([]);
  },
);

rule("D41", ALL, "client", "JSON that is none fails who reads it, and nobody else", (version) => {
  const peer = client(version);
  const text = (body: string) =>
    message(version, 1, body).replace(
      "MESSAGE\n",
      "MESSAGE\ncontent-type:application/json;charset=utf-8\n",
    );
  peer.says(text("{"), text("[1]"));
  expect(() => peer.session.messages[0]?.json()).toThrow(SyntaxError);
  expect(peer.session.messages[1]?.json()).toEqual([1]);
  peer.expectAlive();
});
