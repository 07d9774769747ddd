import {
  ApplicationError,
  type ErrorCode,
  ProtocolError,
  type ServerOptions,
  type Version,
} from "stomp-engine";
import { describe, expect, test } from "vitest";
import { codeOf, connected, hooks, pairOf, script, VERSIONS } from "./scripted.ts";

/** Every code there is: the compiler sees to that. */
const CODES: Readonly<Record<ErrorCode, true>> = {
  "malformed-frame": true,
  "malformed-header": true,
  "undefined-escape": true,
  "invalid-utf8": true,
  "invalid-content-length": true,
  "missing-nul": true,
  "body-not-allowed": true,
  "limit-exceeded": true,
  "unknown-command": true,
  "unexpected-command": true,
  "missing-header": true,
  "invalid-header": true,
  "version-mismatch": true,
  "unknown-subscription": true,
  "duplicate-subscription": true,
  "unknown-transaction": true,
  "duplicate-transaction": true,
  "unknown-acknowledgement": true,
  "already-acknowledged": true,
  "not-acknowledgeable": true,
  "pending-overflow": true,
  "not-connected": true,
  "already-connected": true,
  closed: true,
  "owned-header": true,
  unencodable: true,
  "invalid-option": true,
  "window-full": true,
  refused: true,
  "connection-lost": true,
  "connect-timeout": true,
  "disconnect-timeout": true,
  "heart-beat-lost": true,
  "receipt-timeout": true,
  "error-frame": true,
  stalled: true,
  "transport-failed": true,
  "hook-failed": true,
};

const provoked = new Set<string>();
type Pair = ReturnType<typeof connected>;

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

