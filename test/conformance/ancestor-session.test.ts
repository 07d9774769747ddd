/** D10–D18: what an earlier engine got wrong in the life of a server's session. */

import { expect } from "vitest";
import { ApplicationError } from "../../src/errors.ts";
import { ALL, acknowledging, connect, frame, served, subscribe } from "./frames.ts";
import { rule } from "./rule.ts";
import { newServer, type ServerPeer, server } from "./server.ts";
import { turns } from "./waiting.ts";

function receipt(id: string): string {
  return served("RECEIPT", [`receipt-id:${id}`]);
}

rule(
  "D10",
  ALL,
  "server",
  "closed, without beats, subscriptions or a hand for what is queued",
  (version) => {
    const peer = newServer({ heartBeat: { sendMs: 1_000, receiveMs: 0 } });
    peer.says(connect(version, "heart-beat:0,1000"), subscribe());
    peer.course();
    peer.says(frame("SEND") + frame("SEND", ["destination:/a"]));
    peer.expectError("missing-header");
    peer.clock.advance(60_000);
    expect(peer.course()).toEqual([]);
    expect(peer.clock.pending).toBe(0);
    expect(() => peer.session.message("1", { destination: "/a" })).toThrow(
      expect.objectContaining({ code: "closed" }),
    );
  },
);

rule(
  "D11",
  ALL,
  "server",
  "nothing more is processed, transactions are over, timers too",
  (version) => {
    const peer = newServer({ heartBeat: { sendMs: 1_000, receiveMs: 0 } });
    peer.says(connect(version, "heart-beat:0,1000"), frame("BEGIN", ["transaction:t"]));
    peer.course();
    peer.says(
      frame("DISCONNECT") + frame("COMMIT", ["transaction:t"]) + frame("SEND", ["destination:/a"]),
    );
    expect(peer.course()).toEqual(["onDisconnect", "(end flush)", "onClose disconnect"]);
    peer.clock.advance(60_000);
    expect(peer.course()).toEqual([]);
    expect(peer.clock.pending).toBe(0);
    expect(peer.session.transactions.size).toBe(0);
  },
);

rule("D12", ALL, "server", "the client gets its RECEIPT all the same", (version) => {
  const peer: ServerPeer = server(
    version,
    {},
    { onDisconnect: () => peer.session.disconnect("as it wished") },
  );
  peer.says(frame("DISCONNECT", ["receipt:7"]));
  expect(peer.course()).toEqual([
    "onDisconnect",
    `> ${receipt("7")}`,
    "(end flush)",
    "onClose disconnect",
  ]);
});

rule("D13", ALL, "server", "one receipt each, that of the SEND when it was taken in", (version) => {
  const peer = server(version);
  peer.says(
    frame("BEGIN", ["transaction:t", "receipt:1"]),
    frame("SEND", ["destination:/a", "transaction:t", "receipt:2"]),
    frame("COMMIT", ["transaction:t", "receipt:3"]),
  );
  expect(peer.course()).toEqual([
    "onBegin t",
    `> ${receipt("1")}`,
    `> ${receipt("2")}`,
    "onCommit t send",
    "onMessage /a",
    `> ${receipt("3")}`,
  ]);
});

rule(
  "D14",
  ALL,
  "server",
  "it ends the session, and what took no effect is given back",
  async (version) => {
    for (const asynchronous of [false, true]) {
      const peer = server(
        version,
        {},
        {
          onAck: () => {
            if (peer.session.acknowledgements.length < 2)
              return asynchronous ? Promise.resolve() : undefined;
            throw new ApplicationError("Full");
          },
        },
      );
      peer.says(frame("SUBSCRIBE", ["id:1", "destination:/a", "ack:client"]));
      peer.deliver(3);
      peer.says(frame("BEGIN", ["transaction:t"]));
      for (const number of [1, 2, 3])
        peer.says(frame("ACK", [...acknowledging(version, number), "transaction:t"]));
      peer.says(frame("COMMIT", ["transaction:t"]) + frame("COMMIT", ["transaction:t"]));
      await turns();
      peer.expectError("refused");
      expect(peer.session.acknowledgements).toHaveLength(2);
      expect(peer.session.closing?.unacknowledged.map(({ messageId }) => messageId)).toEqual([
        "m-2",
        "m-3",
      ]);
    }
  },
);

rule("D15", ALL, "server", "a SEND without destination fails where it stands", (version) => {
  const peer = server(version);
  peer.says(frame("BEGIN", ["transaction:t"]), frame("SEND", ["transaction:t"]));
  expect(peer.hooks()).toEqual([
    "onBegin t",
    "onError missing-header",
    "onClose error missing-header",
  ]);
});

rule(
  "D16",
  ALL,
  "server",
  "unknown, repeated and auto ones are ERRORs, and nothing is kept",
  (version) => {
    for (const [mode, numbers] of [
      ["client", [9]],
      ["client", [1, 1]],
      ["auto", [1]],
    ] as const) {
      const peer = server(version);
      peer.says(subscribe(`ack:${mode}`));
      peer.deliver(1);
      for (const number of numbers) peer.says(frame("ACK", acknowledging(version, number)));
      expect(peer.session.lastError?.code).toBe("unknown-acknowledgement");
    }
    const busy = server(version, { limits: { maxUnacknowledged: 1 } });
    busy.says(subscribe("ack:client"));
    for (let number = 1; number <= 100; number++) {
      busy.deliver(1);
      busy.says(frame("ACK", acknowledging(version, number)));
    }
    expect([...busy.session.unacknowledged]).toEqual([]);
  },
);

rule("D16", ["1.1"], "server", "the subscription must be named", (version) => {
  const peer = server(version);
  peer.says(subscribe("ack:client"));
  peer.deliver(1);
  peer.says(frame("ACK", ["message-id:m-1"]));
  expect(peer.session.lastError?.code).toBe("missing-header");
});

rule(
  "D17",
  ALL,
  "server",
  "an id in use is an ERROR, one destination may come twice",
  (version) => {
    const peer = server(version);
    peer.says(subscribe(), frame("SUBSCRIBE", ["id:2", "destination:/a"]));
    expect([...peer.session.subscriptions.keys()]).toEqual(["1", "2"]);
    peer.says(frame("SUBSCRIBE", ["id:2", "destination:/b"]));
    expect(peer.session.lastError?.code).toBe("duplicate-subscription");
  },
);

rule("D17", ALL, "server", "what is refused does not stay", async (version) => {
  const refuse = () => {
    throw new ApplicationError("No");
  };
  for (const onSubscribe of [refuse, async () => refuse()]) {
    const peer = server(version, {}, { onSubscribe });
    peer.says(subscribe());
    await turns();
    peer.expectError("refused");
    expect(peer.session.closing?.subscriptions).toEqual([]);
  }
});

rule(
  "D18",
  ALL,
  "server",
  "a pattern may be subscribed to, and any destination delivered",
  (version) => {
    const peer = server(version);
    peer.says(frame("SUBSCRIBE", ["id:1", "destination:/a/*"]));
    peer.session.message("1", { destination: "/a/b", messageId: "7" });
    expect(peer.heard()).toBe(
      served("MESSAGE", ["subscription:1", "message-id:7", "destination:/a/b"]),
    );
  },
);
