/** B08–B13: the limits of what is kept between frames. */

import { expect } from "vitest";
import { client } from "./client.ts";
import { ALL, acknowledging, frame, message, subscribe } from "./frames.ts";
import { rule } from "./rule.ts";
import { server } from "./server.ts";

function subscription(number: number): string {
  return frame("SUBSCRIBE", [`id:${number}`, "destination:/a"]);
}

function begin(number: number): string {
  return frame("BEGIN", [`transaction:${number}`]);
}

rule("B08", ALL, "server", "as many subscriptions at a time, and not one more", (version) => {
  const peer = server(version, { limits: { maxSubscriptions: 2 } });
  peer.says(subscription(1), subscription(2), frame("UNSUBSCRIBE", ["id:1"]), subscription(3));
  peer.expectAlive();
  peer.says(subscription(4));
  peer.expectError("limit-exceeded");
  expect(peer.session.closing?.subscriptions.map(({ id }) => id)).toEqual(["2", "3"]);
});

rule("B09", ALL, "server", "as many open transactions, and not one more", (version) => {
  const peer = server(version, { limits: { maxTransactions: 2 } });
  peer.says(
    begin(1),
    begin(2),
    frame("COMMIT", ["transaction:1"]),
    begin(3),
    frame("ABORT", ["transaction:2"]),
    begin(4),
  );
  peer.expectAlive();
  peer.says(begin(5));
  peer.expectError("limit-exceeded");
});

rule(
  "B10",
  ALL,
  "server",
  "as many frames in one transaction, ACKs among them, and not one more",
  (version) => {
    const send = frame("SEND", ["destination:/a", "transaction:1"]);
    const peer = server(version, { limits: { maxTransactionFrames: 3 } });
    peer.says(subscribe("ack:client"));
    peer.deliver(2);
    peer.says(
      begin(1),
      begin(2),
      send,
      frame("ACK", [...acknowledging(version, 1), "transaction:1"]),
      send,
    );
    peer.says(frame("SEND", ["destination:/a", "transaction:2"]));
    peer.expectAlive();
    peer.says(frame("ACK", [...acknowledging(version, 2), "transaction:1"]));
    peer.expectError("limit-exceeded");
    expect(peer.session.messages).toEqual([]);
    expect(peer.session.closing?.unacknowledged).toHaveLength(2);
  },
);

rule("B11", ALL, "server", "as many octets in one transaction, headers among them", (version) => {
  // destination/a and transaction1 are 13 and 12 octets.
  const bodies = (first: number, second: number) =>
    begin(1) +
    frame("SEND", ["destination:/a", "transaction:1"], "x".repeat(first)) +
    frame("SEND", ["destination:/a", "transaction:1"], "x".repeat(second));
  const limits = { maxTransactionBytes: 100 };
  const under = server(version, { limits });
  under.says(bodies(20, 30));
  under.expectAlive();
  const over = server(version, { limits });
  over.says(bodies(20, 31));
  over.expectError("limit-exceeded");
});

/** A promise that is never settled. */
const NEVER = new Promise<void>(() => {});

rule("B12", ALL, "server", "as much behind a pending hook, and not an octet more", (version) => {
  const pending = () =>
    server(version, { limits: { maxPendingBytes: 100 } }, { onMessage: () => NEVER });
  const under = pending();
  under.says(frame("SEND", ["destination:/a"]));
  under.says("x".repeat(60), "x".repeat(40));
  under.expectAlive();
  const over = pending();
  over.says(frame("SEND", ["destination:/a"]));
  over.says("x".repeat(60), "x".repeat(41));
  over.expectError("pending-overflow");
});

rule(
  "B12",
  ALL,
  "server",
  "reading is to stop long before that, and goes on when the hook is through",
  async (version) => {
    let done = () => {};
    const work = new Promise<void>((resolve) => {
      done = resolve;
    });
    const peer = server(version, { limits: { maxPendingBytes: 400 } }, { onMessage: () => work });
    expect(peer.says(frame("SEND", ["destination:/a"]))).toBe(true);
    expect(peer.says("\n".repeat(99))).toBe(true);
    expect(peer.says("\n")).toBe(false);
    expect(peer.session.resumed).toBe(0);
    done();
    await work;
    await undefined;
    expect(peer.session.resumed).toBe(1);
    expect(peer.says("\n")).toBe(true);
  },
);

rule("B12", ALL, "client", "as much while it is paused, and not an octet more", (version) => {
  const paused = () => {
    const peer = client(version, { limits: { maxPendingBytes: 100 } });
    peer.session.pause();
    return peer;
  };
  const under = paused();
  expect(under.says("\n".repeat(60))).toBe(false);
  under.says("\n".repeat(40));
  under.expectQuiet();
  under.session.resume();
  under.expectQuiet();
  const over = paused();
  over.says("\n".repeat(60), "\n".repeat(41));
  over.expectFailed("pending-overflow");
});

rule("B12", ALL, "client", "what was held back is handled in order", (version) => {
  const peer = client(version);
  peer.session.subscribe("/a", { id: "1" });
  peer.course();
  peer.session.pause();
  peer.says(message(version, 1, "one"), message(version, 2, "two"));
  peer.expectQuiet();
  peer.session.resume();
  expect(peer.hooks()).toEqual(["onMessage 1 one", "onMessage 1 two"]);
});

rule("B13", ALL, "server", "as many unacknowledged deliveries, and not one more", (version) => {
  const peer = server(version, { limits: { maxUnacknowledged: 2 } });
  peer.says(subscribe("ack:client"), frame("SUBSCRIBE", ["id:2", "destination:/a"]));
  peer.deliver(2);
  peer.course();
  const full = expect.objectContaining({ code: "window-full" });
  expect(() => peer.session.message("1", { destination: "/a" })).toThrow(full);
  peer.expectQuiet();
  peer.session.message("2", { destination: "/a" });
  peer.says(frame("ACK", acknowledging(version, 1)));
  peer.session.message("1", { destination: "/a" });
  expect(() => peer.session.message("1", { destination: "/a" })).toThrow(full);
});