describe("a client that breaks the rules gets an ERROR, and is disconnected", () => {
  const OF_1_1: readonly Version[] = ["1.1", "1.2"];
  const rows: [ErrorCode, string, string | Uint8Array, (readonly Version[])?, ServerOptions?][] = [
    ["malformed-frame", "a space in a command", "SEND x\n\n\0"],
    ["malformed-frame", "a carriage return alone", "\rSEND\n\n\0", ["1.0", "1.1"]],
    ["malformed-header", "a line without a colon", "SEND\nx\n\n\0"],
    ["malformed-header", "a header without a name", "SEND\n:x\n\n\0"],
    ["malformed-header", "a NUL among the headers", "SEND\ndestination:/a\0\n\n\0"],
    ["undefined-escape", "\\t", "SEND\ndestination:\\t\n\n\0", OF_1_1],
    ["undefined-escape", "\\r in 1.1", "SEND\ndestination:\\r\n\n\0", ["1.1"]],
    ["undefined-escape", "a backslash at the end", "SEND\ndestination:\\\n\n\0", OF_1_1],
    ["invalid-utf8", "a header of Latin 1", bytes("SEND\ndestination:", [0xe4], "\n\n\0")],
    ["invalid-content-length", "-1", "SEND\ndestination:/a\ncontent-length:-1\n\nx\0"],
    [
      "invalid-content-length",
      "two that differ",
      "SEND\ndestination:/a\ncontent-length:1\ncontent-length:2\n\nx\0",
    ],
    ["missing-nul", "a content-length too short", "SEND\ndestination:/a\ncontent-length:1\n\nxy\0"],
    ["body-not-allowed", "a body on ACK", "ACK\nid:1\n\nx\0", OF_1_1],
    ["limit-exceeded", "a long command", "A".repeat(33)],
    ["limit-exceeded", "many headers", `SEND\n${"a:\n".repeat(101)}`],
    [
      "limit-exceeded",
      "a large body announced",
      "SEND\ndestination:/a\ncontent-length:9999999\n\n",
    ],
    [
      "limit-exceeded",
      "many subscriptions",
      "SUBSCRIBE\nid:1\ndestination:/1\n\n\0SUBSCRIBE\nid:2\ndestination:/2\n\n\0",
      VERSIONS,
      { limits: { maxSubscriptions: 1 } },
    ],
    [
      "limit-exceeded",
      "many transactions",
      "BEGIN\ntransaction:1\n\n\0BEGIN\ntransaction:2\n\n\0",
      VERSIONS,
      { limits: { maxTransactions: 1 } },
    ],
    [
      "limit-exceeded",
      "many frames in a transaction",
      `BEGIN\ntransaction:1\n\n\0${"SEND\ndestination:/a\ntransaction:1\n\n\0".repeat(2)}`,
      VERSIONS,
      { limits: { maxTransactionFrames: 1 } },
    ],
    [
      "limit-exceeded",
      "many bytes in a transaction",
      `BEGIN\ntransaction:1\n\n\0SEND\ndestination:/a\ntransaction:1\n\n${"x".repeat(99)}\0`,
      VERSIONS,
      { limits: { maxTransactionBytes: 99 } },
    ],
    ["unknown-command", "send", "send\ndestination:/a\n\n\0"],
    ["unknown-command", "constructor", "constructor\n\n\0"],
    ["unknown-command", "NACK in 1.0", "NACK\nmessage-id:1\n\n\0", ["1.0"]],
    ["unexpected-command", "CONNECT again", "CONNECT\n\n\0"],
    ["unexpected-command", "STOMP again", "STOMP\n\n\0"],
    [
      "unexpected-command",
      "MESSAGE",
      "MESSAGE\ndestination:/a\nmessage-id:1\nsubscription:1\n\n\0",
    ],
    ["missing-header", "SEND without destination", "SEND\n\n\0"],
    ["missing-header", "SUBSCRIBE without destination", "SUBSCRIBE\nid:1\n\n\0"],
    ["missing-header", "SUBSCRIBE without id", "SUBSCRIBE\ndestination:/a\n\n\0", OF_1_1],
    ["missing-header", "UNSUBSCRIBE without id", "UNSUBSCRIBE\ndestination:/a\n\n\0", OF_1_1],
    ["missing-header", "UNSUBSCRIBE without either", "UNSUBSCRIBE\n\n\0", ["1.0"]],
    ["missing-header", "ACK without message-id", "ACK\nsubscription:1\n\n\0", ["1.0", "1.1"]],
    ["missing-header", "ACK without subscription", "ACK\nmessage-id:1\n\n\0", ["1.1"]],
    ["missing-header", "ACK without id", "ACK\nmessage-id:1\nsubscription:1\n\n\0", ["1.2"]],
    ["missing-header", "NACK without id", "NACK\nmessage-id:1\nsubscription:1\n\n\0", ["1.2"]],
    ["missing-header", "BEGIN without transaction", "BEGIN\n\n\0"],
    ["missing-header", "COMMIT without transaction", "COMMIT\n\n\0"],
    ["missing-header", "ABORT without transaction", "ABORT\n\n\0"],
    [
      "invalid-header",
      "an ack mode that is none",
      "SUBSCRIBE\nid:1\ndestination:/a\nack:maybe\n\n\0",
    ],
    [
      "invalid-header",
      "client-individual in 1.0",
      "SUBSCRIBE\nid:1\ndestination:/a\nack:client-individual\n\n\0",
      ["1.0"],
    ],
    ["invalid-header", "an empty destination", "SEND\ndestination:\n\n\0"],
    ["unknown-subscription", "UNSUBSCRIBE", "UNSUBSCRIBE\nid:1\n\n\0"],
    [
      "unknown-subscription",
      "UNSUBSCRIBE by destination",
      "UNSUBSCRIBE\ndestination:/a\n\n\0",
      ["1.0"],
    ],
    [
      "duplicate-subscription",
      "SUBSCRIBE",
      "SUBSCRIBE\nid:1\ndestination:/a\n\n\0SUBSCRIBE\nid:1\ndestination:/b\n\n\0",
    ],
    [
      "duplicate-subscription",
      "SUBSCRIBE by destination",
      "SUBSCRIBE\ndestination:/a\n\n\0SUBSCRIBE\ndestination:/a\n\n\0",
      ["1.0"],
    ],
    ["unknown-transaction", "SEND", "SEND\ndestination:/a\ntransaction:1\n\n\0"],
    ["unknown-transaction", "ACK", "ACK\nid:1\nmessage-id:1\nsubscription:1\ntransaction:1\n\n\0"],
    [
      "unknown-transaction",
      "NACK",
      "NACK\nid:1\nmessage-id:1\nsubscription:1\ntransaction:1\n\n\0",
      OF_1_1,
    ],
    ["unknown-transaction", "COMMIT", "COMMIT\ntransaction:1\n\n\0"],
    ["unknown-transaction", "ABORT", "ABORT\ntransaction:1\n\n\0"],
    [
      "unknown-transaction",
      "COMMIT twice",
      "BEGIN\ntransaction:1\n\n\0COMMIT\ntransaction:1\n\n\0COMMIT\ntransaction:1\n\n\0",
    ],
    ["duplicate-transaction", "BEGIN", "BEGIN\ntransaction:1\n\n\0BEGIN\ntransaction:1\n\n\0"],
    ["unknown-acknowledgement", "ACK", "ACK\nid:1\nmessage-id:1\nsubscription:1\n\n\0"],
    ["unknown-acknowledgement", "NACK", "NACK\nid:1\nmessage-id:1\nsubscription:1\n\n\0", OF_1_1],
  ];
  const cases = rows.flatMap(([code, what, wire, versions = VERSIONS, options]) =>
    versions.map((version) => ({ code, what, wire, version, options })),
  );

  test.each(cases)("$code: $what ($version)", ({ code, wire, version, options = {} }) => {
    const pair = connected(version, { server: options });
    pair.toServer.inject(wire);
    // Nothing behind it is processed.
    pair.toServer.inject("SEND\ndestination:/after\n\n\0");
    const lines = pair.drive();
    expect(lines.filter((line) => line.startsWith("S> ")).map((line) => line.slice(0, 8))).toEqual([
      "S> ERROR",
      "S> (end)",
    ]);
    expect(hooks(lines).slice(-4)).toEqual([
      `S! onError ${code}`,
      `S! onClose error ${code}`,
      "C! onError error-frame",
      "C! onClose error error-frame",
    ]);
    expect(lines).not.toContain("S! onMessage /after");
    expect(pair.server.closing?.error).toBe(pair.server.errors[0]);
    provoked.add(code);
  });

  const ofSession = cases.filter(({ code }) =>
    /^(unknown|missing-h|duplicate|invalid-h)/.test(code),
  );
  test.each(ofSession)("$code: $what names its receipt ($version)", (row) => {
    const { code, wire, version } = row;
    const pair = connected(version);
    const last = String(wire).lastIndexOf("\n\n");
    pair.toServer.inject(`${String(wire).slice(0, last)}\nreceipt:r${String(wire).slice(last)}`);
    const error = pair.drive().find((line) => line.startsWith("S> ERROR"));
    expect(error).toMatch(/ receipt-id:r$/);
    expect(pair.server.errors[0]?.code).toBe(code);
  });

  test("a second CONNECT names none: it may not ask for one", () => {
    const pair = connected();
    pair.toServer.inject("CONNECT\nreceipt:r\n\n\0");
    expect(pair.drive().join()).not.toContain("receipt-id");
  });

  test.each([
    [
      "version-mismatch",
      "no version in common",
      "CONNECT\naccept-version:2.0,1.10,11.2\nhost:/\n\n\0",
    ],
    ["version-mismatch", "an empty accept-version", "CONNECT\naccept-version:\nhost:/\n\n\0"],
    ["version-mismatch", "spaces, strictly", "CONNECT\naccept-version:1.3, 1.2\nhost:/\n\n\0"],
    ["missing-header", "no host, strictly", "CONNECT\naccept-version:1.2\n\n\0"],
    [
      "invalid-header",
      "a heart-beat that is none",
      "CONNECT\naccept-version:1.1\nhost:/\nheart-beat:1\n\n\0",
    ],
    ["unexpected-command", "SEND before CONNECT", "SEND\ndestination:/a\n\n\0"],
    ["unexpected-command", "an unknown command before CONNECT", "GET\n\n\0"],
    ["malformed-frame", "HTTP", "GET / HTTP/1.1\r\n\r\n"],
    ["malformed-frame", "TLS", bytes([0x16, 3, 1, 2, 0, 1, 0], [1, 1], "x".repeat(99))],
    ["limit-exceeded", "a large header", `CONNECT\nx:${"x".repeat(16_400)}`],
    ["body-not-allowed", "a body", "CONNECT\ncontent-length:1\n\nx\0"],
  ] as const)("%s: %s while connecting", (code, _, wire) => {
    const pair = pairOf({ server: { strict: true } });
    pair.toServer.inject(wire);
    const lines = pair.drive();
    expect(hooks(lines).filter((line) => line.startsWith("S!"))).toEqual([
      `S! onError ${code}`,
      `S! onClose error ${code}`,
    ]);
    expect(lines.find((line) => line.startsWith("S> ERROR"))).toBeDefined();
    provoked.add(code);
  });

  test("version-mismatch tells the versions, in a header and in the body", () => {
    const pair = pairOf({ server: { versions: ["1.1", "1.2"] } });
    pair.toServer.inject("CONNECT\n\n\0");
    expect(pair.drive()).toContain(
      'S> ERROR message:"Supported versions are 1.1 1.2" version:1.1,1.2 content-type:text/plain "Supported versions are 1.1 1.2"',
    );
  });

  test("an ERROR reflects nothing that the client sent", () => {
    for (const { wire, version, options = {} } of cases) {
      const pair = connected(version, { server: options });
      pair.toServer.inject(typeof wire === "string" ? wire.replaceAll("/a", "/SECRET") : wire);
      const error = pair.drive().find((line) => line.startsWith("S> ERROR"));
      expect(error).toBeDefined();
      expect(error).not.toContain("SECRET");
      expect(error?.length).toBeLessThan(120);
    }
  });
});

