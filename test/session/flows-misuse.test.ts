import { StompError, type Transaction, type Version } from "stomp-engine";
import { describe, expect, test } from "vitest";
import {
  connected,
  connectedClient,
  connectedServer,
  LoneClient,
  LoneServer,
  script,
  VERSIONS,
} from "./scripted.ts";

/** All of a session that a caller can see. */
function seen(session: LoneClient | LoneServer): unknown {
  return JSON.parse(
    JSON.stringify({
      state: session.state,
      version: session.version,
      writable: session.writable,
      snapshot: session.snapshot(),
      subscriptions: [...session.subscriptions],
      transactions: [...session.transactions],
      unacknowledged: session instanceof LoneServer ? [...session.unacknowledged] : [],
      sent: session.sent,
      told: session.told,
      ends: session.ends,
    }),
  );
}

/** A client with one of everything. */
function client(version: Version) {
  const session = connectedClient(version);
  session.subscribe("/a", { id: "s", ack: "client" });
  session.subscribe("/a", { id: "auto" });
  session.message("/a", "", { receipt: "r" });
  const transaction = session.begin({ id: "t" });
  const frame = (subscription: string) =>
    `MESSAGE\nmessage-id:1\nsubscription:${subscription}\ndestination:/a\n${subscription === "s" ? "ack:1\n" : ""}\n\0`;
  session.receiveData(frame("s") + frame("s") + frame("auto"));
  session.messages[0]?.ack();
  return { session, transaction, gone: { id: "gone", receipt: undefined } };
}

type Client = ReturnType<typeof client>;
const bad = { headers: { k: "\0" } };
const number = { headers: { k: 1 as never } };
const owned = { headers: { receipt: "x" } };
const used = { receipt: "r" };
const late = { receiptTimeoutMs: -1 };
const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;
const target = { subscription: "s", messageId: "2", ackId: "2" };

const OF_A_CLIENT: Readonly<Record<string, (client: Client) => unknown>> = {
  "connect() again": ({ session }) => session.connect(),
  "restore()": ({ session }) =>
    session.restore({ session: undefined, subscriptions: [], nextId: 1 }),
  "message() to nowhere": ({ session }) => session.message(""),
  "message() to a number": ({ session }) => session.message(7 as never),
  "message() of a cycle": ({ session }) => session.message("/a", cyclic),
  "message() of a function": ({ session }) => session.message("/a", (() => {}) as never),
  "message() with a NUL and no length": ({ session }) =>
    session.message("/a", "\0", { contentLength: false }),
  "message() in no transaction": ({ session, gone }) =>
    session.message("/a", "", { transaction: gone }),
  "message() with a content type that cannot be": ({ session }) =>
    session.message("/a", "", { contentType: "\0" }),
  "message() with a number for a content type": ({ session }) =>
    session.message("/a", "x", { contentType: 5 as never }),
  "message() with a number for a receipt": ({ session }) =>
    session.message("/a", "x", { receipt: 7 as never }),
  "subscribe() with a number for an id": ({ session }) =>
    session.subscribe("/a", { id: 0 as never }),
  "begin() with a number for an id": ({ session }) => session.begin({ id: 1 as never }),
  "ack() of numbers": ({ session }) =>
    session.ack({ subscription: 1 as never, messageId: 2 as never, ackId: 3 as never }),
  "subscribe() again": ({ session }) => session.subscribe("/a", { id: "s" }),
  "subscribe() to nowhere": ({ session }) => session.subscribe(""),
  "subscribe() in a mode that is none": ({ session }) =>
    session.subscribe("/a", { ack: "x" as never }),
  "subscribe() with an id that cannot be": ({ session }) => session.subscribe("/a", { id: "\0" }),
  "unsubscribe() from what is not": ({ session }) => session.unsubscribe("x"),
  "resubscribe() to what is not": ({ session }) => session.resubscribe(["s", "x"]),
  "ack() twice": ({ session }) => session.messages[0]?.ack(),
  "ack() on an auto subscription": ({ session }) => session.messages[2]?.ack(),
  "ack() of nothing": ({ session }) =>
    session.ack({ messageId: undefined as never, subscription: undefined, ackId: undefined }),
  "ack() in no transaction": ({ session, gone }) => session.messages[1]?.ack({ transaction: gone }),
  "begin() again": ({ session }) => session.begin({ id: "t" }),
  "commit() of nothing": ({ session, gone }) => session.commit(gone),
  "abort() of nothing": ({ session, gone }) => session.abort(gone),
  ...Object.fromEntries(
    Object.entries({ bad, number, owned, used, late }).flatMap(([name, options]) =>
      Object.entries({
        "message()": ({ session }: Client) => session.message("/a", "x", options),
        "subscribe()": ({ session }: Client) => session.subscribe("/a", options),
        "unsubscribe()": ({ session }: Client) => session.unsubscribe("s", options),
        "ack()": ({ session }: Client) => session.ack(target, options),
        "message.ack()": ({ session }: Client) => session.messages[1]?.ack(options),
        "begin()": ({ session }: Client) => session.begin(options),
        "commit()": ({ session, transaction }: Client) => session.commit(transaction, options),
        "abort()": ({ session, transaction }: Client) => session.abort(transaction, options),
        "disconnect()": ({ session }: Client) => session.disconnect(options),
      }).map(([command, call]) => [`${command} with ${name} options`, call]),
    ),
  ),
};

