/** A40–A42: transactions. */

import { expect } from "vitest";
import { ApplicationError } from "../../src/errors.ts";
import { client } from "./client.ts";
import { ALL, acknowledging, frame, message, subscribe } from "./frames.ts";
import { rule } from "./rule.ts";
import { server } from "./server.ts";

const BEGIN = frame("BEGIN", ["transaction:t"]);
const COMMIT = frame("COMMIT", ["transaction:t"]);
const ABORT = frame("ABORT", ["transaction:t"]);

function send(destination: string, ...more: string[]): string {
  return frame("SEND", [`destination:${destination}`, ...more]);
}

rule("A40", ALL, "server", "BEGIN, COMMIT and ABORT need their transaction", (version) => {
  for (const command of ["BEGIN", "COMMIT", "ABORT"]) {
    const peer = server(version);
    peer.says(frame(command));
    peer.expectError("missing-header");
  }
});

rule("A40", ALL, "server", "one that is open cannot be begun again", (version) => {
  const peer = server(version);
  peer.says(BEGIN, frame("BEGIN", ["transaction:u"]), BEGIN);
  expect(peer.hooks().slice(0, 3)).toEqual([
    "onBegin t",
    "onBegin u",
    "onError duplicate-transaction",
  ]);
});

rule("A40", ALL, "server", "one that is not open cannot be named", (version) => {
  const acknowledgements = version === "1.0" ? ["ACK"] : ["ACK", "NACK"];
  const frames = [
    COMMIT,
    ABORT,
    send("/a", "transaction:t"),
    ...acknowledgements.map((command) =>
      frame(command, [...acknowledging(version, 1), "transaction:t"]),
    ),
  ];
  for (const text of frames) {
    const peer = server(version);
    peer.says(subscribe("ack:client"));
    peer.deliver(1);
    peer.course();
    peer.says(text);
    peer.expectError("unknown-transaction");
    expect(peer.session.closing?.unacknowledged).toHaveLength(1);
  }
});

rule("A40", ALL, "server", "its id may be used again once it has ended", (version) => {
  const peer = server(version);
  peer.says(BEGIN, COMMIT, BEGIN, ABORT, BEGIN);
  expect(peer.hooks()).toEqual(["onBegin t", "onCommit t", "onBegin t", "onAbort t", "onBegin t"]);
});

rule("A40", ALL, "client", "ids differ, one that has ended throws", (version) => {
  const peer = client(version);
  const one = peer.session.begin();
  const two = peer.session.begin({ id: "mine" });
  expect(peer.heard()).toBe(
    [one, two].map(({ id }) => frame("BEGIN", [`transaction:${id}`])).join(""),
  );
  expect(() => peer.session.begin({ id: "mine" })).toThrow(
    expect.objectContaining({ code: "duplicate-transaction" }),
  );
  peer.session.message("/a", undefined, { transaction: two });
  peer.session.commit(one);
  peer.session.abort(two);
  expect(peer.heard()).toBe(
    send("/a", "transaction:mine") +
      frame("COMMIT", [`transaction:${one.id}`]) +
      frame("ABORT", ["transaction:mine"]),
  );
  const unknown = expect.objectContaining({ code: "unknown-transaction" });
  expect(() => peer.session.commit(one)).toThrow(unknown);
  expect(() => peer.session.abort(two)).toThrow(unknown);
  expect(() => peer.session.message("/a", undefined, { transaction: two })).toThrow(unknown);
  peer.expectQuiet();
});

rule("A41", ALL, "server", "nothing happens until COMMIT, then all of it at once", (version) => {
  const batches: unknown[] = [];
  const peer = server(
    version,
    {},
    {
      onCommit: ({ operations }) => {
        batches.push(
          operations.map((each) =>
            each.kind === "send" ? each.message.destination : each.acknowledged.named.messageId,
          ),
        );
      },
    },
  );
  peer.says(subscribe("ack:client"));
  peer.deliver(2);
  peer.course();
  peer.says(
    BEGIN,
    send("/a", "transaction:t"),
    send("/now"),
    frame("ACK", [...acknowledging(version, 2), "transaction:t"]),
    send("/b", "transaction:t"),
  );
  expect(peer.hooks()).toEqual(["onBegin t", "onMessage /now"]);
  peer.says(COMMIT);
  expect(peer.hooks()).toEqual(["onCommit t send ack send"]);
  expect(batches).toEqual([["/a", "m-2", "/b"]]);
});