describe("a server that breaks the rules is left", () => {
  const message = "MESSAGE\ndestination:/a\nmessage-id:1\nsubscription:1\n";
  const OF_1_1: readonly Version[] = ["1.1", "1.2"];
  const rows: [ErrorCode, string, string | Uint8Array, (readonly Version[])?][] = [
    ["malformed-frame", "a space in a command", "MESSAGE x\n\n\0"],
    ["malformed-header", "a line without a colon", "MESSAGE\nx\n\n\0"],
    ["undefined-escape", "\\t", "MESSAGE\nx:\\t\n\n\0", OF_1_1],
    ["invalid-utf8", "a header of Latin 1", bytes("MESSAGE\nx:", [0xe4], "\n\n\0")],
    ["invalid-content-length", "2x", `${message}content-length:2x\n\nxx\0`],
    ["missing-nul", "a content-length too short", `${message}content-length:1\n\nxx\0`],
    ["body-not-allowed", "a body on RECEIPT", "RECEIPT\nreceipt-id:1\n\nx\0", OF_1_1],
    ["limit-exceeded", "a large body", `${message}content-length:9999999\n\n`],
    ["unknown-command", "PING", "PING\n\n\0"],
    ["unknown-command", "toString", "toString\n\n\0"],
    ["unexpected-command", "SEND", "SEND\ndestination:/a\n\n\0"],
    ["unexpected-command", "CONNECTED again", "CONNECTED\nversion:1.2\n\n\0"],
    [
      "missing-header",
      "MESSAGE without message-id",
      "MESSAGE\ndestination:/a\nsubscription:1\n\n\0",
    ],
    [
      "missing-header",
      "MESSAGE without subscription",
      "MESSAGE\ndestination:/a\nmessage-id:1\n\n\0",
      OF_1_1,
    ],
    [
      "missing-header",
      "MESSAGE without destination",
      "MESSAGE\nmessage-id:1\nsubscription:1\n\n\0",
    ],
    ["missing-header", "RECEIPT without receipt-id", "RECEIPT\n\n\0"],
    [
      "invalid-header",
      "an empty destination",
      "MESSAGE\ndestination:\nmessage-id:1\nsubscription:1\n\n\0",
    ],
  ];
  const cases = rows.flatMap(([code, what, wire, versions = VERSIONS]) =>
    versions.map((version) => ({ code, what, wire, version })),
  );

  test.each(cases)("$code: $what ($version)", ({ code, wire, version }) => {
    const pair = connected(version);
    pair.toClient.inject(wire);
    pair.toClient.inject(`${message}\n\0`);
    expect(pair.drive().filter((line) => line.startsWith("C"))).toEqual([
      "C> (end)",
      `C! onError ${code}`,
      `C! onClose error ${code}`,
    ]);
    expect(pair.client.closing?.error).toBe(pair.client.errors[0]);
    provoked.add(code);
  });

  test.each([
    ["version-mismatch", "CONNECTED\nversion:1.2\n\n\0"],
    ["version-mismatch", "CONNECTED\nversion:9.9\n\n\0"],
    ["version-mismatch", "CONNECTED\n\n\0"],
    ["invalid-header", "CONNECTED\nversion:1.1\nheart-beat:a,b\n\n\0"],
    ["unexpected-command", `${message}\n\0`],
    ["unexpected-command", "RECEIPT\nreceipt-id:1\n\n\0"],
    ["error-frame", "ERROR\nmessage:no\n\nwhy\0"],
  ] as const)("%s while connecting: %j", (code, wire) => {
    const pair = pairOf({});
    pair.client.connect({ versions: ["1.1"] });
    pair.toClient.inject(wire);
    pair.toServer.held = true;
    expect(pair.drive().filter((line) => line.startsWith("C!"))).toEqual([
      `C! onError ${code}`,
      `C! onClose error ${code}`,
    ]);
    provoked.add(code);
  });

  test("unexpected-command before CONNECT; a heart-beat is none", () => {
    const pair = pairOf({});
    pair.toClient.inject("\n\n");
    expect(pair.drive().slice(1)).toEqual([]);
    pair.toClient.inject("CONNECTED\nversion:1.2\n\n\0");
    expect(hooks(pair.drive())).toContain("C! onClose error unexpected-command");
  });
});

