import type { Receipt, ReceivedMessage, StompError } from "stomp-engine";
import { ManualClock } from "stomp-engine/testing";
import { describe, expect, test } from "vitest";
import {
  connected,
  connectedClient,
  connectedServer,
  hooks,
  LoneClient,
  LoneServer,
  pairOf,
  script,
  VERSIONS,
  visible,
} from "./scripted.ts";

type Recorders = ReturnType<typeof connected>;

/** Every command of a client, as a hook may give it; what it does not allow is its own fault. */
function everyCommand({ client }: Recorders): void {
  const subscription = client.subscribe("/new");
  const transaction = client.begin();
  client.message("/new", "x", { transaction });
  client.commit(transaction);
  client.abort(client.begin());
  client.unsubscribe(subscription);
  client.snapshot();
  client.resubscribe();
  client.pause();
  client.resume();
}

const COMMANDS = ["SUBSCRIBE", "BEGIN", "SEND", "COMMIT", "BEGIN", "ABORT", "UNSUBSCRIBE"];

describe.each(VERSIONS)("in %s", (version) => {
  test.each(["onConnected", "onMessage", "onUnclaimedMessage", "onReceipt", "onWritable"])(
    "a client may give every command from within %s",
    (hook) => {
      const pair = pairOf({});
      let once = true;
      script(pair.client, {
        [hook]: () => {
          if (once) everyCommand(pair);
          once = false;
        },
      });
      pair.client.connect({ versions: [version] });
      pair.drive();
      pair.client.subscribe("/a", { id: "0", receipt: "r" });
      pair.drive();
      pair.server.message("0", { destination: "/a" });
      pair.drive();
      pair.server.message("0", { destination: "/a" });
      pair.client.unsubscribe("0");
      pair.drive();
      pair.toServer.capacityBytes = 1;
      pair.toServer.held = true;
      pair.client.message("/a");
      pair.toServer.held = false;
      pair.drive();
      const commands = pair.transcript.lines
        .filter((line) => line.startsWith("C> "))
        .map((line) => line.split(" ")[1]);
      expect(commands.join()).toContain(COMMANDS.join());
      expect(pair.client.errors).toEqual([]);
      expect([pair.client.state, pair.server.state]).toEqual(["connected", "connected"]);
    },
  );

  test.each([
    "onSubscribe",
    "onMessage",
    "onAck",
    "onUnsubscribe",
    "onBegin",
    "onCommit",
    "onAbort",
  ])("a server may give every command from within %s", (hook) => {
    const pair = connected(version);
    pair.client.subscribe("/steady", { id: "steady", ack: "client" });
    pair.client.subscribe("/dropped", { id: "dropped" });
    pair.drive();
    pair.server.message("steady", { destination: "/steady" });
    pair.drive();
    let once = true;
    script(pair.server, {
      [hook]: () => {
        if (!once) return;
        once = false;
        pair.server.message("steady", { destination: "/from-hook" });
        pair.server.drop("dropped");
        pair.server.pause();
        pair.server.resume();
        pair.server.snapshot();
      },
    });
    pair.client.subscribe("/a", { id: "0", receipt: "subscribe" });
    pair.client.message("/a", "", { receipt: "send" });
    pair.client.messages[0]?.ack({ receipt: "ack" });
    pair.client.unsubscribe("0", { receipt: "unsubscribe" });
    pair.client.commit(pair.client.begin({ receipt: "begin" }), { receipt: "commit" });
    pair.client.abort(pair.client.begin(), { receipt: "abort" });
    pair.drive();
    const sent = pair.transcript.lines.filter((line) => line.startsWith("S> "));
    const answer = { onMessage: "send" }[hook] ?? hook.slice(2).toLowerCase();
    const at = sent.findIndex((line) => line.includes("/from-hook"));
    // What a hook sends comes before the RECEIPT of its frame.
    expect(sent[at + 1]).toBe(`S> RECEIPT receipt-id:${answer}`);
    expect(pair.client.receipts).toHaveLength(7);
  });

  test.each(["error", "disconnect"] as const)(
    "a server may end itself by %s() from within a hook",
    (how) => {
      for (const hook of [
        "onConnect",
        "onSubscribe",
        "onMessage",
        "onUnsubscribe",
        "onBegin",
        "onCommit",
        "onAbort",
      ]) {
        const pair = pairOf({});
        script(pair.server, {
          [hook]: () => (how === "error" ? pair.server.error("no") : pair.server.disconnect("bye")),
        });
        pair.client.connect({ versions: [version] });
        pair.drive();
        if (hook !== "onConnect") {
          pair.client.subscribe("/a", { id: "0", receipt: "1" });
          pair.client.message("/a", "", { receipt: "2" });
          pair.client.unsubscribe("0", { receipt: "3" });
          pair.client.commit(pair.client.begin({ receipt: "4" }), { receipt: "5" });
          pair.client.abort(pair.client.begin(), { receipt: "6" });
          pair.drive();
        }
        const lines = pair.transcript.lines.filter((line) => line.startsWith("S"));
        const end = lines.findIndex((line) => line.startsWith(`S! ${hook}`));
        expect(lines.slice(end + 1)).toEqual(
          how === "error"
            ? ["S> ERROR message:no", "S> (end)", "S! onClose error refused"]
            : ["S> (end)", "S! onClose disconnect"],
        );
        expect(pair.server.closing?.cause).toBe(how === "error" ? undefined : "bye");
      }
    },
  );

  test("a client may disconnect from within any hook, and hears no more than the end", () => {
    for (const hook of ["onConnected", "onMessage", "onUnclaimedMessage", "onReceipt"]) {
      const pair = pairOf({});
      script(pair.client, { [hook]: () => void pair.client.disconnect({ receipt: false }) });
      pair.client.connect({ versions: [version] });
      pair.drive();
      if (hook !== "onConnected") {
        pair.client.subscribe("/a", { id: "0", receipt: "1" });
        pair.toClient.inject(
          "MESSAGE\nmessage-id:1\nsubscription:0\ndestination:/a\n\n\0MESSAGE\nmessage-id:2\nsubscription:x\ndestination:/x\n\n\0",
        );
        pair.drive();
      }
      const lines = hooks(pair.transcript.lines).filter((line) => line.startsWith("C"));
      expect(lines.at(-1)).toBe("C! onClose disconnect");
      expect(lines.at(-2)).toMatch(`C! ${hook}`);
    }
  });
});

