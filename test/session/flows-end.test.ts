import { ApplicationError, type Closing, ProtocolError } from "stomp-engine";
import { describe, expect, test } from "vitest";
import {
  connected,
  connectedClient,
  connectedServer,
  LoneClient,
  LoneServer,
  override,
  script,
  settled,
} from "./scripted.ts";

const SIDES = ["client", "server"] as const;
const lone = (side: (typeof SIDES)[number]) =>
  side === "client" ? connectedClient() : connectedServer();

/** Everything that can end a session, and what `onClose` says of it. */
const CAUSE = new Error("the reason");
type Session = LoneClient | LoneServer;
const ENDS: Readonly<Record<string, (session: Session) => unknown>> = {
  "an ordinary end of the transport": (session) => session.receiveEnd(),
  "a link that fails": (session) => session.receiveEnd(CAUSE),
  "malformed bytes": (session) => session.receiveData("no frame\n\n\0"),
  "disconnect()": (session) =>
    session instanceof LoneClient ? session.disconnect({ receipt: false }) : session.disconnect(),
};

describe.each(SIDES)("the end of a %s", (side) => {
  test.each(Object.keys(ENDS))("by %s is one sendEnd and one onClose, whatever follows", (name) => {
    const session = lone(side);
    ENDS[name]?.(session);
    for (const each of Object.values(ENDS)) {
      try {
        each(session);
      } catch (error) {
        expect(error).toMatchObject({ code: "closed" });
      }
    }
    session.drained();
    session.resume();
    expect(session.ends).toHaveLength(1);
    expect(session.told.filter((line) => line.startsWith("onClose"))).toHaveLength(1);
    expect(session.told.at(-1)).toMatch("onClose");
    expect(session.state).toBe("closed");
  });

  test.each([
    [
      "an ordinary end of the transport",
      { reason: "ended", error: undefined, cause: undefined },
      "flush",
    ],
    [
      "a link that fails",
      { reason: "lost", error: { code: "connection-lost" }, cause: CAUSE },
      "now",
    ],
    [
      "malformed bytes",
      { reason: "error", error: { code: "malformed-frame" }, cause: undefined },
      "flush",
    ],
    ["disconnect()", { reason: "disconnect", error: undefined, cause: undefined }, "flush"],
  ])("by %s is told", (name, closing, how) => {
    const session = lone(side);
    ENDS[name]?.(session);
    expect(session.closing).toMatchObject(closing as Partial<Closing>);
    expect(session.closing?.truncated).toBe(false);
    expect(session.ends).toEqual([how]);
    expect(session.errors).toEqual(closing.error === undefined ? [] : [session.closing?.error]);
  });

  test("may come before anything else", () => {
    for (const reason of [undefined, CAUSE]) {
      const session = side === "client" ? new LoneClient() : new LoneServer();
      session.receiveEnd(reason);
      expect(session.closing?.reason).toBe(reason === undefined ? "ended" : "lost");
      expect(session.ends).toHaveLength(1);
    }
    const session = side === "client" ? new LoneClient() : new LoneServer();
    session.disconnect();
    expect(session.told).toEqual(["onClose disconnect"]);
    expect(session.ends).toEqual([side === "client" ? "now" : "flush"]);
  });

  test("may come while it is connecting", () => {
    const client = new LoneClient();
    client.connect();
    client.disconnect();
    expect([client.told, client.ends]).toEqual([["onClose disconnect"], ["now"]]);
    const server = new LoneServer();
    script(server, { onConnect: () => new Promise(() => {}) });
    server.receiveData("CONNECT\n\n\0");
    server.disconnect("not now");
    expect([server.told, server.ends]).toEqual([["onConnect", "onClose disconnect"], ["flush"]]);
    expect(server.closing?.cause).toBe("not now");
  });

  test("is an ordinary one once DISCONNECT is on its way, also if the link fails", () => {
    const client = connectedClient();
    client.disconnect();
    client.receiveEnd(CAUSE);
    expect(client.closing).toMatchObject({ reason: "disconnect", error: undefined, cause: CAUSE });
    const server = connectedServer();
    script(server, { onDisconnect: () => new Promise(() => {}) });
    server.receiveData("DISCONNECT\n\n\0");
    server.receiveEnd(CAUSE);
    expect(server.closing).toMatchObject({ reason: "disconnect", error: undefined, cause: CAUSE });
    expect(server.errors).toEqual([]);
  });

  test("leaves the session readable", () => {
    const pair = connected();
    pair.client.subscribe("/a", { id: "0" });
    pair.drive();
    pair.cut();
    expect(pair[side].snapshot().subscriptions).toHaveLength(1);
    expect([pair[side].version, pair[side].session, pair[side].subscriptions.size]).toEqual([
      "1.2",
      "session-1",
      1,
    ]);
    expect(pair[side].transactions.size).toBe(0);
  });

  test("is the end of what is received: nothing of it is processed", () => {
    const session = lone(side);
    const frame =
      side === "client"
        ? "MESSAGE\ndestination:/a\nmessage-id:1\nsubscription:1\n\n\0"
        : "SEND\ndestination:/a\n\n\0";
    session.receiveData(`${frame}no frame\n\n\0${frame}`);
    expect(session.receiveData(frame)).toBe(true);
    expect(session.told.filter((line) => line.includes("essage"))).toHaveLength(1);
  });
});