describe("a caller's mistake is thrown", () => {
  const by = (code: ErrorCode, call: () => unknown) => {
    expect(codeOf(call)).toBe(code);
    provoked.add(code);
  };

  test("not-connected, already-connected, closed", () => {
    const pair = pairOf({});
    by("not-connected", () => pair.client.message("/a"));
    by("not-connected", () => pair.server.message("0", { destination: "/a" }));
    by("not-connected", () => pair.server.drop("0"));
    pair.client.connect();
    by("not-connected", () => pair.client.message("/a"));
    by("already-connected", () => pair.client.connect());
    by("already-connected", () =>
      pair.client.restore({ session: undefined, subscriptions: [], nextId: 1 }),
    );
    pair.drive();
    by("already-connected", () => pair.client.connect());
    pair.client.disconnect({ receipt: false });
    pair.drive();
    by("closed", () => pair.client.connect());
    by("closed", () => pair.client.message("/a"));
    by("closed", () => pair.client.disconnect());
    by("closed", () => pair.server.message("0", { destination: "/a" }));
    by("closed", () => pair.server.drop("0"));
    by("closed", () => pair.server.error("x"));
  });

  test.each(VERSIONS)("owned-header, unencodable, invalid-header (%s)", (version) => {
    const { client, server } = connectedWithSubscription(version);
    by("owned-header", () => client.message("/a", "", { headers: { receipt: "1" } }));
    by("owned-header", () => client.subscribe("/a", { headers: { id: "1" } }));
    by("owned-header", () => server.message("0", { destination: "/a", headers: { ack: "1" } }));
    by("owned-header", () => server.error("x", { headers: { message: "1" } }));
    by("unencodable", () => client.message("/a", "", { headers: { k: "\0" } }));
    by("unencodable", () => client.message("a\0b", "", { contentLength: false }));
    by("unencodable", () => client.message("/a", Uint8Array.of(0), { contentLength: false }));
    by("unencodable", () => server.message("0", { destination: "\ud800" }));
    by("unencodable", () => server.error("x", { headers: { "": "1" } }));
    by("unencodable", () => client.message("/a", () => {}));
    if (version === "1.0") by("unencodable", () => client.message("a\nb"));
    by("invalid-header", () => client.message(""));
    by("invalid-header", () => client.subscribe(undefined as never));
    by("invalid-header", () => client.message("/a", "", { headers: { k: 1 as never } }));
  });

  test("unencodable and owned-header of CONNECT, which nothing is escaped in", () => {
    const { client } = pairOf({});
    by("unencodable", () => client.connect({ login: "a\nb" }));
    by("unencodable", () => client.connect({ passcode: "a\rb", versions: ["1.0"] }));
    by("unencodable", () => client.connect({ headers: { "a:b": "1" } }));
    by("owned-header", () => client.connect({ headers: { host: "1" } }));
    by("invalid-option", () => client.connect({ versions: [] }));
    by("invalid-option", () => client.connect({ command: "SEND" as never }));
  });

  test.each(VERSIONS)("of ids and transactions (%s)", (version) => {
    const { client, server } = connectedWithSubscription(version);
    by("duplicate-subscription", () => client.subscribe("/b", { id: "0" }));
    by("unknown-subscription", () => client.unsubscribe("1"));
    by("unknown-subscription", () => client.resubscribe(["1"]));
    by("unknown-subscription", () => server.message("1", { destination: "/a" }));
    by("unknown-subscription", () => server.drop("1"));
    const transaction = client.begin({ id: "t" });
    by("duplicate-transaction", () => client.begin({ id: "t" }));
    client.abort(transaction);
    by("unknown-transaction", () => client.abort(transaction));
    by("unknown-transaction", () => client.commit(transaction));
    by("unknown-transaction", () => client.message("/a", "", { transaction }));
    by("invalid-option", () => client.subscribe("/a", { ack: "never" as never }));
    by("invalid-option", () => client.message("/a", "", { receiptTimeoutMs: Number.NaN }));
    client.message("/a", "", { receipt: "r" });
    by("invalid-option", () => client.message("/a", "", { receipt: "r" }));
    if (version === "1.0") {
      by("invalid-option", () => client.subscribe("/a", { ack: "client-individual" }));
      by("unknown-command", () => client.nack({ subscription: "0", messageId: "1", ackId: "1" }));
    }
  });

  test.each(VERSIONS)("of acknowledgements (%s)", (version) => {
    const pair = connectedWithSubscription(version);
    const { client, server } = pair;
    client.subscribe("/b", { id: "auto" });
    pair.drive();
    server.message("0", { destination: "/a" });
    server.message("auto", { destination: "/b" });
    pair.drive();
    const [manual, auto] = client.messages;
    by("not-acknowledgeable", () => auto?.ack());
    if (version !== "1.0") by("not-acknowledgeable", () => auto?.nack());
    const nothing = { subscription: undefined, messageId: undefined as never, ackId: undefined };
    by("not-acknowledgeable", () => client.ack(nothing));
    manual?.ack();
    by("already-acknowledged", () => manual?.ack());
    if (version !== "1.0") by("already-acknowledged", () => manual?.nack());
  });

  test("window-full", () => {
    const pair = connectedWithSubscription("1.2", { limits: { maxUnacknowledged: 1 } });
    pair.server.message("0", { destination: "/a" });
    by("window-full", () => pair.server.message("0", { destination: "/a" }));
    pair.drive();
    pair.client.messages[0]?.ack();
    pair.drive();
    pair.server.message("0", { destination: "/a" });
    const none = connectedWithSubscription("1.2", { limits: { maxUnacknowledged: 0 } });
    by("window-full", () => none.server.message("0", { destination: "/a" }));
  });

  test("invalid-option: an ackId that is in use", () => {
    const { server } = connectedWithSubscription("1.2");
    server.message("0", { destination: "/a" }, { ackId: "a-2" });
    by("invalid-option", () => server.message("0", { destination: "/a" }, { ackId: "a-2" }));
    // One of our own is another one then.
    expect(server.message("0", { destination: "/a" }).ackId).toBe("a-3");
    expect(server.message("0", { destination: "/a" }).ackId).toBe("a-4");
  });
});

