import type { Snapshot, Version } from "stomp-engine";
import { describe, expect, test } from "vitest";
import {
  codeOf,
  connected,
  connectedClient,
  connectedServer,
  LoneClient,
  pairOf,
  script,
  VERSIONS,
} from "./scripted.ts";

const copied = (snapshot: Snapshot): Snapshot => JSON.parse(JSON.stringify(snapshot));

/** Subscriptions of a former life. */
function former(version: Version) {
  const pair = connected(version);
  pair.client.subscribe("/a", { id: "a", ack: "client", headers: { selector: "x" } });
  pair.client.subscribe("/b", {
    headers: [
      ["k", "1"],
      ["k", "2"],
    ],
  });
  pair.drive();
  pair.server.message("a", { destination: "/a" });
  pair.drive();
  return pair;
}

describe.each(VERSIONS)("a snapshot in %s", (version) => {
  test("says the same on both sides, as plain JSON, at any time", () => {
    const pair = former(version);
    const expected = {
      session: "session-1",
      subscriptions: [
        { id: "a", destination: "/a", ack: "client", headers: [["selector", "x"]] },
        {
          id: "sub-1",
          destination: "/b",
          ack: "auto",
          headers: [
            ["k", "1"],
            ["k", "2"],
          ],
        },
      ],
      nextId: 2,
    };
    expect([copied(pair.client.snapshot()), copied(pair.server.snapshot())]).toEqual([
      expected,
      expected,
    ]);
    pair.cut();
    expect([pair.client.snapshot(), pair.server.snapshot()]).toEqual([expected, expected]);
  });

  test("lets a server that resumes the session go on, and nothing is sent for it", () => {
    const old = former(version);
    const pair = pairOf({});
    script(pair.server, { onConnect: () => ({ restore: copied(old.server.snapshot()) }) });
    pair.client.restore(copied(old.client.snapshot()));
    expect([...pair.client.subscriptions.keys()]).toEqual(["a", "sub-1"]);
    pair.client.connect({ versions: [version] });
    const lines = pair.drive();
    expect(
      lines.filter((line) => line.includes("SUBSCRIBE") || line.includes("onSubscribe")),
    ).toEqual([]);
    expect([pair.client.session, pair.server.session]).toEqual(["session-1", "session-1"]);
    pair.server.message("a", { destination: "/a", body: "x" });
    expect(pair.drive()).toContain('C! onMessage a "x"');
    // Ids go on where they were.
    expect(pair.client.messages[0]?.messageId).toBe("m-2");
    expect(pair.client.subscribe("/c").id).toBe("sub-2");
    pair.client.messages[0]?.ack({ receipt: "r" });
    expect(pair.drive()).toContain("S! onAck m-2");
    pair.client.unsubscribe("sub-1");
    expect(pair.drive()).toContain("S! onUnsubscribe sub-1");
    expect(copied(pair.server.snapshot()).subscriptions.map(({ id }) => id)).toEqual([
      "a",
      "sub-2",
    ]);
  });

  test("lets a client subscribe again with a server that knows nothing", () => {
    const old = former(version);
    const pair = pairOf({ client: { receipts: true } });
    pair.client.restore(old.client.snapshot());
    pair.client.connect({ versions: [version] });
    pair.drive();
    const subscriptions = pair.client.resubscribe();
    expect(pair.drive().filter((line) => line.startsWith("C>"))).toEqual([
      "C> SUBSCRIBE id:a destination:/a ack:client receipt:receipt-2 selector:x",
      "C> SUBSCRIBE id:sub-1 destination:/b receipt:receipt-3 k:1 k:2",
    ]);
    expect(subscriptions.map(({ id, receipt }) => [id, receipt?.id])).toEqual([
      ["a", "receipt-2"],
      ["sub-1", "receipt-3"],
    ]);
    expect([...pair.client.subscriptions.values()]).toEqual(subscriptions);
    expect(pair.server.subscriptions.size).toBe(2);
    // Each at most once.
    expect(pair.client.resubscribe()).toEqual([]);
    expect(pair.client.resubscribe(["a"])).toEqual([]);
    expect(pair.drive()).toEqual([]);
  });

  test("lets a client subscribe again to some, and give up others", () => {
    const old = former(version);
    const pair = pairOf({});
    pair.client.restore(old.client.snapshot());
    pair.client.connect({ versions: [version] });
    pair.drive();
    expect(pair.client.resubscribe(new Set(["sub-1"])).map(({ id }) => id)).toEqual(["sub-1"]);
    expect(pair.drive().filter((line) => line.startsWith("S!"))).toEqual(["S! onSubscribe sub-1"]);
    pair.client.unsubscribe("sub-1");
    expect(pair.client.resubscribe(["a", "a"]).map(({ id }) => id)).toEqual(["a"]);
    expect(pair.client.resubscribe()).toEqual([]);
  });
});

