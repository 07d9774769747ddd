import { describe, expect, expectTypeOf, test } from "vitest";
import { VERSIONS } from "../../src/protocol/version.ts";
import type { ServerSubscription } from "../../src/session/server-subscription.ts";
import {
  ManualClock,
  Pair,
  RecordingClient,
  RecordingServer,
  randomPieces,
} from "../../src/testing/index.ts";

/** All that happens in a short life. */
function life(pair: Pair): string {
  const { client, server } = pair;
  client.subscribe("/a", { id: "0", ack: "client", receipt: "sub" });
  pair.drive();
  server.message("0", { destination: "/a", messageId: "m1", body: "ünïcödé" });
  server.message("0", { destination: "/a", messageId: "m2", body: new Uint8Array(5_000) });
  pair.drive();
  client.messages[1]?.ack({ receipt: "ack" });
  const transaction = client.begin({ id: "t" });
  client.message("/b", { some: "json" }, { transaction });
  client.commit(transaction, { receipt: "commit" });
  client.unsubscribe("0");
  client.disconnect({ receipt: "bye" });
  pair.drive();
  return String(pair.transcript);
}

describe("a transcript", () => {
  test("tells a flow line by line", () => {
    const pair = new Pair();
    pair.client.connect({ login: "me", passcode: "secret" });
    expect(pair.drive()).toEqual([
      "C> CONNECT accept-version:1.0,1.1,1.2 host:/ login:me passcode:*** heart-beat:10000,10000",
      "S! onConnect 1.2",
      "S> CONNECTED version:1.2 session:session-1 heart-beat:10000,10000",
      "C! onConnected 1.2",
    ]);
    pair.client.subscribe("/a", { id: "0", receipt: "7" });
    expect(pair.drive()).toEqual([
      "C> SUBSCRIBE id:0 destination:/a receipt:7",
      "S! onSubscribe 0",
      "S> RECEIPT receipt-id:7",
      "C! onReceipt 7",
    ]);
  });

  test("knows every hook", () => {
    const pair = Pair.connected();
    const { client, server } = pair;
    client.subscribe("/a", { id: "0", ack: "client-individual" });
    pair.drive();
    for (const messageId of ["m1", "m2"]) server.message("0", { destination: "/a", messageId });
    pair.drive();
    client.messages[0]?.ack();
    client.messages[1]?.nack();
    client.commit(client.begin({ id: "t1" }));
    client.abort(client.begin({ id: "t2" }));
    client.unsubscribe("0");
    pair.toClient.inject("MESSAGE\ndestination:/replies\nmessage-id:1\nsubscription:r\n\nhi\0");
    pair.toServer.inject("PING\n\n\0");
    expect(pair.drive().filter((line) => line.includes("! "))).toEqual([
      "S! onAck m1",
      'C! onUnclaimedMessage r "hi"',
      "S! onNack m2",
      "S! onBegin t1",
      "S! onCommit t1",
      "S! onBegin t2",
      "S! onAbort t2",
      "S! onUnsubscribe 0",
      "S! onUnknownCommand PING",
      "S! onError unknown-command",
      "S! onClose error unknown-command",
      "C! onError error-frame",
      "C! onClose error error-frame",
    ]);
  });

  test("is the same however the bytes are cut", () => {
    const run = (cut: (pair: Pair) => void) => {
      const pair = Pair.connected();
      cut(pair);
      return life(pair);
    };
    const whole = run(() => {});
    expect(whole).toContain('C! onMessage 0 "ünïcödé"');
    expect(whole).toContain("C! onClose disconnect");
    const sides = (text: string, side: string) =>
      text.split("\n").filter((line) => line.startsWith(side));
    for (const chunking of ["bytes", randomPieces(1), randomPieces(2)] as const) {
      const cut = run((pair) => {
        pair.toServer.chunking = chunking;
        pair.toClient.chunking = chunking;
      });
      // Only which side comes first when both are at it depends on the pieces.
      for (const side of ["C", "S"]) expect(sides(cut, side)).toEqual(sides(whole, side));
    }
  });
});