function connectedWithSubscription(version: Version, server: ServerOptions = {}): Pair {
  const pair = connected(version, { server });
  pair.client.subscribe("/a", { id: "0", ack: "client" });
  pair.drive();
  return pair;
}

describe("a link that fails", () => {
  test("connection-lost, on both sides", () => {
    const pair = connected();
    const cause = new Error("reset");
    expect(pair.cut(cause)).toEqual([
      "-- cut",
      "C> (end now)",
      "C! onError connection-lost",
      "C! onClose lost connection-lost",
      "S> (end now)",
      "S! onError connection-lost",
      "S! onClose lost connection-lost",
    ]);
    expect([pair.client.closing?.cause, pair.client.errors[0]?.cause]).toEqual([cause, cause]);
    provoked.add("connection-lost");
  });

  test.each(["client", "server"] as const)("pending-overflow: more than a %s can hold", (side) => {
    const pair = connected("1.2", { [side]: { limits: { maxPendingBytes: 10 } } });
    pair[side].pause();
    const lane = side === "client" ? pair.toClient : pair.toServer;
    lane.pausable = false;
    lane.inject("12345");
    lane.inject("67890");
    pair.drive();
    expect(pair[side].state).toBe("connected");
    lane.inject("1");
    expect(hooks(pair.drive())).toContain(
      `${side === "client" ? "C" : "S"}! onClose error pending-overflow`,
    );
    provoked.add("pending-overflow");
  });

  test("stalled, connect-timeout, disconnect-timeout, heart-beat-lost, receipt-timeout", async () => {
    const stalled = connected();
    stalled.toServer.held = true;
    stalled.toServer.capacityBytes = 1;
    stalled.client.message("/a");
    expect(hooks(stalled.advance(31_000))).toContain("C! onClose lost stalled");

    const connecting = pairOf({});
    connecting.client.connect();
    connecting.toServer.held = true;
    const lines = hooks(connecting.advance(11_000));
    expect(lines).toContain("C! onClose lost connect-timeout");
    expect(lines).toContain("S! onClose lost connect-timeout");

    const leaving = connected();
    leaving.toServer.held = true;
    const receipt = leaving.client.message("/a", "", { receipt: true, receiptTimeoutMs: 1_000 });
    leaving.client.disconnect();
    expect(hooks(leaving.advance(6_000))).toContain("C! onClose lost disconnect-timeout");
    await expect(receipt?.done).rejects.toMatchObject({ code: "receipt-timeout" });

    const silent = pairOf({});
    silent.client.connect();
    silent.drive();
    silent.toServer.held = silent.toClient.held = true;
    const last = hooks(silent.advance(21_000));
    expect(last).toContain("C! onClose lost heart-beat-lost");
    expect(last).toContain("S! onClose lost heart-beat-lost");
    for (const code of [
      "stalled",
      "connect-timeout",
      "disconnect-timeout",
      "heart-beat-lost",
      "receipt-timeout",
    ]) {
      provoked.add(code);
    }
  });

  test.each(["client", "server"] as const)("transport-failed on a %s", (side) => {
    const pair = connectedWithSubscription("1.2");
    const cause = new Error("EPIPE");
    script(pair[side], {
      sendData: () => {
        throw cause;
      },
    });
    if (side === "client") pair.client.message("/a");
    else pair.server.message("0", { destination: "/a" });
    const name = side === "client" ? "C" : "S";
    expect(
      pair.drive().filter((line) => line.startsWith(`${name}!`) || line.includes("end")),
    ).toEqual(
      expect.arrayContaining([
        `${name}> (end now)`,
        `${name}! onError transport-failed`,
        `${name}! onClose lost transport-failed`,
      ]),
    );
    expect(pair[side].closing?.cause).toBe(cause);
    provoked.add("transport-failed");
  });
});

