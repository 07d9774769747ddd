import { describe, expect, test } from "vitest";
import { connected, pairOf, VERSIONS } from "./scripted.ts";

describe("CONNECT", () => {
  test.each([
    ["1.0", "C> CONNECT accept-version:1.0 host:/", "S> CONNECTED version:1.0 session:session-1"],
    [
      "1.1",
      "C> CONNECT accept-version:1.1 host:/ heart-beat:10000,10000",
      "S> CONNECTED version:1.1 session:session-1 heart-beat:10000,10000",
    ],
    [
      "1.2",
      "C> CONNECT accept-version:1.2 host:/ heart-beat:10000,10000",
      "S> CONNECTED version:1.2 session:session-1 heart-beat:10000,10000",
    ],
  ] as const)("is answered in %s", (version, connect, answer) => {
    const pair = pairOf({});
    expect(pair.client.state).toBe("idle");
    pair.client.connect({ versions: [version] });
    expect([pair.client.state, pair.client.version]).toEqual(["connecting", undefined]);
    expect(pair.drive()).toEqual([
      connect,
      `S! onConnect ${version}`,
      answer,
      `C! onConnected ${version}`,
    ]);
    for (const side of [pair.client, pair.server]) {
      expect([side.state, side.version, side.session]).toEqual(["connected", version, "session-1"]);
    }
  });

  test("says who the client is; the server says who it is", () => {
    const pair = pairOf({ client: { host: null }, server: { server: "shop/1.0" } });
    pair.client.connect({
      login: "me",
      passcode: "a\\c:b",
      command: "STOMP",
      versions: ["1.2", "1.0"],
      headers: { "client-id": "7" },
    });
    expect(pair.drive()).toEqual([
      "C> STOMP accept-version:1.0,1.2 login:me passcode:*** heart-beat:10000,10000 client-id:7",
      "S! onConnect 1.2",
      "S> CONNECTED version:1.2 session:session-1 server:shop/1.0 heart-beat:10000,10000",
      "C! onConnected 1.2",
    ]);
    const { login, passcode, host, headers } = pair.server.request ?? {};
    expect([login, passcode, host, headers?.get("client-id")]).toEqual([
      "me",
      "a\\c:b",
      undefined,
      "7",
    ]);
    expect(pair.client.server).toBe("shop/1.0");
    expect(pair.client.connected).toMatchObject({
      version: "1.2",
      session: "session-1",
      server: "shop/1.0",
      heartBeat: { sendMs: 10_000, receiveMs: 10_000 },
    });
  });

  test("agrees on the highest version that both speak", () => {
    const pair = pairOf({ server: { versions: ["1.1", "1.0"] } });
    pair.client.connect();
    expect(pair.drive()).toContain("C! onConnected 1.1");
  });

  test("asks for no receipt, and gets none", () => {
    const pair = pairOf({ client: { receipts: true } });
    pair.client.connect();
    pair.toServer.drop();
    const server = pairOf({});
    server.toServer.inject("CONNECT\naccept-version:1.2\nhost:/\nreceipt:1\n\n\0");
    expect(pair.transcript.lines.join()).not.toContain("receipt");
    expect(server.drive().filter((line) => line.startsWith("S> RECEIPT"))).toEqual([]);
  });

  test("of a client that names no version is one of 1.0, padding and all", () => {
    const pair = pairOf({});
    pair.toServer.inject("CONNECT\r\nlogin: me \r\n passcode :\tsecret\r\n\r\n\0");
    pair.drive();
    expect(pair.server.request).toMatchObject({ version: "1.0", login: "me", passcode: "secret" });
  });
});