describe("nothing is processed behind DISCONNECT", () => {
  test("in the same chunk, or in a later one, while onDisconnect has not answered", () => {
    const server = connectedServer();
    script(server, { onDisconnect: () => new Promise(() => {}) });
    server.receiveData("DISCONNECT\nreceipt:1\n\n\0SEND\ndestination:/a\n\n\0");
    server.receiveData("SEND\ndestination:/a\n\n\0no frame at all");
    for (let chunk = 0; chunk < 100; chunk++) server.receiveData("x".repeat(1_000_000));
    expect(server.told).toEqual(["onDisconnect"]);
    expect(server.state).toBe("disconnecting");
    server.disconnect();
    expect(server.state).toBe("disconnecting");
    server.error("now");
    expect(server.sent).toEqual(["ERROR⏎message:now⏎⏎^@⏎"]);
  });

  test("nor is it too much to wait for", () => {
    const server = connectedServer("1.2", { limits: { maxPendingBytes: 1_000 } });
    script(server, { onDisconnect: () => new Promise(() => {}) });
    server.receiveData("DISCONNECT\n\n\0");
    for (let chunk = 0; chunk < 3; chunk++) server.receiveData("x".repeat(1_001));
    expect(server.told).toEqual(["onDisconnect"]);
    expect(server.state).toBe("disconnecting");
  });

  test("also if onDisconnect disconnects, as is natural: the RECEIPT is sent all the same", () => {
    const server = connectedServer();
    script(server, { onDisconnect: () => server.disconnect() });
    server.receiveData("DISCONNECT\nreceipt:1\n\n\0");
    expect(server.sent).toEqual(["RECEIPT⏎receipt-id:1⏎⏎^@⏎"]);
    expect(server.told).toEqual(["onDisconnect", "onClose disconnect"]);
  });
});