describe("a hook that fails", () => {
  test("hook-failed ends a server", () => {
    const pair = connected();
    const cause = new TypeError("a bug");
    script(pair.server, {
      onMessage: () => {
        throw cause;
      },
    });
    pair.client.message("/a", "", { receipt: "1" });
    expect(pair.drive()).toContain('S> ERROR message:"internal error" receipt-id:1');
    expect(pair.server.closing).toMatchObject({
      reason: "error",
      error: { code: "hook-failed", cause },
    });
    provoked.add("hook-failed");
  });

  test("hook-failed is told by a client, which goes on", async () => {
    const pair = connected();
    pair.client.subscribe("/a", { id: "0" });
    pair.drive();
    const causes = [new Error("at once"), new Error("later")];
    const thrown = [...causes];
    script(pair.client, {
      onMessage: () => {
        const cause = thrown.shift();
        if (cause?.message === "later") return Promise.reject(cause);
        throw cause;
      },
    });
    for (const _ of causes) pair.server.message("0", { destination: "/a" });
    await pair.settle();
    expect(pair.client.errors.map(({ code, cause }) => [code, cause])).toEqual(
      causes.map((cause) => ["hook-failed", cause]),
    );
    expect(pair.client.state).toBe("connected");
  });

  test("refused: what an ApplicationError says goes to the client", () => {
    const pair = connected();
    const refusal = new ApplicationError("no such shop", { headers: { k: "v" }, body: { a: 1 } });
    script(pair.server, {
      onMessage: () => {
        throw refusal;
      },
    });
    pair.client.message("/a", "", { receipt: "1" });
    expect(pair.drive()).toContain(
      'S> ERROR message:"no such shop" receipt-id:1 content-type:application/json k:v "{\\"a\\":1}"',
    );
    expect(pair.server.errors).toEqual([refusal]);
    provoked.add("refused");
  });

  test("what an ApplicationError cannot say makes it a hook that failed", () => {
    const pair = connected();
    script(pair.server, {
      onMessage: () => {
        throw new ApplicationError("no", { headers: { message: "mine" } });
      },
    });
    pair.client.message("/a", "", { receipt: "1" });
    expect(pair.drive()).toContain('S> ERROR message:"internal error" receipt-id:1');
    expect(pair.server.errors[0]).toMatchObject({
      code: "hook-failed",
      cause: { code: "owned-header" },
    });
  });

  test("nor does an ApplicationError speak that is thrown while another one is written", () => {
    const failing = (inner: ApplicationError) =>
      new ApplicationError("outer", {
        headers: {
          get k(): string {
            throw inner;
          },
        },
      });
    const endless = new ApplicationError("inner", { headers: { message: "mine" } });
    for (const inner of [new ApplicationError("inner"), endless, failing(endless)]) {
      const pair = connected();
      script(pair.server, {
        onMessage: () => {
          throw failing(inner);
        },
      });
      pair.client.message("/a", "", { receipt: "1" });
      expect(pair.drive()).toContain('S> ERROR message:"internal error" receipt-id:1');
      expect(pair.server.errors[0]).toMatchObject({ code: "hook-failed", cause: inner });
      expect(pair.server.closing?.reason).toBe("error");
    }
  });

  test("a caller's mistake within a hook is none of the client's business", () => {
    const pair = connected();
    script(pair.server, { onMessage: () => pair.server.message("x", { destination: "/a" }) });
    pair.client.message("/a");
    expect(pair.drive()).toContain('S> ERROR message:"internal error"');
    expect(pair.server.errors[0]?.cause).toBeInstanceOf(ProtocolError);
  });
});

test("every code there is was provoked", () => {
  expect([...provoked].sort()).toEqual(Object.keys(CODES).sort());
});