describe.each(VERSIONS)("in %s, a mistake of the caller changes nothing on a client", (version) => {
  test.each(Object.keys(OF_A_CLIENT))("%s", (name) => {
    const subject = client(version);
    const before = seen(subject.session);
    expect(() => OF_A_CLIENT[name]?.(subject)).toThrow(StompError);
    expect(seen(subject.session)).toEqual(before);
    // And the same command is possible, done well.
    expect(subject.session.messages[1]?.ack({ receipt: true })?.id).toBe("receipt-1");
    subject.session.receiveData("RECEIPT\nreceipt-id:r\n\n\0");
    expect(subject.session.told.at(-1)).toBe("onReceipt r");
  });
});

test("a mistake in one session spoils no frame of another", () => {
  const mistakes = Object.values(OF_A_CLIENT);
  const one = connectedClient();
  const course = () => {
    one.sent.length = 0;
    one.message("/a", "SEND\ndestination:/evil\n\nx", { receipt: "r1" });
    one.subscribe("/a", { id: "s1" });
    one.begin({ id: "t1" });
    one.ack(target);
    return [...one.sent];
  };
  const expected = course();
  for (const mistake of mistakes) {
    expect(() => mistake(client("1.2"))).toThrow(StompError);
    one.receiveData("RECEIPT\nreceipt-id:r1\n\n\0");
    one.unsubscribe("s1");
    one.abort(one.transactions.get("t1") as Transaction);
    expect(course()).toEqual(expected);
  }
});

test("with spaces around it, a header is still STOMP's where a peer may trim", () => {
  const headers = { "version ": "1.2", "message ": "x", " passcode": "x" };
  for (const version of VERSIONS) {
    const client = new LoneClient();
    const connect = () => client.connect({ versions: [version], headers });
    const server = new LoneServer();
    script(server, { onConnect: () => ({ headers }) });
    server.receiveData(`CONNECT\naccept-version:${version}\nhost:/\n\n\0`);
    const error = () => connectedServer(version).error("no", { headers });
    if (version === "1.0") {
      expect(connect).toThrow(StompError);
      expect(client.state).toBe("idle");
      expect(server.state).toBe("closed");
      expect(error).toThrow(StompError);
    } else {
      expect(connect).not.toThrow();
      expect(server.state).toBe("connected");
      expect(error).not.toThrow();
    }
  }
  const both = () => new LoneClient().connect({ headers });
  expect(both).toThrow(StompError);
});

test("an ackId that is no text is none", () => {
  const session = server("1.2");
  const before = seen(session);
  const given = { ackId: 5 as never };
  expect(() => session.message("s", { destination: "/a" }, given)).toThrow(StompError);
  expect(seen(session)).toEqual(before);
});

test("in 1.0, where the peer trims, an id with spaces around it would become another", () => {
  for (const version of VERSIONS) {
    const { session, transaction } = client(version);
    const from = server(version);
    for (const command of [
      () => session.message("/a", "", { receipt: " r1" }),
      () => session.subscribe("/a", { id: "i " }),
      () => session.begin({ id: "\tt1" }),
      () => session.message(" /a", ""),
      () => session.message("/a", "", { transaction, headers: { "receipt ": "1" } }),
      () => from.message("auto", { destination: "/a", messageId: "m1 " }),
      () => from.message("auto", { destination: "  " }),
    ]) {
      if (version === "1.0") expect(command).toThrow(StompError);
      else expect(command).not.toThrow();
    }
  }
});

const prepared = { destination: "\u{10ffff}\ud800" };

/** A server with one of everything. */
function server(version: Version) {
  const session = connectedServer(version, { limits: { maxUnacknowledged: 2 } });
  session.receiveData(
    "SUBSCRIBE\nid:s\ndestination:/a\nack:client\n\n\0SUBSCRIBE\nid:auto\ndestination:/a\n\n\0BEGIN\ntransaction:t\n\n\0",
  );
  session.message("s", { destination: "/a" }, { ackId: "taken", token: "token" });
  return session;
}