describe.each(SIDES)("a transport of a %s that throws", (side) => {
  const failure = new Error("EPIPE");
  const throws = () => {
    throw failure;
  };
  const speak = (session: Session) =>
    session instanceof LoneClient
      ? session.message("/a", "", { receipt: "r" })
      : session.receiveData("SEND\ndestination:/a\nreceipt:r\n\n\0");

  test("from sendData is transport-failed, and the command returns", () => {
    const session = lone(side);
    script(session, { sendData: throws });
    speak(session);
    expect(session.closing).toMatchObject({
      reason: "lost",
      cause: failure,
      error: { code: "transport-failed", cause: failure },
    });
    expect(session.told.slice(-2)).toEqual(["onError transport-failed", "onClose lost"]);
    expect(session.ends).toEqual(["now"]);
  });

  test("from sendEnd is transport-failed, and the end all the same", () => {
    const session = lone(side);
    script(session, { sendEnd: throws });
    session.receiveEnd();
    expect(session.told).toEqual(["onError transport-failed", "onClose ended"]);
    expect(session.closing?.cause).toBe(failure);
    expect(session.ends).toEqual(["flush"]);
  });

  test("from both is told once, with what came first", () => {
    const session = lone(side);
    const later = new Error("later");
    script(session, {
      sendData: throws,
      sendEnd: () => {
        throw later;
      },
    });
    speak(session);
    expect(session.errors.map(({ code, cause }) => [code, cause])).toEqual([
      ["transport-failed", failure],
    ]);
    expect(session.closing?.cause).toBe(failure);
  });

  test("from sendEnd does not hide why the session ended", () => {
    const session = lone(side);
    script(session, { sendEnd: throws });
    session.receiveData("no frame\n\n\0");
    expect(session.told).toEqual(["onError malformed-frame", "onClose error"]);
    expect(session.closing?.cause).toBe(failure);
  });

  test("during a heart-beat is transport-failed", () => {
    const pair = connected("1.2", {
      client: { heartBeat: { sendMs: 500, receiveMs: 500 } },
      server: { heartBeat: { sendMs: 500, receiveMs: 500 } },
    });
    script(pair[side], { sendData: throws });
    pair.advance(1_000);
    expect(pair[side].closing?.error?.code).toBe("transport-failed");
    pair.advance(10_000);
    expect(pair.clock.pending).toBe(0);
  });
});

describe("a transport of a server that throws while an ERROR is sent", () => {
  test("does not hide why it was sent", () => {
    const failure = new Error("EPIPE");
    const server = connectedServer();
    const bug = new TypeError("a bug");
    script(server, {
      onMessage: () => {
        throw bug;
      },
      sendData: () => {
        throw failure;
      },
    });
    server.receiveData("SEND\ndestination:/a\n\n\0");
    expect(server.errors.map(({ code, cause }) => [code, cause])).toEqual([["hook-failed", bug]]);
    expect(server.closing).toMatchObject({ reason: "error", cause: failure });
    expect(server.ends).toEqual(["now"]);
    const asked = connectedServer();
    script(asked, {
      sendData: () => {
        throw failure;
      },
    });
    asked.error("enough");
    expect(asked.closing).toMatchObject({
      reason: "error",
      error: { code: "refused" },
      cause: failure,
    });
    expect(asked.told).toEqual(["onClose error"]);
  });
});

describe.each(SIDES)("an exception from the last hooks of a %s", (side) => {
  const CALLS: Readonly<Record<string, (session: Session) => unknown>> = {
    receiveData: (session) => session.receiveData("no frame\n\n\0"),
    receiveEnd: (session) => session.receiveEnd(CAUSE),
  };

  test.each(["onError", "onClose"])(
    "%s reaches whoever called, and changes nothing else",
    (hook) => {
      for (const call of Object.values(CALLS)) {
        const session = lone(side);
        const failure = new Error(hook);
        script(session, {
          [hook]: () => {
            throw failure;
          },
        });
        expect(() => call(session)).toThrow(failure);
        expect(session.told).toEqual([
          expect.stringMatching("onError"),
          expect.stringMatching("onClose"),
        ]);
        expect([session.ends.length, session.state]).toEqual([1, "closed"]);
        // Once is enough.
        expect(() => session.receiveEnd()).not.toThrow();
        expect(() => session.resume()).not.toThrow();
      }
    },
  );

  test("from both is the first", () => {
    const session = lone(side);
    script(session, {
      onError: () => {
        throw new Error("of onError");
      },
      onClose: () => {
        throw new Error("of onClose");
      },
    });
    expect(() => session.receiveEnd(CAUSE)).toThrow("of onError");
    expect(session.told).toEqual(["onError connection-lost", "onClose lost"]);
  });

  test("from onError does not come out of what onClose calls", () => {
    const session = lone(side);
    let finished = false;
    script(session, {
      sendEnd: () => {
        throw CAUSE;
      },
      onError: () => {
        throw new Error("of onError");
      },
      onClose: () => {
        session.resume();
        session.drained();
        session.receiveEnd();
        finished = true;
      },
    });
    expect(() => ENDS["disconnect()"]?.(session)).toThrow("of onError");
    expect(finished).toBe(true);
  });

  test("reaches whoever gave the command", () => {
    const session = lone(side);
    script(session, {
      onClose: () => {
        throw new Error("of onClose");
      },
    });
    expect(() => ENDS["disconnect()"]?.(session)).toThrow("of onClose");
  });

  test("during a hook comes out when the session has done its work", () => {
    const pair = connected();
    pair.client.subscribe("/a", { id: "0" });
    pair.drive();
    const session = pair[side];
    const order: string[] = [];
    script(session, {
      onMessage: () => {
        session.receiveEnd(CAUSE);
        if (side === "client") pair.client.disconnect({ receipt: false });
        else pair.server.disconnect();
        order.push("onMessage returns");
      },
      onClose: () => {
        order.push("onClose");
        throw new Error("of onClose");
      },
    });
    const frame =
      side === "client"
        ? "MESSAGE\ndestination:/a\nmessage-id:1\nsubscription:0\n\n\0"
        : "SEND\ndestination:/a\n\n\0";
    expect(() => session.receiveData(frame)).toThrow("of onClose");
    expect(order).toEqual(["onClose", "onMessage returns"]);
  });
});

