/** C04, C09–C11, C21: what callers and relays may try to send. */

import { expect } from "vitest";
import { encodeFrame } from "../../src/protocol/encoder.ts";
import { PreparedMessage } from "../../src/protocol/prepared.ts";
import type { Version } from "../../src/protocol/version.ts";
import { client, newClient } from "./client.ts";
import { ALL, connect, frame, NEWER, served, subscribe } from "./frames.ts";
import { rule } from "./rule.ts";
import { newServer, server } from "./server.ts";

const UNENCODABLE = expect.objectContaining({ code: "unencodable" });
const INVALID_HEADER = expect.objectContaining({ code: "invalid-header" });
const OWNED = expect.objectContaining({ code: "owned-header" });

rule("C04", ALL, "server", "ids of any name, and commands that objects have", (version) => {
  for (const name of ["__proto__", "constructor", "hasOwnProperty"]) {
    const peer = server(version);
    peer.says(
      frame("SUBSCRIBE", [`id:${name}`, `destination:${name}`]),
      frame("BEGIN", [`transaction:${name}`]),
    );
    peer.says(frame("SEND", [`destination:${name}`, `transaction:${name}`, `receipt:${name}`]));
    peer.says(frame("COMMIT", [`transaction:${name}`]), frame("UNSUBSCRIBE", [`id:${name}`]));
    expect(peer.hooks()).toEqual([
      `onSubscribe ${name}`,
      `onBegin ${name}`,
      `onCommit ${name} send`,
      `onMessage ${name}`,
      `onUnsubscribe ${name}`,
    ]);
    for (const text of [
      frame("ABORT", [`transaction:${name}`]),
      frame("UNSUBSCRIBE", [`id:${name}`]),
      frame(name),
    ]) {
      const stranger = server(version);
      stranger.says(text);
      expect(stranger.session.lastError?.code).toMatch(/^unknown-/);
    }
  }
});

rule("C04", ALL, "client", "ids of any name, and commands that objects have", (version) => {
  for (const name of ["__proto__", "constructor", "hasOwnProperty"]) {
    const peer = client(version);
    expect(() => peer.session.unsubscribe(name)).toThrow(
      expect.objectContaining({ code: "unknown-subscription" }),
    );
    peer.session.subscribe("/a", { id: name, receipt: name });
    peer.says(
      served("RECEIPT", [`receipt-id:${name}`]),
      served("MESSAGE", ["destination:/a", "message-id:1", `subscription:${name}`]),
    );
    expect(peer.hooks()).toEqual([`onReceipt ${name}`, `onMessage ${name}`]);
    peer.says(served(name));
    expect(peer.session.lastError?.code).toBe("unknown-command");
  }
});

rule("C09", ALL, "encoder", "no command of the caller's making", (version) => {
  for (const command of ["", "A B", "A:B", "A\nB", "A\rB", "A\0B", "A\tB", "\ud800"]) {
    expect(() => encodeFrame({ command }, version), JSON.stringify(command)).toThrow(UNENCODABLE);
  }
});

rule("C09", ALL, "encoder", "no NUL, no lone surrogate, no empty name", (version) => {
  for (const entry of [
    ["a", "b\0"],
    ["a\0", "b"],
    ["a", "\ud800"],
    ["\udc00", "b"],
    ["", "b"],
  ] as [string, string][]) {
    expect(() => encodeFrame({ command: "SEND", headers: [entry] }, version)).toThrow(UNENCODABLE);
  }
});

rule(
  "C09",
  ALL,
  "encoder",
  "no body in the place of a frame, where a header is no text",
  (version) => {
    const frame = (value: string) => ({
      command: "SEND",
      headers: { destination: "/a", k: value },
      body: "SEND\ndestination:/b\n\n",
    });
    const sent = encodeFrame(frame("1"), version);
    for (const wrong of [5, null, ["x"], { length: 1 }]) {
      expect(() => encodeFrame(frame(wrong as never), version)).toThrow(INVALID_HEADER);
      expect(encodeFrame(frame("1"), version)).toEqual(sent);
    }
  },
);

rule(
  "C09",
  ALL,
  "client",
  "a line of one's own in CONNECT, or where nothing is escaped",
  (version) => {
    for (const options of [
      { login: "a\nb:c" },
      { passcode: "a\nb:c" },
      { headers: { x: "a\nb" } },
      { headers: { "x\n": "a" } },
      { headers: { "x:y": "a" } },
    ]) {
      const peer = newClient({ versions: [version] });
      expect(() => peer.session.connect(options)).toThrow(UNENCODABLE);
      peer.expectQuiet();
    }
    const peer = client(version);
    const inject = () => peer.session.message("/a\n\n\0SEND", "x", { headers: [["x\ny", "a\nb"]] });
    expect(version === "1.0" ? inject : () => peer.session.message("/a\0")).toThrow(UNENCODABLE);
    peer.expectQuiet();
    peer.session.message("/a\\b", "x");
    expect(peer.heard()).toContain(
      version === "1.0" ? "destination:/a\\b\n" : "destination:/a\\\\b\n",
    );
  },
);

