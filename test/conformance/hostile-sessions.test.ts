/** C13–C18, C20, C22: frames at the wrong time, in the wrong number, about the wrong things. */

import { expect } from "vitest";
import { connecting } from "./client.ts";
import { ALL, acknowledging, connect, frame, NEWER, served, subscribe } from "./frames.ts";
import { MEGABYTE } from "./memory.ts";
import { rule } from "./rule.ts";
import { newServer, server } from "./server.ts";

rule(
  "C13",
  NEWER,
  "server",
  "a millisecond is not what it gets, a number too large is none",
  (version) => {
    const peer = newServer({ heartBeat: { sendMs: 1, receiveMs: 0 } });
    peer.says(connect(version, "heart-beat:0,1"));
    peer.heard();
    peer.clock.advance(10_000);
    const beats = peer.heard().length;
    expect(beats).toBeGreaterThan(15);
    expect(beats).toBeLessThan(26);
    const absurd = newServer();
    absurd.says(connect(version, "heart-beat:99999999999999999999,0"));
    absurd.expectError("invalid-header");
  },
);

rule(
  "C13",
  NEWER,
  "client",
  "a millisecond is not what it gets, a number too large is none",
  (version) => {
    const peer = connecting({ heartBeat: { sendMs: 1, receiveMs: 0 } });
    peer.says(served("CONNECTED", [`version:${version}`, "heart-beat:0,1"]));
    peer.heard();
    peer.clock.advance(10_000);
    expect(peer.heard().length).toBeLessThan(26);
    const absurd = connecting();
    absurd.says(served("CONNECTED", [`version:${version}`, "heart-beat:0,99999999999999999999"]));
    absurd.expectFailed("invalid-header");
  },
);

rule(
  "C13",
  NEWER,
  "server",
  "a beat that was asked for beyond what timers keep does not come at once",
  (version) => {
    const peer = newServer({ heartBeat: { sendMs: 500, receiveMs: 500 } });
    peer.says(connect(version, "heart-beat:99999999999,99999999999"));
    peer.heard();
    peer.clock.advance(86_400_000);
    expect(peer.heard()).toBe("");
    peer.expectAlive();
  },
);

rule("C14", ALL, "server", "parts of a version are none", (version) => {
  for (const offer of [
    `${version}0`,
    `1${version}`,
    `${version}.0`,
    `v${version}`,
    version.slice(0, 2),
    ",,",
    `${version};`,
  ]) {
    const peer = newServer({ versions: [version] });
    peer.says(frame("CONNECT", [`accept-version:${offer}`, "host:h"]));
    peer.expectError("version-mismatch");
  }
});

rule("C14", ALL, "server", "as many entries as a line takes", (version) => {
  const peer = newServer();
  peer.says(frame("CONNECT", [`accept-version:${"9,".repeat(8_000)}${version}`, "host:h"]));
  expect(peer.session.version).toBe(version);
  const endless = newServer();
  endless.says(`CONNECT\naccept-version:${"9,".repeat(100_000)}`);
  endless.expectError("limit-exceeded");
});

rule(
  "C15",
  ALL,
  "server",
  "what is sent right behind CONNECT waits for the answer, in order",
  async (version) => {
    let accept = (_accepted: boolean) => {};
    const pending = new Promise<boolean>((resolve) => {
      accept = resolve;
    });
    const peer = newServer({}, { onConnect: () => pending });
    peer.says(
      connect(version) +
        frame("SEND", ["destination:/a"]) +
        frame("SEND", ["destination:/b", "receipt:1"]),
    );
    expect(peer.course()).toEqual([`onConnect ${version}`]);
    accept(true);
    await pending;
    await undefined;
    const [connected, ...rest] = peer.course();
    expect(connected).toMatch(/^> CONNECTED\n/);
    expect(rest).toEqual([
      "onMessage /a",
      "onMessage /b",
      `> ${served("RECEIPT", ["receipt-id:1"])}`,
    ]);
  },
);

rule(
  "C15",
  ALL,
  "server",
  "a second CONNECT while the first is being looked at",
  async (version) => {
    const peer = newServer({}, { onConnect: async () => true });
    peer.says(connect(version) + connect(version));
    await undefined;
    await undefined;
    await undefined;
    expect(peer.hooks().filter((hook) => hook.startsWith("onConnect"))).toHaveLength(1);
    expect(peer.session.lastError?.code).toBe("unexpected-command");
  },
);

rule("C17", ALL, "server", "unknown, of an auto subscription, a second time", (version) => {
  for (const times of [0, 1]) {
    const peer = server(version);
    peer.says(subscribe("ack:client"), frame("SUBSCRIBE", ["id:2", "destination:/b"]));
    peer.deliver(1, "2");
    peer.deliver(1);
    peer.course();
    for (let time = 0; time < times; time++) peer.says(frame("ACK", acknowledging(version, 2)));
    peer.says(frame("ACK", acknowledging(version, times === 0 ? 1 : 2, times === 0 ? "2" : "1")));
    peer.expectError("unknown-acknowledgement");
  }
});

rule("C17", ["1.1"], "server", "by the name of another subscription", (version) => {
  const peer = server(version);
  peer.says(subscribe("ack:client"), frame("SUBSCRIBE", ["id:2", "destination:/b", "ack:client"]));
  peer.deliver(1);
  peer.course();
  peer.says(frame("ACK", acknowledging(version, 1, "2")));
  peer.expectError("unknown-acknowledgement");
});