test("an exception of a client's onError for a hook that failed goes to the caller, and the session goes on", () => {
  const client = connectedClient();
  script(client, {
    onUnclaimedMessage: () => {
      throw new Error("of the hook");
    },
    onError: () => {
      throw new Error("of onError");
    },
  });
  const frame = "MESSAGE\ndestination:/a\nmessage-id:1\nsubscription:0\n\n\0";
  expect(() => client.receiveData(frame + frame)).toThrow("of onError");
  // The second frame was handled as well.
  expect(client.messages).toHaveLength(2);
  expect(client.state).toBe("connected");
});

describe("what a hook throws that has ended the session itself", () => {
  const MESSAGE = "MESSAGE\ndestination:/a\nmessage-id:1\nsubscription:0\n\n\0";
  const SEND = "SEND\ndestination:/a\n\nx\0";

  /** One of each side, whose hook ends it and throws; and how it is called. */
  function throwing(thrown: unknown) {
    const [client, server] = [connectedClient(), connectedServer()];
    const onUnclaimedMessage = () => {
      client.disconnect({ receipt: false });
      throw thrown;
    };
    script(client, { onUnclaimedMessage });
    const onMessage = () => {
      server.disconnect();
      throw thrown;
    };
    script(server, { onMessage });
    return [
      { session: client, call: () => client.receiveData(MESSAGE + MESSAGE) },
      { session: server, call: () => server.receiveData(SEND + SEND) },
    ] as const;
  }

  test("goes to whoever called it, and nothing follows onClose", () => {
    const thrown = new Error("too late");
    for (const { session, call } of throwing(thrown)) {
      expect(call).toThrow(thrown);
      expect(session.told.at(-1)).toBe("onClose disconnect");
      expect(session.errors).toEqual([]);
      expect(call).not.toThrow();
    }
  });

  test.each([
    ["a refusal", new ApplicationError("Go away")],
    ["that it is too late for a command", new ProtocolError("closed", "The session has ended")],
  ])("is dropped if it is %s", (_, thrown) => {
    for (const { session, call } of throwing(thrown)) {
      expect(call).not.toThrow();
      expect(session.told.at(-1)).toBe("onClose disconnect");
      expect(session.errors).toEqual([]);
    }
  });

  test.each(["sendData", "sendParts"])("is not lost in %s, which is no hook", (output) => {
    for (const { session } of throwing(undefined)) {
      const thrown = new Error("too late");
      script(session, {
        sendParts: () => {},
        [output]: () => {
          if (session.state !== "connected") return;
          if (session instanceof LoneServer) session.disconnect();
          else session.receiveEnd(new Error("reset"));
          throw thrown;
        },
      });
      const body = new Uint8Array(output === "sendParts" ? 5_000 : 1);
      const call = () => {
        if (session instanceof LoneServer) session.message("0", { destination: "/a", body });
        else session.message("/a", body);
      };
      if (session instanceof LoneServer) {
        session.receiveData("SUBSCRIBE\nid:0\ndestination:/a\n\n\0");
        expect(call).toThrow(thrown);
      } else {
        // The transport's end waits until the command is done; that sendData threw comes before.
        call();
        expect(session.errors.map(({ code }) => code)).toEqual(["transport-failed"]);
      }
      expect(session.told.at(-1)).toContain("onClose");
    }
  });

  test.each(["onWritable", "onFrame"])("is not lost in %s either", (hook) => {
    for (const { session } of throwing(undefined)) {
      const thrown = new Error("too late");
      let full = true;
      script(session, {
        sendData: () => !full,
        [hook]: () => {
          if (session.state !== "connected") return;
          session.disconnect({ receipt: false } as never);
          throw thrown;
        },
      });
      const call = () => {
        if (session instanceof LoneServer)
          session.receiveData("BEGIN\ntransaction:t\nreceipt:1\n\n\0");
        else session.message("/a");
        full = false;
        session.drained();
      };
      expect(call).toThrow(thrown);
      expect(session.told.at(-1)).toBe("onClose disconnect");
    }
  });

  test("does not include the failure of the link, which stops no process", () => {
    for (const { session } of throwing(undefined)) {
      const sends = () => {
        for (let more = 0; more < 2; more++) {
          if (session instanceof LoneServer) session.message("0", { destination: "/a" });
          else session.message("/a");
        }
      };
      if (session instanceof LoneServer)
        session.receiveData("SUBSCRIBE\ndestination:/a\nid:0\n\n\0");
      const sendData = () => {
        throw new Error("EPIPE");
      };
      override(session, { onMessage: sends, onUnclaimedMessage: sends });
      script(session, { sendData });
      session.receiveData(session instanceof LoneServer ? SEND : MESSAGE);
      expect(session.errors.map(({ code }) => code)).toEqual(["transport-failed"]);
      expect(session.told.at(-1)).toBe("onClose lost");
    }
  });

  test("is nobody's if it is a promise that is rejected later", async () => {
    const [client, server] = [connectedClient(), connectedServer()];
    const onUnclaimedMessage = async () => {
      client.disconnect({ receipt: false });
      throw new Error("later");
    };
    script(client, { onUnclaimedMessage });
    const onMessage = async () => {
      server.disconnect();
      throw new Error("later");
    };
    script(server, { onMessage });
    client.receiveData(MESSAGE);
    server.receiveData(SEND);
    await settled();
    expect([client.told.at(-1), server.told.at(-1)]).toEqual(Array(2).fill("onClose disconnect"));
    expect([...client.errors, ...server.errors]).toEqual([]);
  });
});