describe("a connected pair", () => {
  test.each(VERSIONS)("speaks %s, and its transcript begins there", (version) => {
    const pair = Pair.connected(version);
    expect([pair.client.version, pair.server.version]).toEqual([version, version]);
    expect(pair.drive()).toEqual([]);
    expect(pair.transcript.lines[1]).toBe(`S! onConnect ${version}`);
    expect(life(pair)).toContain("S! onClose disconnect");
  });

  test("speaks 1.2 unless told otherwise", () => {
    expect(Pair.connected().client.version).toBe("1.2");
  });

  test("is not had from a server that refuses, and the transcript tells why", () => {
    class Closed extends RecordingServer {
      protected override onConnect(): boolean {
        return false;
      }
    }
    expect(() => Pair.connected("1.2", { server: (end) => new Closed(end) })).toThrow(
      /did not connect:\nC> CONNECT.*\nS! onConnect 1.2\nS> ERROR/,
    );
  });

  test("has recorders on both sides by default", () => {
    const pair = Pair.connected();
    expectTypeOf(pair.client).toEqualTypeOf<RecordingClient>();
    expectTypeOf(pair.server).toEqualTypeOf<RecordingServer>();
    life(pair);
    expect(pair.client.connected?.session).toBe("session-1");
    expect(pair.client.messages.map((message) => message.messageId)).toEqual(["m1", "m2"]);
    expect(pair.client.receipts.map((receipt) => receipt.id)).toEqual([
      "sub",
      "ack",
      "commit",
      "bye",
    ]);
    expect(pair.client.closing?.reason).toBe("disconnect");
    expect(pair.server.request?.version).toBe("1.2");
    expect(pair.server.messages.map((message) => message.json())).toEqual([{ some: "json" }]);
    expect(pair.server.acknowledgements.map(({ named }) => named.messageId)).toEqual(["m2"]);
    expect(pair.server.closing?.reason).toBe("disconnect");
    expect(pair.clock.pending).toBe(0);
  });
});

describe("step", () => {
  test("lets one piece arrive, in turns", () => {
    const pair = Pair.connected();
    pair.client.message("/a", "one", { receipt: "1" });
    pair.client.message("/a", "two", { receipt: "2" });
    pair.transcript.take();
    const lines = () => {
      expect(pair.step()).toBe(true);
      return pair.transcript.take();
    };
    expect(lines()).toEqual(['S! onMessage /a "one"', "S> RECEIPT receipt-id:1"]);
    expect(lines()).toEqual(["C! onReceipt 1"]);
    expect(lines()).toEqual(['S! onMessage /a "two"', "S> RECEIPT receipt-id:2"]);
    expect(lines()).toEqual(["C! onReceipt 2"]);
    expect(pair.step()).toBe(false);
  });
});

describe("drive", () => {
  test("tells two that never come to an end", () => {
    class Parrot extends RecordingClient {
      protected override onMessage(): void {
        this.message("/a", "again");
      }
    }
    class Echo extends RecordingServer {
      protected override onMessage(): void {
        this.message("0", { destination: "/a" });
      }
    }
    const pair = Pair.connected("1.2", {
      client: (end) => new Parrot(end),
      server: (end) => new Echo(end),
    });
    pair.client.subscribe("/a", { id: "0" });
    pair.client.message("/a", "once");
    expect(() => pair.drive()).toThrow("no end");
  });
});

describe("settle", () => {
  test("lets hooks answer that return promises", async () => {
    class Slow extends RecordingServer {
      protected override async onConnect() {
        for (let turn = 0; turn < 10; turn++) await undefined;
        return true;
      }

      protected override async onSubscribe(subscription: ServerSubscription) {
        await undefined;
        this.message(subscription, { destination: "/a", messageId: "m" });
      }
    }
    const pair = new Pair({ server: (end) => new Slow(end) });
    pair.client.connect({ versions: ["1.2"] });
    expect(pair.drive().at(-1)).toBe("S! onConnect 1.2");
    expect(await pair.settle()).toEqual([
      "S> CONNECTED version:1.2 session:session-1 heart-beat:10000,10000",
      "C! onConnected 1.2",
    ]);
    pair.client.subscribe("/a", { id: "0", receipt: "7" });
    expect(await pair.settle()).toEqual([
      "C> SUBSCRIBE id:0 destination:/a receipt:7",
      "S! onSubscribe 0",
      "S> MESSAGE subscription:0 message-id:m destination:/a",
      "C! onMessage 0",
      "S> RECEIPT receipt-id:7",
      "C! onReceipt 7",
    ]);
  });
});

describe("time", () => {
  test("passes with everything that happens in it", () => {
    const pair = Pair.connected();
    const beats = pair.advance(60_000);
    expect(new Set(beats)).toEqual(new Set(["C> ⏎", "S> ⏎"]));
    expect(beats.length).toBeGreaterThanOrEqual(12);
    expect(pair.clock.now()).toBe(60_000);
    expect(pair.client.state).toBe("connected");
  });

  test("ends a session whose peer is silent", () => {
    const pair = Pair.connected();
    pair.toClient.held = true;
    expect(pair.advance(60_000)).toContain("C! onError heart-beat-lost");
  });

  test("may jump, and grants a suspended machine another interval", () => {
    const pair = Pair.connected();
    expect(pair.jump(3_600_000)).not.toContain("C! onClose lost heart-beat-lost");
    expect(pair.clock.now()).toBe(3_600_000);
    expect(pair.client.state).toBe("connected");
  });

  test("may be shared with other things under test", () => {
    const clock = new ManualClock();
    clock.advance(5_000);
    const pair = new Pair({ clock });
    expect(pair.clock).toBe(clock);
    pair.client.connect();
    pair.drive();
    expect(pair.advance(10)).toEqual([]);
    expect(clock.now()).toBe(5_010);
  });
});