describe.each(VERSIONS)("in %s", (version) => {
  const is10 = version === "1.0";

  test("SEND brings a message to the server", () => {
    const pair = connected(version);
    pair.client.message("/a", "hällo", { receipt: "1", headers: { priority: "9" } });
    pair.client.message("/a", Uint8Array.of(0, 255));
    pair.client.message("/a", { json: true }, { contentType: "application/vnd.shop+json" });
    pair.client.message("/a");
    expect(pair.drive()).toEqual([
      'C> SEND destination:/a content-type:text/plain receipt:1 priority:9 "hällo"',
      "C> SEND destination:/a <2 bytes>",
      'C> SEND destination:/a content-type:application/vnd.shop+json "{\\"json\\":true}"',
      "C> SEND destination:/a",
      'S! onMessage /a "hällo"',
      "S> RECEIPT receipt-id:1",
      "C! onReceipt 1",
      "S! onMessage /a <2 bytes>",
      'S! onMessage /a "{\\"json\\":true}"',
      "S! onMessage /a",
    ]);
    const [first, second, third, fourth] = pair.server.messages;
    expect([first?.text(), [...(first?.userHeaders ?? [])], first?.contentType]).toEqual([
      "hällo",
      [["priority", "9"]],
      "text/plain",
    ]);
    expect([...(second?.body ?? [])]).toEqual([0, 255]);
    expect(second?.contentType).toBeUndefined();
    expect(third?.json()).toEqual({ json: true });
    expect([fourth?.body.length, fourth?.transaction]).toEqual([0, undefined]);
  });

  test("SUBSCRIBE, MESSAGE and UNSUBSCRIBE", () => {
    const pair = connected(version);
    const subscription = pair.client.subscribe("/a", { headers: { selector: "x > 1" } });
    expect(pair.drive()).toEqual([
      'C> SUBSCRIBE id:sub-1 destination:/a selector:"x > 1"',
      "S! onSubscribe sub-1",
    ]);
    pair.server.message("sub-1", { destination: "/a/b", body: "hi", headers: { k: "v" } });
    expect(pair.drive()).toEqual([
      'S> MESSAGE subscription:sub-1 message-id:m-1 destination:/a/b content-type:text/plain k:v "hi"',
      'C! onMessage sub-1 "hi"',
    ]);
    const [message] = pair.client.messages;
    expect([message?.destination, message?.messageId, message?.subscription]).toEqual([
      "/a/b",
      "m-1",
      "sub-1",
    ]);
    const known = pair.server.subscriptions.get("sub-1");
    expect([known?.active, known?.headers.get("selector")]).toEqual([true, "x > 1"]);
    pair.client.unsubscribe(subscription, { receipt: true });
    expect(pair.drive()).toEqual([
      "C> UNSUBSCRIBE id:sub-1 receipt:receipt-2",
      "S! onUnsubscribe sub-1",
      "S> RECEIPT receipt-id:receipt-2",
      "C! onReceipt receipt-2",
    ]);
    expect([known?.active, pair.server.subscriptions.size, pair.client.subscriptions.size]).toEqual(
      [false, 0, 0],
    );
  });

  test("a MESSAGE that no subscription claims goes to a hook of its own", () => {
    const pair = connected(version);
    pair.client.subscribe("/a", { id: "0" });
    pair.drive();
    pair.server.message("0", { destination: "/a", body: "late" });
    pair.client.unsubscribe("0");
    pair.toClient.inject("MESSAGE\nsubscription:/temp\nmessage-id:1\ndestination:/a\n\n\0");
    expect(pair.drive().filter((line) => line.startsWith("C!"))).toEqual([
      'C! onUnclaimedMessage 0 "late"',
      "C! onUnclaimedMessage /temp",
    ]);
    expect(pair.client.state).toBe("connected");
  });

  test("ACK covers what the mode says", () => {
    const pair = connected<string>(version);
    const ack = is10 ? "client" : "client-individual";
    pair.client.subscribe("/a", { id: "0", ack });
    pair.drive();
    for (const messageId of ["m1", "m2", "m3"]) {
      pair.server.message("0", { destination: "/a", messageId }, { token: `of ${messageId}` });
    }
    pair.drive();
    pair.client.messages[1]?.ack({ receipt: "1" });
    const lines = pair.drive();
    expect(lines).toEqual([
      {
        "1.0": "C> ACK message-id:m2 receipt:1",
        "1.1": "C> ACK message-id:m2 subscription:0 receipt:1",
        "1.2": "C> ACK id:a-2 receipt:1",
      }[version],
      is10 ? "S! onAck m1 m2" : "S! onAck m2",
      "S> RECEIPT receipt-id:1",
      "C! onReceipt 1",
    ]);
    const [acknowledged] = pair.server.acknowledgements;
    expect(acknowledged?.deliveries.map(({ token }) => token)).toEqual(
      is10 ? ["of m1", "of m2"] : ["of m2"],
    );
    expect(acknowledged?.named.token).toBe("of m2");
    expect(acknowledged?.subscription.id).toBe("0");
    expect([...pair.server.unacknowledged].map(({ token }) => token)).toEqual(
      is10 ? ["of m3"] : ["of m1", "of m3"],
    );
  });

  test("a transaction is committed as a whole", () => {
    const pair = connected(version);
    pair.client.subscribe("/a", { id: "0", ack: "client" });
    pair.drive();
    pair.server.message("0", { destination: "/a", messageId: "m1" });
    pair.drive();
    const transaction = pair.client.begin({ receipt: "b" });
    pair.client.message("/b", "x", { transaction, receipt: "s" });
    pair.client.messages[0]?.ack({ transaction });
    expect(pair.drive().filter((line) => !line.startsWith("C>"))).toEqual([
      "S! onBegin tx-1",
      "S> RECEIPT receipt-id:b",
      "C! onReceipt b",
      "S> RECEIPT receipt-id:s",
      "C! onReceipt s",
    ]);
    expect(pair.server.transactions.get("tx-1")?.operations.map(({ kind }) => kind)).toEqual([
      "send",
      "ack",
    ]);
    pair.client.commit(transaction, { receipt: "c" });
    expect(pair.drive()).toEqual([
      "C> COMMIT transaction:tx-1 receipt:c",
      "S! onCommit tx-1",
      'S! onMessage /b "x"',
      "S! onAck m1",
      "S> RECEIPT receipt-id:c",
      "C! onReceipt c",
    ]);
    expect(pair.server.messages[0]?.transaction).toBe("tx-1");
    expect(pair.server.acknowledgements[0]?.transaction).toBe("tx-1");
    expect([pair.server.transactions.size, pair.client.transactions.size]).toEqual([0, 0]);
  });

  test("a transaction is aborted, and its id may be used again", () => {
    const pair = connected(version);
    pair.client.subscribe("/a", { id: "0", ack: "client" });
    pair.drive();
    pair.server.message("0", { destination: "/a", messageId: "m1" });
    pair.drive();
    const transaction = pair.client.begin({ id: "t" });
    pair.client.message("/b", "x", { transaction });
    pair.client.messages[0]?.ack({ transaction });
    pair.drive();
    expect([...pair.server.unacknowledged]).toEqual([]);
    pair.client.abort(transaction, { receipt: "a" });
    expect(pair.drive()).toEqual([
      "C> ABORT transaction:t receipt:a",
      "S! onAbort t",
      "S> RECEIPT receipt-id:a",
      "C! onReceipt a",
    ]);
    expect([...pair.server.unacknowledged].map(({ messageId }) => messageId)).toEqual(["m1"]);
    pair.client.begin({ id: "t" });
    expect(pair.drive()).toEqual(["C> BEGIN transaction:t", "S! onBegin t"]);
  });

  test("DISCONNECT is answered, and then both have ended", () => {
    const pair = connected(version);
    const receipt = pair.client.disconnect({ headers: { why: "done" } });
    expect([receipt?.id, receipt?.command]).toEqual(["receipt-1", "DISCONNECT"]);
    expect(pair.client.state).toBe("disconnecting");
    expect(pair.drive()).toEqual([
      "C> DISCONNECT receipt:receipt-1 why:done",
      "S! onDisconnect The client sent DISCONNECT",
      "S> RECEIPT receipt-id:receipt-1",
      "S> (end)",
      "S! onClose disconnect",
      "C! onReceipt receipt-1",
      "C> (end)",
      "C! onClose disconnect",
    ]);
    expect([pair.client.state, pair.server.state]).toEqual(["closed", "closed"]);
    expect(pair.clock.pending).toBe(0);
  });

  test("DISCONNECT without a receipt ends both at once", () => {
    const pair = connected(version);
    expect(pair.client.disconnect({ receipt: false })).toBeUndefined();
    expect(pair.drive()).toEqual([
      "C> DISCONNECT",
      "C> (end)",
      "C! onClose disconnect",
      "S! onDisconnect The client sent DISCONNECT",
      "S> (end)",
      "S! onClose disconnect",
    ]);
  });

  test("messages may come after DISCONNECT, but no command follows it", () => {
    const pair = connected(version);
    pair.client.subscribe("/a", { id: "0" });
    pair.drive();
    pair.server.message("0", { destination: "/a", body: "last" });
    pair.client.disconnect();
    expect(() => pair.client.message("/a")).toThrow("ended");
    expect(pair.drive()).toContain('C! onMessage 0 "last"');
  });

  test("ERROR ends both, and says what was wrong", () => {
    const pair = connected(version);
    pair.server.error("over\r\nthere", { headers: { k: "v" }, body: "why" });
    const message =
      version === "1.2"
        ? '"over\\r\\nthere"'
        : version === "1.1"
          ? '"over\\r\\nthere"'
          : '"over  there"';
    expect(pair.drive()).toEqual([
      `S> ERROR message:${message} content-type:text/plain k:v "why"`,
      "S> (end)",
      "S! onClose error refused",
      "C> (end)",
      "C! onError error-frame",
      "C! onClose error error-frame",
    ]);
    expect(pair.client.closing?.error?.frame?.text()).toBe("why");
  });

  test("a command that STOMP does not have is the application's to answer", () => {
    const pair = connected(version);
    pair.toServer.inject("PING\nreceipt:1\n\n\0");
    expect(pair.drive().slice(1)).toEqual([
      "S! onUnknownCommand PING",
      'S> ERROR message:"The command is not one of STOMP" receipt-id:1',
      "S> (end)",
      "S! onError unknown-command",
      "S! onClose error unknown-command",
      "C> (end)",
      "C! onError error-frame",
      "C! onClose error error-frame",
    ]);
    const tolerant = connected(version);
    Reflect.set(tolerant.server, "onUnknownCommand", () => {});
    tolerant.toServer.inject("PING\nreceipt:1\n\n\0");
    expect(tolerant.drive().slice(1)).toEqual(["S> RECEIPT receipt-id:1"]);
  });
});

