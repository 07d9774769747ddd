/** A34–A39: ACK and NACK. */

import { expect } from "vitest";
import type { Version } from "../../src/protocol/version.ts";
import { client } from "./client.ts";
import { ALL, acknowledging, frame, message, NEWER, served, subscribe } from "./frames.ts";
import { rule } from "./rule.ts";
import { type ServerPeer, server } from "./server.ts";

const MODES: Readonly<Record<Version, readonly string[]>> = {
  "1.0": ["client"],
  "1.1": ["client", "client-individual"],
  "1.2": ["client", "client-individual"],
};

/** A subscription 1 of this mode, and so many messages delivered to it. */
function delivered(version: Version, mode: string, count: number): ServerPeer {
  const peer = server(version);
  peer.says(subscribe(`ack:${mode}`));
  peer.deliver(count);
  peer.course();
  return peer;
}

function unacknowledged(peer: ServerPeer): string[] {
  return [...peer.session.unacknowledged].map(({ messageId }) => messageId);
}

const NEEDED: Readonly<Record<Version, readonly string[]>> = {
  "1.0": ["message-id"],
  "1.1": ["message-id", "subscription"],
  "1.2": ["id"],
};

for (const [ruleId, command, versions] of [
  ["A34", "ACK", ALL],
  ["A35", "NACK", NEWER],
] as const) {
  const hook = command === "ACK" ? "onAck" : "onNack";

  rule(
    ruleId,
    versions,
    "server",
    `${command} names by what its version wants, and may say more`,
    (version) => {
      const peer = delivered(version, "client", 1);
      peer.says(frame(command, [...acknowledging(version, 1), "destination:/a", "x:y"]));
      expect(peer.course()).toEqual([`${hook} m-1`]);
    },
  );

  rule(
    ruleId,
    versions,
    "server",
    `${command} without what its version wants is an ERROR`,
    (version) => {
      const everything = ["message-id:m-1", "subscription:1", "id:a-1"];
      for (const needed of NEEDED[version]) {
        const peer = delivered(version, "client", 1);
        peer.says(
          frame(
            command,
            everything.filter((line) => !line.startsWith(`${needed}:`)),
          ),
        );
        peer.expectError("missing-header");
        expect(peer.session.closing?.unacknowledged).toHaveLength(1);
      }
    },
  );

  rule(
    ruleId,
    versions,
    "client",
    `${command} by what its version wants, in its escapes`,
    (version) => {
      const peer = client(version);
      peer.session.subscribe("/a", { id: "s:1", ack: "client" });
      peer.heard();
      const lines = ["destination:/a", "message-id:m\\c1", "subscription:s\\c1", "ack:a\\c1"];
      peer.says(
        served(
          "MESSAGE",
          version === "1.0" ? lines.map((line) => line.replace("\\c", ":")) : lines,
        ),
      );
      const received = peer.session.messages[0];
      if (command === "ACK") received?.ack();
      else received?.nack();
      const expected = {
        "1.0": ["message-id:m:1"],
        "1.1": ["message-id:m\\c1", "subscription:s\\c1"],
        "1.2": ["id:a\\c1"],
      };
      expect(peer.heard()).toBe(frame(command, expected[version]));
    },
  );

  rule(ruleId, versions, "client", `${command} of a kept target, also as plain JSON`, (version) => {
    const peer = client(version);
    const target = JSON.parse(
      JSON.stringify({ subscription: "1", messageId: "m-1", ackId: "a-1" }),
    );
    if (command === "ACK") peer.session.ack(target);
    else peer.session.nack(target);
    expect(peer.heard()).toBe(frame(command, acknowledging(version, 1)));
  });
}

rule(
  "A34",
  ALL,
  "client",
  "twice, on an auto subscription or after the end it throws",
  (version) => {
    const peer = client(version);
    peer.session.subscribe("/a", { id: "1", ack: "client" });
    peer.session.subscribe("/b", { id: "2" });
    peer.says(message(version, 1), message(version, 2).replace("subscription:1", "subscription:2"));
    const [one, other] = peer.session.messages;
    one?.ack();
    peer.course();
    expect(() => one?.ack()).toThrow(expect.objectContaining({ code: "already-acknowledged" }));
    expect(() => other?.ack()).toThrow(expect.objectContaining({ code: "not-acknowledgeable" }));
    peer.expectQuiet();
    peer.session.receiveEnd();
    expect(() => one?.ack()).toThrow(expect.objectContaining({ code: "closed" }));
  },
);

rule(
  "A34",
  ["1.2"],
  "client",
  "a message without an ack header cannot be acknowledged",
  (version) => {
    const peer = client(version);
    peer.session.subscribe("/a", { id: "1", ack: "client" });
    peer.says(message(version, 1).replace("ack:a-1\n", ""));
    peer.course();
    expect(() => peer.session.messages[0]?.ack()).toThrow(
      expect.objectContaining({ code: "not-acknowledgeable" }),
    );
    peer.expectQuiet();
  },
);

rule("A35", ["1.0"], "server", "1.0 has no NACK", (version) => {
  const peer = delivered(version, "client", 1);
  peer.says(frame("NACK", acknowledging(version, 1)));
  peer.expectError("unknown-command");
  expect(peer.session.closing?.unacknowledged).toHaveLength(1);
});