rule(
  "A41",
  ALL,
  "server",
  "unless overridden, COMMIT runs it through the hooks in order",
  (version) => {
    const peer = server(version);
    peer.says(subscribe("ack:client"));
    peer.deliver(2);
    peer.course();
    peer.says(
      BEGIN,
      send("/a", "transaction:t"),
      frame("ACK", [...acknowledging(version, 2), "transaction:t"]),
      COMMIT,
    );
    expect(peer.hooks()).toEqual([
      "onBegin t",
      "onCommit t send ack",
      "onMessage /a",
      "onAck m-1 m-2",
    ]);
  },
);

rule(
  "A41",
  ALL,
  "server",
  "ABORT drops the messages and puts the acknowledgements back",
  (version) => {
    const peer = server(version);
    peer.says(subscribe("ack:client"));
    peer.deliver(3);
    peer.course();
    peer.says(
      BEGIN,
      send("/a", "transaction:t"),
      frame("ACK", [...acknowledging(version, 2), "transaction:t"]),
    );
    expect([...peer.session.unacknowledged]).toHaveLength(1);
    peer.says(ABORT);
    expect([...peer.session.unacknowledged].map(({ messageId }) => messageId)).toEqual([
      "m-1",
      "m-2",
      "m-3",
    ]);
    peer.says(frame("ACK", acknowledging(version, 3)));
    expect(peer.hooks()).toEqual(["onBegin t", "onAbort t", "onAck m-1 m-2 m-3"]);
  },
);

rule("A41", ALL, "server", "a COMMIT that is refused changes nothing", (version) => {
  const peer = server(
    version,
    {},
    {
      onCommit: () => {
        throw new ApplicationError("Not now");
      },
    },
  );
  peer.says(subscribe("ack:client"));
  peer.deliver(2);
  peer.course();
  peer.says(
    BEGIN,
    send("/a", "transaction:t"),
    frame("ACK", [...acknowledging(version, 2), "transaction:t"]),
    frame("COMMIT", ["transaction:t", "receipt:9"]),
  );
  expect(peer.expectError("refused")).toContain("\nreceipt-id:9\n");
  expect(peer.session.messages).toEqual([]);
  expect(peer.session.closing?.unacknowledged).toHaveLength(2);
});

rule("A41", ALL, "server", "a frame of a transaction is judged when it comes", (version) => {
  const bad = [
    send("", "transaction:t"),
    frame("SEND", ["transaction:t"]),
    frame("ACK", [...acknowledging(version, 9), "transaction:t"]),
  ];
  for (const text of bad) {
    const peer = server(version);
    peer.says(BEGIN, text);
    expect(peer.session.state).toBe("closed");
    expect(peer.hooks()).not.toContain("onCommit t");
  }
});

rule("A42", ALL, "server", "DISCONNECT aborts what is open", (version) => {
  const peer = server(version);
  peer.says(subscribe("ack:client"));
  peer.deliver(1);
  peer.course();
  peer.says(
    BEGIN,
    send("/a", "transaction:t"),
    frame("ACK", [...acknowledging(version, 1), "transaction:t"]),
    frame("DISCONNECT"),
  );
  expect(peer.hooks()).toEqual(["onBegin t", "onDisconnect", "onClose disconnect"]);
  expect(peer.session.closing?.unacknowledged).toHaveLength(1);
  expect(peer.session.transactions.size).toBe(0);
});

rule("A42", ALL, "server", "the end of the transport aborts what is open", (version) => {
  for (const reason of [undefined, new Error("reset")]) {
    const peer = server(version);
    peer.says(subscribe("ack:client"));
    peer.deliver(1);
    peer.says(
      BEGIN,
      send("/a", "transaction:t"),
      frame("ACK", [...acknowledging(version, 1), "transaction:t"]),
    );
    peer.session.receiveEnd(reason);
    expect(peer.session.messages).toEqual([]);
    expect(peer.session.closing?.unacknowledged).toHaveLength(1);
    expect(peer.session.transactions.size).toBe(0);
  }
});

rule(
  "A42",
  ALL,
  "server",
  "the receipt of a SEND comes when it is taken in, and once",
  (version) => {
    const peer = server(version);
    peer.says(BEGIN, send("/a", "transaction:t", "receipt:7"));
    expect(peer.course()).toEqual(["onBegin t", "> RECEIPT\nreceipt-id:7\n\n\0\n"]);
    peer.says(COMMIT);
    expect(peer.course()).toEqual(["onCommit t send", "onMessage /a"]);
  },
);

rule("A42", ALL, "client", "after the end nothing is open any more", (version) => {
  const peer = client(version);
  const transaction = peer.session.begin();
  peer.session.subscribe("/a", { id: "1", ack: "client" });
  peer.says(message(version, 1));
  peer.session.receiveEnd();
  expect(peer.session.transactions.size).toBe(0);
  expect(() => peer.session.commit(transaction)).toThrow(
    expect.objectContaining({ code: "closed" }),
  );
});