describe("from within onError and onClose", () => {
  test.each(["client", "server"] as const)(
    "every command of a %s throws closed, but those that end it",
    (side) => {
      const pair = connected();
      pair.client.subscribe("/a", { id: "0" });
      pair.drive();
      const codes: string[] = [];
      const tries = () => {
        const { client, server } = pair;
        const calls: readonly (() => unknown)[] =
          side === "client"
            ? [
                () => client.connect(),
                () => client.message("/a"),
                () => client.subscribe("/b"),
                () => client.unsubscribe("0"),
                () => client.begin(),
                () => client.disconnect(),
                () => client.resubscribe(),
              ]
            : [
                () => server.message("0", { destination: "/a" }),
                () => server.drop("0"),
                () => server.error("again"),
              ];
        for (const call of calls) {
          try {
            call();
            codes.push("no error");
          } catch (error) {
            codes.push((error as StompError).code);
          }
        }
        if (side === "server") server.disconnect();
        const session = pair[side];
        session.pause();
        session.resume();
        session.drained();
        session.receiveEnd(new Error("again"));
        expect(session.receiveData("SEND\ndestination:/a\n\n\0")).toBe(true);
        expect(session.snapshot().session).toBe("session-1");
      };
      script(pair[side], { onError: tries, onClose: tries });
      pair[side].receiveData("nonsense frame\n\n\0");
      pair.drive();
      expect(codes).toEqual(Array(side === "client" ? 14 : 6).fill("closed"));
      const name = side === "client" ? "C" : "S";
      expect(
        hooks(pair.transcript.lines)
          .filter((line) => line.startsWith(name))
          .slice(-2),
      ).toEqual([`${name}! onError malformed-frame`, `${name}! onClose error malformed-frame`]);
    },
  );

  test("a client that was never connected may not connect from within onClose", () => {
    const { client } = pairOf({});
    const codes: string[] = [];
    script(client, {
      onClose: () => {
        try {
          client.connect();
        } catch (error) {
          codes.push((error as StompError).code);
        }
      },
    });
    client.disconnect();
    expect(codes).toEqual(["closed"]);
  });
});

