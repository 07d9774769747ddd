import { inspect } from "node:util";
import type { Frame, StompError, Version } from "stomp-engine";
import { describe, expect, test } from "vitest";
import { collected } from "../faults/collecting.ts";
import { connected, LoneServer, pairOf, script, VERSIONS } from "./scripted.ts";

const SECRET = "open-sesame";

/** Everything that an application is likely to log of an error. */
function logged(error: StompError | undefined, frame?: Frame): string {
  return [error, frame, error?.frame?.headers.all()]
    .map(
      (each) =>
        inspect(each, { depth: 20, showHidden: true, getters: true }) + JSON.stringify(each),
    )
    .join("\n");
}

/** Connects with a passcode, and collects whatever comes out of either side but the bytes and the request. */
function connecting(
  options: Parameters<typeof pairOf>[0],
  prepare: (pair: ReturnType<typeof pairOf>) => void,
) {
  const pair = pairOf(options);
  const seen: string[] = [];
  for (const session of [pair.client, pair.server]) {
    script(session, {
      onFrame: (_: string, frame: Frame) => void seen.push(logged(undefined, frame)),
      onError: (error: StompError, frame: Frame) => void seen.push(logged(error, frame)),
      onClose: ({ error }: { error: StompError }) => void seen.push(logged(error)),
    });
  }
  prepare(pair);
  pair.client.connect({ login: "me", passcode: SECRET });
  pair.drive();
  return { pair, seen };
}

test.each([
  ["DISCONNECT", "DISCONNECT\n\n\0"],
  ["what ends with an ERROR", "ACK\nid:none\n\n\0"],
  ["what is no frame", "SEND\r\r\n"],
])("a chunk with a passcode is not held once the session has ended: %s", async (_, last) => {
  const memory = (() => {
    const chunk = Buffer.from(
      `CONNECT\naccept-version:1.2\nhost:/\npasscode:${SECRET}\n\n\0SEND\ndestination:/a\n\nx\0${last}`,
    );
    // Too large to be copied when it is looked at.
    const large = new Uint8Array(4_096).fill(10);
    large.set(chunk, 4_096 - chunk.length);
    const server = new LoneServer();
    server.receiveData(large);
    expect(server.state).toBe("closed");
    expect(server.told).toContain("onMessage x");
    return new WeakRef(large.buffer);
  })();
  await collected(() => memory.deref() === undefined);
});