test.each(["1.1", "1.2"] as const)("NACK in %s covers what the mode says", (version) => {
  const pair = connected(version);
  pair.client.subscribe("/a", { id: "0", ack: "client" });
  pair.drive();
  for (const messageId of ["m1", "m2"]) pair.server.message("0", { destination: "/a", messageId });
  pair.drive();
  const last = pair.client.messages[1];
  if (last === undefined) throw new Error("It did not come");
  const { subscription, messageId, ackId } = last;
  // Plain JSON is enough of a message to acknowledge it.
  const target = JSON.parse(JSON.stringify({ subscription, messageId, ackId }));
  pair.client.nack(target, { receipt: "1", headers: { requeue: "false" } });
  expect(pair.drive()).toEqual([
    version === "1.1"
      ? "C> NACK message-id:m2 subscription:0 receipt:1 requeue:false"
      : "C> NACK id:a-2 receipt:1 requeue:false",
    "S! onNack m1 m2",
    "S> RECEIPT receipt-id:1",
    "C! onReceipt 1",
  ]);
});

describe("in 1.0", () => {
  test("a subscription may have no id: it goes by its destination", () => {
    const pair = connected("1.0");
    pair.toServer.inject("SUBSCRIBE\ndestination: /a\nack:client\n\n\0");
    expect(pair.drive().slice(1)).toEqual(["S! onSubscribe /a"]);
    pair.server.message("/a", { destination: "/a", messageId: "m" });
    expect(pair.drive()).toEqual([
      "S> MESSAGE message-id:m destination:/a",
      "C! onUnclaimedMessage /a",
    ]);
    pair.toServer.inject("ACK\nmessage-id:m\n\n\0UNSUBSCRIBE\ndestination:/a\nreceipt:1\n\n\0");
    expect(pair.drive().slice(2)).toEqual([
      "S! onAck m",
      "S! onUnsubscribe /a",
      "S> RECEIPT receipt-id:1",
    ]);
  });

  test("a MESSAGE without a subscription is claimed by its destination", () => {
    const pair = connected("1.0");
    pair.client.subscribe("/a", { id: "0" });
    pair.drive();
    pair.toClient.inject("MESSAGE\nmessage-id:1\ndestination:/a\n\n\0");
    pair.toClient.inject("MESSAGE\nmessage-id:1\ndestination:/b\n\n\0");
    expect(pair.drive().slice(2)).toEqual(["C! onMessage /a", "C! onUnclaimedMessage /b"]);
  });

  test("an UNSUBSCRIBE may name the destination of a subscription with an id", () => {
    const pair = connected("1.0");
    pair.client.subscribe("/a", { id: "0" });
    pair.toServer.inject("UNSUBSCRIBE\ndestination:/a\n\n\0");
    expect(pair.drive()).toContain("S! onUnsubscribe 0");
  });
});

describe("what a relay passes on", () => {
  test("is what STOMP does not own, in order, repeated entries too", () => {
    const pair = connected();
    pair.toServer.inject(
      "SEND\ndestination:/a\nk:1\nreceipt:r\nmessage-id:forged\nk:2\nsubscription:forged\nack:forged\n\n\0",
    );
    pair.drive();
    expect([...(pair.server.messages[0]?.userHeaders ?? [])]).toEqual([
      ["k", "1"],
      ["k", "2"],
    ]);
  });

  test("reaches receivers of every version, each as it can", () => {
    const headers: [string, string][] = [
      ["line", "a\nb"],
      ["a:b", "colon"],
      ["plain", "x"],
    ];
    const seen = VERSIONS.map((version) => {
      const pair = connected(version);
      pair.client.subscribe("/a", { id: "0" });
      pair.drive();
      pair.server.message("0", { destination: "/a", headers });
      pair.drive();
      return [...(pair.client.messages[0]?.userHeaders ?? [])].map(([name]) => name);
    });
    expect(seen).toEqual([["plain"], ["line", "a:b", "plain"], ["line", "a:b", "plain"]]);
  });
});