rule("C17", ALL, "server", "covered by a later one", (version) => {
  const peer = server(version);
  peer.says(subscribe("ack:client"));
  peer.deliver(2);
  peer.course();
  peer.says(frame("ACK", acknowledging(version, 2)));
  expect(peer.hooks()).toEqual(["onAck m-1 m-2"]);
  peer.says(frame("ACK", acknowledging(version, 1)));
  peer.expectError("unknown-acknowledgement");
});

rule("C17", ALL, "server", "within two transactions, or within one and outside", (version) => {
  for (const second of ["transaction:u", undefined]) {
    const peer = server(version);
    peer.says(subscribe("ack:client"));
    peer.deliver(2);
    peer.says(frame("BEGIN", ["transaction:t"]), frame("BEGIN", ["transaction:u"]));
    peer.says(frame("ACK", [...acknowledging(version, 2), "transaction:t"]));
    peer.course();
    peer.says(
      frame("ACK", [...acknowledging(version, 1), ...(second === undefined ? [] : [second])]),
    );
    peer.expectError("unknown-acknowledgement");
    expect(peer.session.closing?.unacknowledged).toHaveLength(2);
  }
});

rule(
  "C17",
  ALL,
  "server",
  "of a subscription that has ended it counts, within a committed transaction once",
  (version) => {
    const peer = server(version);
    peer.says(subscribe("ack:client"));
    peer.deliver(2);
    peer.says(frame("UNSUBSCRIBE", ["id:1"]), frame("BEGIN", ["transaction:t"]));
    peer.says(
      frame("ACK", [...acknowledging(version, 2), "transaction:t"]),
      frame("COMMIT", ["transaction:t"]),
    );
    expect(peer.hooks().slice(-1)).toEqual(["onAck m-1 m-2"]);
    peer.says(frame("COMMIT", ["transaction:t"]));
    peer.expectError("unknown-transaction");
    expect(peer.session.closing?.unacknowledged).toEqual([]);
  },
);

rule("C18", ALL, "server", "a megabyte comes in, a line goes out, and no passcode", (version) => {
  const body = "x".repeat(MEGABYTE);
  const faults = [
    frame("SEND", ["x:1", "passcode:SECRET"], body),
    frame(
      "SEND",
      ["destination:/a", "transaction:t", ...Array(50).fill(`y:${"z".repeat(1_000)}`)],
      body,
    ),
    frame("CONNECT", ["login:ada", "passcode:SECRET"]),
    `SEND\ncontent-length:${body.length}\n\n${body}x`,
  ];
  for (const text of faults) {
    const peer = server(version);
    peer.says(text);
    expect(peer.session.state).toBe("closed");
    const heard = peer.heard();
    expect(heard.length).toBeLessThan(300);
    expect(heard).not.toContain("SECRET");
    expect(JSON.stringify([...(peer.session.errorFrame?.headers ?? [])])).not.toContain("SECRET");
    expect(JSON.stringify([...(peer.session.lastError?.frame?.headers ?? [])])).not.toContain(
      "SECRET",
    );
  }
});

const STRANGERS: readonly [string, string][] = [
  ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  ["HTTP", "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"],
  ["SSH", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"],
  ["MQTT", "\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02me"],
  ["noise", "\x80".repeat(64)],
];

for (const [what, octets] of STRANGERS) {
  rule("C20", ALL, "server", `${what} is over within 33 octets`, (version) => {
    const peer = newServer({ versions: [version] });
    let taken = 0;
    for (const octet of Buffer.from(octets, "latin1")) {
      peer.says(Uint8Array.of(octet));
      taken++;
      if (peer.session.state === "closed") break;
    }
    expect(taken).toBeLessThanOrEqual(33);
    expect(peer.session.state).toBe("closed");
    expect(peer.log.sentBytes).toBeLessThan(300);
  });
}

rule(
  "C22",
  ALL,
  "server",
  "UNSUBSCRIBE and late ACKs of what was dropped are answered",
  (version) => {
    const peer = server(version);
    peer.says(subscribe("ack:client"));
    peer.deliver(2);
    peer.course();
    peer.session.drop("1");
    expect(peer.session.subscriptions.size).toBe(0);
    peer.says(
      frame("ACK", acknowledging(version, 1)),
      frame("UNSUBSCRIBE", ["id:1", "receipt:7"]),
      frame("ACK", acknowledging(version, 2)),
    );
    expect(peer.course()).toEqual([
      "onAck m-1",
      `> ${served("RECEIPT", ["receipt-id:7"])}`,
      "onAck m-2",
    ]);
    peer.says(frame("UNSUBSCRIBE", ["id:1"]));
    peer.expectError("unknown-subscription");
  },
);

rule("C22", ALL, "server", "its id may be used again, and then means the new one", (version) => {
  const peer = server(version);
  peer.says(subscribe());
  const old = peer.session.subscriptions.get("1");
  peer.session.drop("1");
  expect(old?.active).toBe(false);
  peer.says(subscribe());
  peer.course();
  expect(() => peer.session.message(old ?? "", { destination: "/a" })).toThrow(
    expect.objectContaining({ code: "unknown-subscription" }),
  );
  peer.says(frame("UNSUBSCRIBE", ["id:1"]));
  expect(peer.hooks()).toEqual(["onUnsubscribe 1"]);
});