describe("the network", () => {
  test("may be slow to take data: saturation and its end are seen", () => {
    const pair = Pair.connected();
    pair.toServer.capacityBytes = 100;
    pair.client.message("/a", "x".repeat(100));
    expect(pair.client.writable).toBe(false);
    expect(pair.drive()).toContain("C! onWritable");
    expect(pair.client.writable).toBe(true);
  });

  test("may be stuck: a peer that takes nothing is given up", () => {
    const pair = Pair.connected("1.2", {
      client: (end) => new RecordingClient(end, { heartBeat: { sendMs: 0, receiveMs: 0 } }),
    });
    pair.toServer.capacityBytes = 0;
    pair.toServer.held = true;
    pair.client.message("/a", "hello");
    pair.drive();
    expect(pair.advance(31_000)).toEqual([
      "C> (end now)",
      "C! onError stalled",
      "C! onClose lost stalled",
    ]);
    pair.toServer.held = false;
    expect(pair.drive()).toEqual([
      "S> (end now)",
      "S! onError connection-lost",
      "S! onClose lost connection-lost",
    ]);
  });

  test("may be cut with half of the bytes on their way", () => {
    const pair = Pair.connected();
    const receipt = pair.client.message("/a", "hello", { receipt: "1" });
    pair.toServer.deliver(Math.floor(pair.toServer.pendingBytes / 2));
    pair.cut();
    expect(pair.server.closing?.truncated).toBe(true);
    expect(pair.client.closing?.unconfirmed).toEqual([receipt]);
    expect(pair.client.closing?.cause).toEqual(new Error("The connection was cut"));
    expect(pair.server.messages).toEqual([]);
    expect(pair.drive()).toEqual([]);
    expect(pair.transcript.lines).toContain("-- cut");
  });

  test("may be cut for a reason of the test's own", () => {
    const pair = Pair.connected();
    const reason = new Error("excavator");
    expect(pair.cut(reason)[0]).toBe("-- cut");
    expect([pair.client.closing?.cause, pair.server.closing?.cause]).toEqual([reason, reason]);
  });

  test("may end without a word, after what is on its way", () => {
    const pair = Pair.connected();
    pair.client.message("/a", "last words");
    expect(pair.hangUp()).toEqual([
      'C> SEND destination:/a content-type:text/plain "last words"',
      "-- hang up",
      'S! onMessage /a "last words"',
      "C> (end)",
      "C! onClose ended",
      "S> (end)",
      "S! onClose ended",
    ]);
  });

  test("stops for a server that reads no further", () => {
    const pair = Pair.connected();
    pair.server.pause();
    pair.client.message("/a", "one");
    pair.client.message("/a", "two");
    expect(pair.drive().filter((line) => line.startsWith("S"))).toEqual([]);
    expect(pair.toServer.pendingBytes).toBeGreaterThan(0);
    pair.server.resume();
    expect(pair.drive()).toEqual(['S! onMessage /a "one"', 'S! onMessage /a "two"']);
  });

  test("stops for a client that reads no further", () => {
    const pair = Pair.connected();
    pair.client.subscribe("/a", { id: "0" });
    pair.drive();
    pair.client.pause();
    pair.server.message("0", { destination: "/a", messageId: "m1" });
    pair.server.message("0", { destination: "/a", messageId: "m2" });
    expect(pair.drive().filter((line) => line.startsWith("C"))).toEqual([]);
    expect(pair.toClient.pendingBytes).toBeGreaterThan(0);
    pair.client.resume();
    expect(pair.drive()).toEqual(["C! onMessage 0", "C! onMessage 0"]);
  });
});

describe("a peer of another kind", () => {
  test("is played by the test", () => {
    const pair = new Pair();
    pair.toServer.inject("CONNECT\naccept-version:1.1\nhost:here\n\n\0");
    pair.toServer.inject("SEND\n\n\0");
    const lines = pair.drive();
    expect(lines.slice(0, 3)).toEqual([
      "C> CONNECT accept-version:1.1 host:here",
      "C> SEND",
      "S! onConnect 1.1",
    ]);
    expect(lines).toContain("S! onError missing-header");
  });
});