test("onClose of a client lists the receipts that did not come, oldest first", async () => {
  const client = connectedClient();
  const receipts = ["b", "a"].map((id) => client.message("/a", "", { receipt: id }));
  const transaction = client.begin();
  client.receiveEnd();
  expect(client.closing?.unconfirmed).toEqual(receipts);
  expect([client.transactions.size, transaction.id]).toEqual([0, "tx-1"]);
  await expect(receipts[0]?.done).rejects.toHaveProperty("code", "connection-lost");
});

test("onClose of a server lists what is subscribed and what is not acknowledged", () => {
  const pair = connected<string>();
  pair.client.subscribe("/a", { id: "1", ack: "client-individual" });
  pair.client.subscribe("/b", { id: "2", ack: "client" });
  pair.drive();
  for (const [id, token] of [
    ["1", "a"],
    ["2", "b"],
    ["1", "c"],
  ] as const) {
    pair.server.message(id, { destination: "/x" }, { token });
  }
  pair.drive();
  const transaction = pair.client.begin();
  pair.client.messages[0]?.ack({ transaction });
  pair.client.unsubscribe("2");
  pair.drive();
  expect([...pair.server.unacknowledged].map(({ token }) => token)).toEqual(["b", "c"]);
  pair.client.disconnect();
  pair.drive();
  expect(pair.server.closing?.unacknowledged.map(({ token }) => token)).toEqual(["a", "b", "c"]);
  expect(pair.server.closing?.subscriptions.map(({ id }) => id)).toEqual(["1"]);
});