rule("A35", ["1.0"], "client", "1.0 has no NACK", (version) => {
  const peer = client(version);
  peer.session.subscribe("/a", { id: "1", ack: "client" });
  peer.says(message(version, 1));
  peer.course();
  expect(() => peer.session.messages[0]?.nack()).toThrow(
    expect.objectContaining({ code: "unknown-command" }),
  );
  peer.expectQuiet();
});

rule(
  "A36",
  ALL,
  "server",
  "ACK covers all earlier ones of its subscription, oldest first",
  (version) => {
    const peer = delivered(version, "client", 2);
    peer.says(frame("SUBSCRIBE", ["id:2", "destination:/b", "ack:client"]));
    peer.deliver(1, "2");
    peer.deliver(2);
    peer.course();
    peer.says(frame("ACK", acknowledging(version, 4)));
    expect(peer.hooks()).toEqual(["onAck m-1 m-2 m-4"]);
    expect(peer.session.acknowledgements[0]?.named.messageId).toBe("m-4");
    expect(unacknowledged(peer)).toEqual(["m-3", "m-5"]);
  },
);

rule(
  "A36",
  NEWER,
  "server",
  "NACK covers all earlier ones that are not acknowledged yet",
  (version) => {
    const peer = delivered(version, "client", 4);
    peer.says(frame("ACK", acknowledging(version, 1)), frame("NACK", acknowledging(version, 3)));
    expect(peer.hooks()).toEqual(["onAck m-1", "onNack m-2 m-3"]);
    expect(unacknowledged(peer)).toEqual(["m-4"]);
  },
);

rule("A37", NEWER, "server", "client-individual covers the one that is named", (version) => {
  const peer = delivered(version, "client-individual", 3);
  peer.says(frame("ACK", acknowledging(version, 2)), frame("NACK", acknowledging(version, 3)));
  expect(peer.hooks()).toEqual(["onAck m-2", "onNack m-3"]);
  expect(unacknowledged(peer)).toEqual(["m-1"]);
});

rule(
  "A37",
  ALL,
  "server",
  "what went to an auto subscription is settled, and ACK for it an ERROR",
  (version) => {
    const peer = delivered(version, "auto", 1);
    expect(unacknowledged(peer)).toEqual([]);
    peer.says(frame("ACK", acknowledging(version, 1)));
    peer.expectError("unknown-acknowledgement");
    expect(peer.session.closing?.unacknowledged).toEqual([]);
  },
);

/** One message id, delivered to subscriptions 1, 2 and 1 again. */
function shared(version: Version): ServerPeer {
  const peer = server(version);
  const mode = version === "1.0" ? "client" : "client-individual";
  for (const id of ["1", "2"])
    peer.says(frame("SUBSCRIBE", [`id:${id}`, "destination:/a", `ack:${mode}`]));
  for (const [token, id] of [
    ["first", "1"],
    ["second", "2"],
    ["third", "1"],
  ] as const) {
    peer.session.message(id, { destination: "/a", messageId: "7" }, { token });
  }
  peer.course();
  return peer;
}

function tokens(peer: ServerPeer): (string | undefined)[] {
  return peer.session.acknowledgements.flatMap(({ deliveries }) =>
    deliveries.map(({ token }) => token),
  );
}

rule("A38", ["1.1"], "server", "the subscription says which one is meant", (version) => {
  const peer = shared(version);
  for (const subscription of ["2", "1", "1"]) {
    peer.says(frame("ACK", ["message-id:7", `subscription:${subscription}`]));
  }
  expect(tokens(peer)).toEqual(["second", "first", "third"]);
  peer.expectAlive();
});

rule("A38", ["1.0"], "server", "the oldest one is meant", (version) => {
  const peer = shared(version);
  for (let times = 0; times < 3; times++) peer.says(frame("ACK", ["message-id:7"]));
  expect(tokens(peer)).toEqual(["first", "second", "third"]);
  peer.expectAlive();
});

rule(
  "A39",
  ALL,
  "server",
  "what is unacknowledged at the end goes to onClose, tokens and all",
  (version) => {
    for (const mode of MODES[version]) {
      const peer = delivered(version, mode, 1);
      peer.session.message("1", { destination: "/a" }, { token: "mine" });
      peer.session.receiveEnd();
      const left = peer.session.closing?.unacknowledged;
      expect(left?.map(({ messageId, token }) => [messageId, token])).toEqual([
        ["m-1", undefined],
        ["m-2", "mine"],
      ]);
    }
  },
);

rule("A39", ALL, "server", "UNSUBSCRIBE leaves them, and late ACKs count", (version) => {
  const peer = delivered(version, "client", 3);
  peer.says(frame("UNSUBSCRIBE", ["id:1"]));
  expect(unacknowledged(peer)).toEqual(["m-1", "m-2", "m-3"]);
  peer.says(frame("ACK", acknowledging(version, 2)));
  expect(peer.hooks()).toEqual(["onUnsubscribe 1", "onAck m-1 m-2"]);
  peer.session.receiveEnd();
  expect(peer.session.closing?.unacknowledged.map(({ messageId }) => messageId)).toEqual(["m-3"]);
});