describe("a snapshot that is damaged", () => {
  const whole: Snapshot = {
    session: "s",
    subscriptions: [{ id: "1", destination: "/a", ack: "auto", headers: [["k", "v"]] }],
    nextId: 7,
  };
  const [subscription] = whole.subscriptions;
  const damaged = [
    null,
    undefined,
    7,
    "{}",
    {},
    [],
    { ...whole, session: null },
    { ...whole, session: 7 },
    { ...whole, subscriptions: undefined },
    { ...whole, subscriptions: {} },
    { ...whole, subscriptions: [null] },
    { ...whole, subscriptions: ["1"] },
    { ...whole, subscriptions: [{ ...subscription, id: 1 }] },
    { ...whole, subscriptions: [{ ...subscription, destination: undefined }] },
    { ...whole, subscriptions: [{ ...subscription, ack: "maybe" }] },
    { ...whole, subscriptions: [{ ...subscription, headers: { k: "v" } }] },
    { ...whole, subscriptions: [{ ...subscription, headers: [["k"]] }] },
    { ...whole, subscriptions: [{ ...subscription, headers: [["k", 1]] }] },
    { ...whole, subscriptions: [{ ...subscription, headers: ["kv"] }] },
    { ...whole, subscriptions: [subscription, subscription] },
    { ...whole, nextId: -1 },
    { ...whole, nextId: 1.5 },
    { ...whole, nextId: "7" },
    { ...whole, nextId: undefined },
  ];

  test.each(damaged)("is invalid-option for a client, which stays as it is: %j", (snapshot) => {
    const client = new LoneClient();
    client.restore(whole);
    expect(codeOf(() => client.restore(snapshot as never))).toBe("invalid-option");
    expect(client.snapshot()).toEqual(whole);
  });

  test.each(damaged.slice(2))("is a hook that failed for a server: %j", (snapshot) => {
    const pair = pairOf({});
    script(pair.server, { onConnect: () => ({ restore: snapshot }) });
    pair.client.connect();
    expect(pair.drive()).toContain('S> ERROR message:"internal error"');
    expect(pair.server.errors[0]).toMatchObject({ code: "hook-failed" });
    expect(pair.server.snapshot().subscriptions).toEqual([]);
  });

  test("is one that a version cannot carry, and nothing is sent or forgotten then", () => {
    const client = new LoneClient({ receipts: true });
    const snapshot: Snapshot = {
      session: undefined,
      subscriptions: [
        { id: "1", destination: "/a", ack: "auto", headers: [] },
        { id: "2", destination: "/b", ack: "client-individual", headers: [] },
      ],
      nextId: 1,
    };
    client.restore(snapshot);
    client.connect({ versions: ["1.0"] });
    client.receiveData("CONNECTED\n\n\0");
    const sent = client.sent.length;
    expect(codeOf(() => client.resubscribe())).toBe("invalid-option");
    expect(codeOf(() => client.resubscribe(["1", "2"]))).toBe("invalid-option");
    expect(codeOf(() => client.resubscribe(["1", "3"]))).toBe("unknown-subscription");
    expect([client.sent.length, client.snapshot()]).toEqual([sent, snapshot]);
    expect(client.resubscribe(["1"])).toHaveLength(1);
    const owned = new LoneClient();
    owned.restore({
      ...snapshot,
      subscriptions: [{ id: "1", destination: "/a", ack: "auto", headers: [["id", "9"]] }],
    });
    expect(codeOf(() => owned.resubscribe())).toBe("not-connected");
    owned.connect();
    owned.receiveData("CONNECTED\nversion:1.2\n\n\0");
    expect(codeOf(() => owned.resubscribe())).toBe("owned-header");
    expect(owned.subscriptions.size).toBe(1);
  });
});

describe("a snapshot has", () => {
  test("the headers of a subscription as they were when it was asked for", () => {
    const client = connectedClient();
    const headers = { k: "v" };
    const once = [["a", "b"]] as [string, string][];
    client.subscribe("/a", { id: "1", headers });
    client.subscribe("/b", { id: "2", headers: once.values() });
    headers.k = "changed";
    expect(client.snapshot().subscriptions.map((each) => each.headers)).toEqual([
      [["k", "v"]],
      [["a", "b"]],
    ]);
    expect(client.sent[1]).toContain("a:b");
  });

  test("none of what was dropped or ended", () => {
    const pair = connected();
    for (const id of ["1", "2", "3"]) pair.client.subscribe("/a", { id });
    pair.drive();
    pair.server.drop("1");
    pair.client.unsubscribe("2");
    pair.drive();
    expect(pair.server.snapshot().subscriptions.map(({ id }) => id)).toEqual(["3"]);
  });

  test("nothing of what is not there", () => {
    const fresh = { session: undefined, subscriptions: [], nextId: 1 };
    expect(new LoneClient().snapshot()).toEqual(fresh);
    expect(connectedServer().snapshot()).toEqual({ ...fresh, session: "s" });
  });

  test("a subscription of 1.0 that the client did not name, by its destination", () => {
    const server = connectedServer("1.0");
    server.receiveData("SUBSCRIBE\ndestination:/a\nselector:x\n\n\0");
    expect(server.snapshot().subscriptions).toEqual([
      { id: "/a", destination: "/a", ack: "auto", headers: [["selector", "x"]] },
    ]);
  });
});