const OF_A_SERVER: Readonly<Record<string, (session: LoneServer) => unknown>> = {
  "message() to what is not": (session) => session.message("x", { destination: "/a" }),
  "message() to another session's subscription": (session) => {
    const other = server("1.2").subscriptions.get("s");
    return session.message(other ?? "x", { destination: "/a" });
  },
  "message() with a header of ours": (session) =>
    session.message("s", { destination: "/a", headers: { ack: "1" } }),
  "message() with a header that cannot be": (session) =>
    session.message("s", { destination: "/a", headers: { k: "\0" } }),
  "message() with a destination that cannot be": (session) => session.message("s", prepared),
  "message() with an id that cannot be": (session) =>
    session.message("s", { destination: "/a", messageId: "\0" }),
  "message() of a cycle": (session) => session.message("s", { destination: "/a", body: cyclic }),
  "message() to nowhere": (session) => session.message("s", { destination: "" }),
  "message() to a number": (session) => session.message("s", { destination: 1 as never }),
  "message() with a number for an id": (session) =>
    session.message("s", { destination: "/a", messageId: 1 as never }),
  "message() with a number for a content type": (session) =>
    session.message("s", { destination: "/a", contentType: 1 as never }),
  "receiveData() of what has no octets": (session) =>
    session.receiveData(new ArrayBuffer(8) as never),
  "receiveData() of a list of octets": (session) => session.receiveData([10, 10] as never),
  "receiveData() of a view that is no array": (session) =>
    session.receiveData(new DataView(new ArrayBuffer(8)) as never),
  "receiveData() of numbers that are no octets": (session) =>
    session.receiveData(Uint16Array.of(10) as never),
  "drop() of what is not": (session) => session.drop("x"),
  "error() with a header of ours": (session) => session.error("x", { headers: { message: "1" } }),
  "error() with a header that cannot be": (session) => session.error("x", { headers: { k: "\0" } }),
  "error() of what is no error of ours": (session) =>
    session.error(new Error("at secret.ts:1") as never),
  "error() of nothing": (session) => session.error(undefined as never),
  "error() of a cycle": (session) => session.error("x", { body: cyclic }),
};

describe.each(VERSIONS)("in %s, a mistake of the caller changes nothing on a server", (version) => {
  test.each(Object.keys(OF_A_SERVER))("%s", (name) => {
    const session = server(version);
    const before = seen(session);
    expect(() => OF_A_SERVER[name]?.(session)).toThrow(StompError);
    expect(seen(session)).toEqual(before);
    expect(session.message("s", { destination: "/a" }).messageId).toBe("m-2");
  });

  test("message() beyond the window, and with an ackId that is in use", () => {
    const session = server(version);
    if (version === "1.2") {
      const before = seen(session);
      expect(() => session.message("s", { destination: "/a" }, { ackId: "taken" })).toThrow(
        StompError,
      );
      expect(seen(session)).toEqual(before);
    }
    session.message("s", { destination: "/a" });
    const full = seen(session);
    expect(() => session.message("s", { destination: "/a" })).toThrow(StompError);
    expect(seen(session)).toEqual(full);
    // One that is not acknowledged needs no window.
    session.message("auto", { destination: "/a" });
  });
});

