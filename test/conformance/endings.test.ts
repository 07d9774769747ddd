/** A46–A47: DISCONNECT, and commands that nobody knows. */

import { expect } from "vitest";
import type { Frame } from "../../src/protocol/frame.ts";
import { client, connecting } from "./client.ts";
import { ALL, connected, frame, message, served } from "./frames.ts";
import { rule } from "./rule.ts";
import { server } from "./server.ts";
import { later, turns } from "./waiting.ts";

function receipt(id: string): string {
  return served("RECEIPT", [`receipt-id:${id}`]);
}

rule("A46", ALL, "server", "RECEIPT if asked for, then the end", (version) => {
  const asked = server(version);
  asked.says(frame("DISCONNECT", ["receipt:7"]));
  expect(asked.course()).toEqual([
    "onDisconnect",
    `> ${receipt("7")}`,
    "(end flush)",
    "onClose disconnect",
  ]);
  const silent = server(version);
  silent.says(frame("DISCONNECT"));
  expect(silent.course()).toEqual(["onDisconnect", "(end flush)", "onClose disconnect"]);
});

rule(
  "A46",
  ALL,
  "server",
  "what comes behind DISCONNECT is ignored, be it nonsense",
  async (version) => {
    for (const rest of [
      frame("SEND", ["destination:/a", "receipt:8"]),
      "\0\0 nonsense",
      frame("DISCONNECT"),
    ]) {
      const work = later();
      const options = { limits: { maxPendingBytes: 256 } };
      const peer = server(version, options, { onDisconnect: () => work.promise });
      // Nor is it kept.
      peer.says(frame("DISCONNECT", ["receipt:7"]) + rest, ...Array(50).fill(rest));
      work.resolve();
      await turns();
      expect(peer.course()).toEqual([
        "onDisconnect",
        `> ${receipt("7")}`,
        "(end flush)",
        "onClose disconnect",
      ]);
    }
  },
);

rule(
  "A46",
  ALL,
  "client",
  "asks for a receipt, takes messages until it comes, then ends",
  (version) => {
    const peer = client(version);
    peer.session.subscribe("/a", { id: "1" });
    peer.heard();
    const last = peer.session.disconnect({ receipt: "bye" });
    expect(peer.heard()).toBe(frame("DISCONNECT", ["receipt:bye"]));
    for (const command of [
      () => peer.session.message("/a"),
      () => peer.session.unsubscribe("1"),
      () => peer.session.disconnect(),
    ]) {
      expect(command).toThrow(expect.objectContaining({ code: "closed" }));
    }
    peer.says(message(version, 1, "late"));
    peer.expectAlive();
    peer.says(receipt("bye"));
    expect(peer.course()).toEqual([
      "onMessage 1 late",
      "onReceipt bye",
      "(end flush)",
      "onClose disconnect",
    ]);
    expect(last?.id).toBe("bye");
  },
);

rule("A46", ALL, "client", "without a receipt it ends at once", (version) => {
  const peer = client(version);
  peer.session.disconnect({ receipt: false });
  expect(peer.course()).toEqual([`> ${frame("DISCONNECT")}`, "(end flush)", "onClose disconnect"]);
});

rule(
  "A46",
  ALL,
  "client",
  "a close or a reset instead of the RECEIPT is an ordinary end",
  (version) => {
    for (const reason of [undefined, new Error("reset")]) {
      const peer = client(version);
      peer.session.disconnect();
      peer.heard();
      expect(peer.session.state).toBe("disconnecting");
      peer.session.receiveEnd(reason);
      expect(peer.course()).toEqual(["(end flush)", "onClose disconnect"]);
    }
  },
);

rule(
  "A47",
  ALL,
  "server",
  "an unknown command is the application's, ERROR unless it says otherwise",
  (version) => {
    const strict = server(version);
    strict.says(frame("PEEK", ["receipt:7"]));
    expect(strict.expectError("unknown-command")).toContain("\nreceipt-id:7\n");
    const frames: Frame[] = [];
    const open = server(version, {}, { onUnknownCommand: (given) => void frames.push(given) });
    open.says(frame("PEEK", ["a:1", "receipt:7"]));
    expect(open.course()).toEqual(["onUnknownCommand PEEK", `> ${receipt("7")}`]);
    expect(frames[0]?.headers.get("a")).toBe("1");
  },
);

rule("A47", ALL, "server", "what only servers send is an ERROR", (version) => {
  for (const command of ["CONNECTED", "MESSAGE", "RECEIPT", "ERROR"]) {
    const peer = server(version, {}, { onUnknownCommand: () => {} });
    peer.says(frame(command, ["destination:/a", "message-id:1", "subscription:1", "receipt-id:1"]));
    peer.expectError("unexpected-command");
  }
});

rule("A47", ALL, "client", "what only clients send, or nobody, is fatal", (version) => {
  for (const [command, code] of [
    ["SEND", "unexpected-command"],
    ["ACK", "unexpected-command"],
    ["CONNECT", "unexpected-command"],
    ["PEEK", "unknown-command"],
  ] as const) {
    const peer = client(version);
    peer.says(frame(command, ["destination:/a", "message-id:1", "subscription:1", "id:1"]));
    peer.expectFailed(code);
  }
});

rule("A47", ALL, "client", "a server that speaks before it was asked is wrong", (version) => {
  const peer = connecting({ versions: [version] });
  peer.says(connected(version) + served("GREETING"));
  peer.expectFailed("unknown-command");
});