describe("resubscribe()", () => {
  test("sends all before anything that is received meanwhile is handled", () => {
    const old = former("1.2");
    const pair = pairOf({});
    pair.client.restore(old.client.snapshot());
    pair.client.connect();
    pair.drive();
    const seen: string[] = [];
    script(pair.client, {
      sendData: () => void pair.drive(),
      onReceipt: () => void seen.push(`onReceipt, ${pair.server.subscriptions.size} subscribed`),
    });
    pair.client.message("/x", "", { receipt: "r" });
    seen.length = 0;
    script(pair.server, {
      onSubscribe: ({ id }: { id: string }) => void pair.server.message(id, { destination: "/a" }),
    });
    script(pair.client, {
      onMessage: () => void seen.push(`onMessage, ${pair.server.subscriptions.size} subscribed`),
    });
    pair.client.resubscribe();
    expect(seen).toEqual(["onMessage, 2 subscribed", "onMessage, 2 subscribed"]);
  });

  test("leaves no receipt behind if the transport fails with the first", async () => {
    const client = new LoneClient({ receipts: true });
    client.restore(former("1.2").client.snapshot());
    client.connect();
    client.receiveData("CONNECTED\nversion:1.2\n\n\0");
    script(client, {
      sendData: () => {
        throw new Error("EPIPE");
      },
    });
    const subscriptions = client.resubscribe();
    for (const { receipt } of subscriptions) {
      await expect(receipt?.done).rejects.toHaveProperty("code", "connection-lost");
    }
    expect(client.sent).toHaveLength(2);
  });
});

describe("an acceptance", () => {
  test.each([
    [true, "session-1"],
    ["mine", "mine"],
    [{ session: "mine" }, "mine"],
    [{}, "session-1"],
    [{ restore: { session: "old", subscriptions: [], nextId: 3 } }, "old"],
    [{ restore: { session: undefined, subscriptions: [], nextId: 3 } }, "session-1"],
    [{ session: "mine", restore: { session: "old", subscriptions: [], nextId: 3 } }, "mine"],
  ])("%j is session %s", (answer, session) => {
    const pair = pairOf({});
    script(pair.server, { onConnect: () => answer });
    pair.client.connect();
    pair.drive();
    expect([pair.client.session, pair.server.session]).toEqual([session, session]);
  });

  test("adds headers to CONNECTED", () => {
    const pair = pairOf({});
    script(pair.server, { onConnect: () => ({ headers: { region: "eu" } }) });
    pair.client.connect({ versions: ["1.0"] });
    expect(pair.drive()).toContain("S> CONNECTED version:1.0 session:session-1 region:eu");
    expect(pair.client.connected?.headers.get("region")).toBe("eu");
  });

  test.each([
    [false, 'S> ERROR message:"The connection is refused"', "refused"],
    [null, 'S> ERROR message:"internal error"', "hook-failed"],
    [7, 'S> ERROR message:"internal error"', "hook-failed"],
    [{ headers: { session: "x" } }, 'S> ERROR message:"internal error"', "hook-failed"],
    [{ session: "a\nb" }, 'S> ERROR message:"internal error"', "hook-failed"],
    [{ session: 7 }, 'S> ERROR message:"internal error"', "hook-failed"],
  ])("%j is none", (answer, error, code) => {
    const pair = pairOf({});
    Reflect.set(pair.server, "onConnect", () => answer);
    pair.client.connect();
    expect(pair.drive()).toContain(error);
    expect(pair.server.errors.map((each) => each.code)).toEqual([code]);
    expect(pair.server.session).toBeUndefined();
  });

  test("fails if no id can be made for the session", () => {
    const pair = pairOf({
      server: {
        sessionId: () => {
          throw new Error("no ids left");
        },
      },
    });
    pair.client.connect();
    pair.drive();
    expect(pair.server.errors[0]).toMatchObject({
      code: "hook-failed",
      cause: { message: "no ids left" },
    });
  });
});