rule(
  "C09",
  ALL,
  "server",
  "a line of one's own in CONNECTED fails, in ERROR it is flattened",
  (version) => {
    const accepting = newServer({}, { onConnect: () => ({ headers: { x: "a\nb" } }) });
    accepting.says(connect(version));
    expect(accepting.expectFailed("hook-failed")).toBe("ERROR\nmessage:internal error\n\n\0\n");
    const peer = server(version);
    peer.session.error("a\n\n\0SEND\r\n");
    const heard = peer.heard();
    expect(heard.split("\0")).toHaveLength(2);
    expect(heard.split("\n")[2]).toBe("");
  },
);

rule(
  "C10",
  ALL,
  "encoder",
  "one that is wrong is refused, one that is right stands once",
  (version) => {
    for (const length of ["4", "2", "x", "", "-3", "03x"]) {
      expect(() =>
        encodeFrame(
          { command: "SEND", headers: { "content-length": length }, body: "abc" },
          version,
        ),
      ).toThrow(expect.objectContaining({ code: "invalid-content-length" }));
    }
    const right = encodeFrame(
      { command: "SEND", headers: { "content-length": "3" }, body: "abc" },
      version,
    );
    expect(Buffer.from(right).toString()).toBe("SEND\ncontent-length:3\n\nabc\0");
  },
);

rule("C10", ALL, "client", "the engine's own and no other", (version) => {
  const peer = client(version);
  expect(() => peer.session.message("/a", "x", { headers: { "content-length": "1" } })).toThrow(
    OWNED,
  );
  expect(() => peer.session.subscribe("/a", { headers: { "content-length": "0" } })).toThrow(OWNED);
  peer.expectQuiet();
});

rule("C10", ALL, "server", "the engine's own and no other", (version) => {
  const peer = server(version);
  peer.says(subscribe());
  peer.course();
  const headers = { "content-length": "1" };
  expect(() => peer.session.message("1", { destination: "/a", body: "x", headers })).toThrow(OWNED);
  expect(() => peer.session.error("No", { headers, body: "x" })).toThrow(OWNED);
  peer.expectQuiet();
});

rule("C11", ALL, "encoder", "none is written where the version has none", (version) => {
  for (const command of ["ACK", "CONNECT", "RECEIPT", "PEEK"]) {
    const write = () => encodeFrame({ command, body: "x" }, version);
    if (version === "1.0") expect(write).not.toThrow();
    else expect(write).toThrow(expect.objectContaining({ code: "body-not-allowed" }));
  }
});

rule("C11", NEWER, "server", "a body on ACK is an ERROR, and the ACK does not count", (version) => {
  const peer = server(version);
  peer.says(subscribe("ack:client"));
  peer.deliver(1);
  peer.says(frame("ACK", ["id:a-1", "message-id:m-1", "subscription:1"], "x"));
  peer.expectError("body-not-allowed");
  expect(peer.session.closing?.unacknowledged).toHaveLength(1);
});

/** What a client of 1.2 may put into a SEND. */
const SENT = frame("SEND", [
  "destination:/a",
  "lf:1\\n2",
  "na\\cme:3",
  "cr:4\\r5",
  "plain:6",
  " id :7",
]);

const CARRIED: Readonly<Record<Version, readonly string[]>> = {
  "1.0": ["cr:4\r5", "plain:6", " id :7"],
  "1.1": ["lf:1\\n2", "na\\cme:3", "cr:4\r5", "plain:6", " id :7"],
  "1.2": ["lf:1\\n2", "na\\cme:3", "cr:4\\r5", "plain:6", " id :7"],
};

rule(
  "C21",
  ALL,
  "server",
  "each gets what its version can carry, and none fails for another",
  (version) => {
    const sender = server("1.2");
    sender.says(SENT);
    const headers = [...(sender.session.messages[0]?.userHeaders ?? [])];
    const prepared = new PreparedMessage({ destination: "/a", messageId: "7", headers });
    const peer = server(version);
    peer.says(subscribe());
    peer.course();
    peer.session.message("1", prepared);
    peer.session.message("1", { destination: "/a", messageId: "7", headers });
    const expected = served("MESSAGE", [
      "subscription:1",
      "message-id:7",
      "destination:/a",
      ...CARRIED[version],
    ]);
    expect(peer.heard()).toBe(expected.repeat(2));
    expect(prepared.omitted(version)).toEqual(version === "1.0" ? ["lf", "na:me"] : []);
  },
);

rule(
  "C21",
  ALL,
  "server",
  "a destination that cannot be carried throws, and the session goes on",
  (version) => {
    const peer = server(version);
    peer.says(subscribe("ack:client"));
    peer.course();
    const deliver = () => peer.session.message("1", { destination: "/a\nb" });
    if (version === "1.0") expect(deliver).toThrow(UNENCODABLE);
    else deliver();
    peer.expectAlive();
    expect([...peer.session.unacknowledged]).toHaveLength(version === "1.0" ? 0 : 1);
  },
);