describe("before and after its time, every command throws and changes nothing", () => {
  const commands: Readonly<Record<string, (session: LoneClient) => unknown>> = {
    message: (session) => session.message("/a"),
    subscribe: (session) => session.subscribe("/a"),
    unsubscribe: (session) => session.unsubscribe("s"),
    resubscribe: (session) => session.resubscribe(),
    ack: (session) => session.ack(target),
    nack: (session) => session.nack(target),
    begin: (session) => session.begin(),
    commit: (session) => session.commit({ id: "t", receipt: undefined }),
    abort: (session) => session.abort({ id: "t", receipt: undefined }),
  };
  const stages: Readonly<Record<string, [string, () => LoneClient]>> = {
    idle: ["not-connected", () => new LoneClient()],
    connecting: [
      "not-connected",
      () => {
        const session = new LoneClient();
        session.connect();
        return session;
      },
    ],
    disconnecting: [
      "closed",
      () => {
        const session = connectedClient();
        session.disconnect();
        return session;
      },
    ],
    closed: [
      "closed",
      () => {
        const session = connectedClient();
        session.receiveEnd();
        return session;
      },
    ],
  };

  test.each(
    Object.keys(stages).flatMap((stage) =>
      Object.keys(commands).map((name) => [stage, name] as const),
    ),
  )("%s: %s()", (stage, name) => {
    const [code, make] = stages[stage] ?? ["", () => new LoneClient()];
    const session = make();
    const before = seen(session);
    expect(() => commands[name]?.(session)).toThrow(expect.objectContaining({ code }));
    expect(seen(session)).toEqual(before);
  });

  test("disconnect() too, once it has been given", () => {
    for (const stage of ["disconnecting", "closed"]) {
      const session = stages[stage]?.[1]() ?? new LoneClient();
      const before = seen(session);
      expect(() => session.disconnect()).toThrow(expect.objectContaining({ code: "closed" }));
      expect(seen(session)).toEqual(before);
    }
  });

  test("message(), drop() and error() of a server", () => {
    const idle = new LoneServer();
    for (const call of [() => idle.message("s", { destination: "/a" }), () => idle.drop("s")]) {
      const before = seen(idle);
      expect(call).toThrow(expect.objectContaining({ code: "not-connected" }));
      expect(seen(idle)).toEqual(before);
    }
    const closed = connectedServer();
    closed.disconnect();
    const before = seen(closed);
    for (const call of [
      () => closed.message("s", { destination: "/a" }),
      () => closed.drop("s"),
      () => closed.error("x"),
    ]) {
      expect(call).toThrow(expect.objectContaining({ code: "closed" }));
    }
    closed.disconnect();
    expect(seen(closed)).toEqual(before);
  });

  test("connect() of a client that is beyond it", () => {
    const wrong: readonly [Parameters<LoneClient["connect"]>[0], string][] = [
      [{ versions: [] }, "invalid-option"],
      [{ versions: ["1.3" as never] }, "invalid-option"],
      [{ login: "a\nb" }, "unencodable"],
      [{ login: "a\rb" }, "unencodable"],
      [{ passcode: "\0" }, "unencodable"],
      [{ headers: { "a:b": "x" } }, "unencodable"],
      [{ headers: { host: "x" } }, "owned-header"],
      [{ headers: { receipt: "x" } }, "owned-header"],
      [{ headers: { k: 1 as never } }, "invalid-header"],
    ];
    for (const [options, code] of wrong) {
      const session = new LoneClient();
      expect(() => session.connect(options)).toThrow(expect.objectContaining({ code }));
      expect([session.state, session.sent]).toEqual(["idle", []]);
      session.connect();
      expect(session.state).toBe("connecting");
    }
  });
});

describe("options", () => {
  const wrong: readonly [string, object][] = [
    ["versions", { versions: [] }],
    ["versions", { versions: ["2.0"] }],
    ["heartBeat", { heartBeat: { sendMs: -1, receiveMs: 0 } }],
    ["heartBeatTolerance", { heartBeatTolerance: 0.5 }],
    ["heartBeatTolerance", { heartBeatTolerance: Number.NaN }],
    ["connectTimeoutMs", { connectTimeoutMs: -1 }],
    ["disconnectTimeoutMs", { disconnectTimeoutMs: "5" }],
    ["stallTimeoutMs", { stallTimeoutMs: Number.NaN }],
    ["maxHeaders", { limits: { maxHeaders: -1 } }],
    ["maxSubscription", { limits: { maxSubscription: 1 } }],
  ];

  test.each([...wrong, ["host", { host: 7 }], ["receiptTimeoutMs", { receiptTimeoutMs: -1 }]])(
    "of a client: %s, %j",
    (name, options) => {
      expect(() => new LoneClient(options as never)).toThrow(name);
      expect(() => new LoneClient(options as never)).toThrow(
        expect.objectContaining({ code: "invalid-option" }),
      );
    },
  );

  test.each([...wrong, ["maxInFlight", { maxInFlight: 0 }]] as const)(
    "of a server: %s, %j",
    (name, options) => {
      expect(() => new LoneServer(options as never)).toThrow(name);
      expect(() => new LoneServer(options as never)).toThrow(
        expect.objectContaining({ code: "invalid-option" }),
      );
    },
  );

  test("that are undefined are those that were not given", () => {
    const client = connectedClient("1.2", {
      host: undefined,
      receipts: undefined,
      receiptTimeoutMs: undefined,
      contentLength: undefined,
      versions: undefined,
    });
    expect(client.state).toBe("connected");
    const server = connectedServer("1.2", {
      server: undefined,
      maxInFlight: undefined,
      sessionId: undefined,
      limits: undefined,
      strict: undefined,
    });
    expect(server.session).toMatch(/^[0-9a-f]{32}$/);
  });

  test("of a client may leave content-length out, where the body allows it", () => {
    const client = connectedClient("1.2", { contentLength: false });
    client.message("/a", "x");
    client.message("/a", "x", { contentLength: true });
    expect(client.sent.map((frame) => frame.includes("content-length"))).toEqual([false, true]);
  });
});

test("a mistake within a hook of a client is the hook's, and the session goes on", () => {
  const pair = connected();
  pair.client.subscribe("/a", { id: "0" });
  pair.drive();
  script(pair.client, { onMessage: () => pair.client.unsubscribe("x") });
  pair.server.message("0", { destination: "/a" });
  pair.drive();
  expect(pair.client.errors[0]).toMatchObject({
    code: "hook-failed",
    cause: { code: "unknown-subscription" },
  });
  expect(pair.client.state).toBe("connected");
});