test.each([
  ["sessionId", (server: () => LoneServer) => ({ sessionId: () => ended(server()) }), true],
  [
    "an acceptance",
    () => ({}),
    (server: LoneServer) => ({
      get session() {
        return ended(server);
      },
    }),
  ],
] as const)("a session that is ended from within %s is not connected", (_, options, answer) => {
  const clock = new ManualClock();
  const server: LoneServer = new LoneServer({ clock, ...options(() => server) });
  script(server, { onConnect: () => (answer === true ? true : answer(server)) });
  server.receiveData("CONNECT\naccept-version:1.2\nhost:/\nheart-beat:1000,1000\n\n\0");
  clock.advance(60_000);
  expect([server.state, server.ends.length, clock.pending]).toEqual(["closed", 1, 0]);
  expect(server.sent.filter((frame) => frame.startsWith("CONNECTED"))).toEqual([]);
});

/** Ends a session, and gives it an id all the same. */
function ended(server: LoneServer): string {
  server.disconnect("no");
  return "s";
}

describe("from within sendData", () => {
  test("what the peer answers is handled when the command is done", () => {
    const pair = connected();
    const told: string[] = [];
    script(pair.client, {
      sendData: () => void pair.drive(),
      onReceipt: ({ id }: Receipt) => void told.push(`onReceipt ${id}`),
    });
    const receipt = pair.client.message("/a", "", { receipt: true });
    expect(told).toEqual([`onReceipt ${receipt?.id}`]);
    told.length = 0;
    pair.client.subscribe("/a", { receipt: "s" });
    pair.client.disconnect();
    expect(told).toEqual(["onReceipt s", "onReceipt receipt-3"]);
    expect(pair.client.closing?.reason).toBe("disconnect");
  });

  test("a whole conversation takes no stack", () => {
    const pair = connected();
    let left = 5_000;
    const depths: number[] = [];
    let depth = 0;
    script(pair.client, { sendData: () => void pair.drive() });
    script(pair.client, {
      onReceipt: () => {
        depths.push(++depth);
        if (left-- > 0) pair.client.message("/a", "", { receipt: true });
        depth--;
      },
    });
    pair.client.message("/a", "", { receipt: true });
    expect(depths).toHaveLength(5_001);
    expect(Math.max(...depths)).toBe(1);
  });

  test("the end of the transport is handled when the command is done", () => {
    const client = connectedClient();
    const [gone, again] = [new Error("gone"), new Error("again")];
    script(client, {
      sendData: () => {
        client.receiveEnd();
        client.receiveEnd(gone);
        client.receiveEnd(again);
      },
    });
    const receipt = client.message("/a", "", { receipt: true });
    expect(client.closing?.cause).toBe(gone);
    expect(client.told).toEqual(["onError connection-lost", "onClose lost"]);
    expect(client.closing?.unconfirmed).toEqual([receipt]);
    expect(client.ends).toEqual(["now"]);
  });

  test("drained() counts, although sendData says that it is saturated", () => {
    const client = connectedClient();
    const told: boolean[] = [];
    script(client, {
      sendData: () => {
        client.drained();
        return false;
      },
      onWritable: () => void told.push(client.writable),
    });
    client.message("/a");
    expect([client.writable, told]).toEqual([true, [true]]);
  });

  test.each([
    ["saturated", false],
    ["saturated no more, and is about to be told", true],
  ])("drained() counts likewise where the session is %s", (_, drainedBefore) => {
    const client = connectedClient();
    const told: boolean[] = [];
    let drains = false;
    script(client, {
      sendData: () => {
        if (drains) client.drained();
        return false;
      },
      onReceipt: () => {
        client.message("/a");
        if (drainedBefore) client.drained();
        drains = true;
        client.message("/a");
      },
      onWritable: () => void told.push(client.writable),
    });
    client.message("/a", "", { receipt: "r" });
    client.receiveData("RECEIPT\nreceipt-id:r\n\n\0");
    expect([client.writable, told]).toEqual([true, [true]]);
  });

  test.each([
    [true, true, [true]],
    [false, false, []],
  ])("what is sent before onWritable: taken %s, writable %s", (taken, writable, expected) => {
    const client = connectedClient();
    const told: boolean[] = [];
    const answers = [false, false, taken];
    script(client, {
      sendData: () => answers.shift(),
      onReceipt: () => {
        client.message("/a");
        client.drained();
        client.message("/a");
      },
      onWritable: () => void told.push(client.writable),
    });
    client.message("/a", "", { receipt: "r" });
    client.receiveData("RECEIPT\nreceipt-id:r\n\n\0");
    expect([client.writable, told]).toEqual([writable, expected]);
  });

  test("saturation by what is sent from within sendData lasts", () => {
    const client = connectedClient();
    let nested = false;
    script(client, {
      sendData: (data: Uint8Array) => {
        if (!nested || visible(data).includes("/nested")) return false;
        client.message("/nested");
        return true;
      },
      onReceipt: () => {
        client.drained();
        nested = true;
        client.message("/a");
      },
    });
    client.message("/a", "", { receipt: "r" });
    client.receiveData("RECEIPT\nreceipt-id:r\n\n\0");
    expect(client.writable).toBe(false);
  });

  test("drained() without need is nothing, and not kept for later", () => {
    const client = connectedClient();
    const told: string[] = [];
    let drains = true;
    script(client, {
      sendData: () => {
        if (drains) client.drained();
        if (drains) client.drained();
        return drains;
      },
      onWritable: () => void told.push("writable"),
    });
    client.message("/a");
    client.drained();
    expect([told, client.writable]).toEqual([[], true]);
    drains = false;
    client.message("/a");
    expect([told, client.writable]).toEqual([[], false]);
  });

  test("a session that it ended waits for nothing, although it says that it is saturated", () => {
    const clock = new ManualClock();
    const client = new LoneClient({ clock });
    script(client, {
      sendData: () => {
        client.disconnect();
        return false;
      },
    });
    client.connect();
    expect([client.state, clock.pending]).toEqual(["closed", 0]);
  });

  test("a command leaves at once, in the middle of the other", () => {
    const client = connectedClient();
    let once = true;
    script(client, {
      sendData: () => {
        if (once) {
          once = false;
          client.message("/b");
        }
      },
    });
    client.message("/a");
    expect(client.sent.map((frame) => frame.slice(0, 19))).toEqual([
      "SEND⏎destination:/a",
      "SEND⏎destination:/b",
    ]);
  });

  test("no command of a server follows an ERROR", () => {
    const server = connectedServer();
    server.receiveData("SUBSCRIBE\nid:0\ndestination:/a\nack:client\n\n\0");
    server.sent.length = 0;
    const codes: string[] = [];
    script(server, {
      sendData: () => {
        for (const call of [
          () => server.message("0", { destination: "/a" }),
          () => server.error("again"),
          () => server.drop("0"),
        ]) {
          try {
            call();
          } catch (error) {
            codes.push((error as StompError).code);
          }
        }
        server.disconnect();
        server.receiveEnd(new Error("gone"));
        server.receiveData("SEND\ndestination:/a\n\n\0");
        codes.push(server.state);
      },
    });
    server.receiveData("SEND\n\n\0");
    expect(codes).toEqual(["closed", "closed", "closed", "disconnecting"]);
    expect(server.sent).toHaveLength(1);
    expect(server.told.slice(1)).toEqual(["onError missing-header", "onClose error"]);
    expect(server.ends).toEqual(["flush"]);
  });

  test.each(["before CONNECT", "while onConnect is pending"])("nor one %s", (when) => {
    const server = new LoneServer();
    if (when !== "before CONNECT") {
      script(server, { onConnect: () => new Promise(() => {}) });
      server.receiveData("CONNECT\n\n\0");
    }
    script(server, { sendData: () => server.error("again") });
    expect(() => server.error("once")).not.toThrow();
    expect(server.sent).toEqual(["ERROR⏎message:once⏎⏎^@⏎"]);
    // The exception of the second call came out of sendData.
    expect(server.closing).toMatchObject({ reason: "error", cause: { code: "closed" } });
    expect(server.ends).toEqual(["now"]);
  });
});

describe("pause() and resume() from within hooks", () => {
  test.each(["client", "server"] as const)(
    "hold back what is behind on a %s, in the same chunk",
    (side) => {
      const pair = connected();
      const seen: string[] = [];
      if (side === "client") pair.client.subscribe("/a", { id: "0" });
      pair.drive();
      script(pair[side], {
        onMessage: (message: ReceivedMessage) => {
          seen.push(message.text());
          pair[side].pause();
        },
      });
      const frames = ["a", "b", "c"].map((body) =>
        side === "client"
          ? `MESSAGE\nmessage-id:1\nsubscription:0\ndestination:/a\n\n${body}\0`
          : `SEND\ndestination:/a\n\n${body}\0`,
      );
      const lane = side === "client" ? pair.toClient : pair.toServer;
      lane.inject(frames.join(""));
      pair.drive();
      expect(seen).toEqual(["a"]);
      pair[side].resume();
      expect(seen).toEqual(["a", "b"]);
      pair[side].resume();
      expect(seen).toEqual(["a", "b", "c"]);
    },
  );
});