describe("a passcode appears nowhere", () => {
  test("when the client is accepted; only the hook is told", () => {
    const { pair, seen } = connecting({}, () => {});
    expect(pair.server.request?.passcode).toBe(SECRET);
    expect(seen).toHaveLength(4);
    expect(seen.join()).toContain("***");
    expect([seen.join(), String(pair.transcript)].join()).not.toContain(SECRET);
  });

  test.each([
    ["is refused", { onConnect: () => false }],
    [
      "meets a hook that throws",
      {
        onConnect: () => {
          throw new Error("bug");
        },
      },
    ],
    ["meets an answer that is none", { onConnect: () => 7 }],
  ])("when the client %s", (_, hooks) => {
    const { pair, seen } = connecting({}, ({ server }) => script(server, hooks));
    expect(pair.server.state).toBe("closed");
    expect([seen.join(), String(pair.transcript)].join()).not.toContain(SECRET);
  });

  test("when the versions do not meet", () => {
    const { pair, seen } = connecting(
      { server: { versions: ["1.1"] }, client: { versions: ["1.2"] } },
      () => {},
    );
    expect(pair.client.closing?.error?.code).toBe("error-frame");
    expect(seen.join()).not.toContain(SECRET);
  });

  const WRONG: readonly [string, Version, string][] = [
    ["CONNECT again", "1.2", `CONNECT\naccept-version:1.2\nhost:/\npasscode:${SECRET}\n\n\0`],
    ["connect", "1.2", `connect\npasscode:${SECRET}\n\n\0`],
    ["SEND without destination", "1.2", `SEND\npasscode:${SECRET}\n\n\0`],
    ["padding in 1.0", "1.0", `SEND\n passcode : ${SECRET}\n\n\0`],
    ["SUBSCRIBE", "1.2", `SUBSCRIBE\nid:1\ndestination:/a\nack:x\npasscode:${SECRET}\n\n\0`],
    ["UNSUBSCRIBE", "1.0", `UNSUBSCRIBE\npasscode:${SECRET}\n\n\0`],
    ["UNSUBSCRIBE of nothing", "1.2", `UNSUBSCRIBE\nid:1\npasscode:${SECRET}\n\n\0`],
    ["ACK", "1.2", `ACK\nid:1\npasscode:${SECRET}\n\n\0`],
    ["COMMIT", "1.2", `COMMIT\ntransaction:1\npasscode:${SECRET}\n\n\0`],
    ["a frame with a body too much", "1.2", `ACK\nid:1\npasscode:${SECRET}\n\nbody\0`],
    ["a broken line behind it", "1.2", `SEND\npasscode:${SECRET}\nbroken\n\n\0`],
    ["what is too long", "1.2", `SEND\npasscode:${SECRET}${"x".repeat(9_000)}`],
    ["repeated", "1.2", `SEND\npasscode:a\npasscode:${SECRET}\n\n\0`],
  ];

  test.each(WRONG)("when it comes with %s (%s)", (_, version, wire) => {
    const pair = connected(version);
    const seen: string[] = [];
    script(pair.server, {
      onFrame: (_: string, frame: Frame) => void seen.push(logged(undefined, frame)),
      onError: (error: StompError, frame: Frame) => void seen.push(logged(error, frame)),
    });
    pair.toServer.inject(wire);
    pair.drive();
    expect(pair.server.state).toBe("closed");
    expect([...seen, logged(pair.server.closing?.error)].join()).not.toContain(SECRET);
    expect(logged(pair.client.closing?.error)).not.toContain(SECRET);
  });

  test("when a limit of a transaction is passed by it", () => {
    const pair = connected("1.2", {
      server: { limits: { maxTransactionFrames: 0, maxTransactions: 1 } },
    });
    pair.toServer.inject(
      `BEGIN\ntransaction:1\n\n\0SEND\ndestination:/a\ntransaction:1\npasscode:${SECRET}\n\n\0`,
    );
    pair.drive();
    expect(pair.server.closing?.error?.code).toBe("limit-exceeded");
    expect(logged(pair.server.closing?.error)).not.toContain(SECRET);
  });

  test("when CONNECT is malformed, or comes in the wrong place", () => {
    for (const wire of [
      `CONNECT\npasscode:${SECRET}\nbroken\n\n\0`,
      `CONNECT\naccept-version:1.2\nheart-beat:x\npasscode:${SECRET}\n\n\0`,
      `CONNECT\naccept-version:9\npasscode:${SECRET}\n\n\0`,
      `SEND\npasscode:${SECRET}\n\n\0`,
      `CONNECT\npasscode:${SECRET}\n\nbody\0`,
    ]) {
      const server = new LoneServer({ strict: true });
      const seen: string[] = [];
      script(server, {
        onError: (error: StompError, frame: Frame) => void seen.push(logged(error, frame)),
      });
      server.receiveData(wire);
      expect(seen).toHaveLength(1);
      expect([...seen, ...server.sent].join()).not.toContain(SECRET);
    }
  });

  test.each(VERSIONS)("when a server sends it back (%s)", (version) => {
    for (const wire of [
      `ERROR\nmessage:no\npasscode:${SECRET}\n\n\0`,
      `MESSAGE\npasscode:${SECRET}\n\n\0`,
      `SEND\npasscode:${SECRET}\n\n\0`,
      `what\npasscode:${SECRET}\n\n\0`,
      `CONNECTED\npasscode:${SECRET}\n\n\0`,
    ]) {
      const pair = connected(version);
      const receipt = pair.client.message("/a", "", { receipt: true });
      pair.toServer.drop();
      pair.toClient.inject(wire);
      pair.drive();
      expect(pair.client.state).toBe("closed");
      expect(logged(pair.client.closing?.error)).not.toContain(SECRET);
      expect(receipt.id).toBe("receipt-1");
    }
    const connectingTo = pairOf({ client: { versions: [version] } });
    connectingTo.client.connect({ passcode: SECRET });
    connectingTo.toClient.inject(`CONNECTED\nversion:9\npasscode:${SECRET}\n\n\0`);
    connectingTo.toServer.held = true;
    connectingTo.drive();
    expect(logged(connectingTo.client.closing?.error)).not.toContain(SECRET);
  });

  test("in a caller's mistake", () => {
    const { client } = pairOf({});
    let thrown: unknown;
    try {
      client.connect({ passcode: `${SECRET}\n`, headers: { k: "v" } });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeDefined();
    expect(logged(thrown as StompError)).not.toContain(SECRET);
  });
});
