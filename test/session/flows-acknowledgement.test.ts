import type { AckMode, Acknowledgement, Version } from "stomp-engine";
import { ApplicationError } from "stomp-engine";
import { describe, expect, test } from "vitest";
import { codeOf, connected, connectedServer, hooks, script, VERSIONS } from "./scripted.ts";

/** Two subscriptions with deliveries a1 b1 a2 b2 a3 b3, whose tokens are their names. */
function delivered(version: Version, ack: AckMode = "client") {
  const pair = connected<string>(version);
  for (const id of ["a", "b"]) pair.client.subscribe(`/${id}`, { id, ack });
  pair.drive();
  for (const number of [1, 2, 3]) {
    for (const id of ["a", "b"]) {
      const token = `${id}${number}`;
      pair.server.message(id, { destination: "/x", messageId: token }, { token });
    }
  }
  pair.drive();
  const message = (token: string) => {
    const found = pair.client.messages.find(({ messageId }) => messageId === token);
    if (found === undefined) throw new Error(`There is no ${token}`);
    return found;
  };
  const open = () => [...pair.server.unacknowledged].map(({ token }) => token).join(" ");
  return { pair, message, open };
}

const ACKNOWLEDGED = VERSIONS.flatMap((version) =>
  (["ack", "nack"] as const)
    .filter((how) => version !== "1.0" || how === "ack")
    .map((how) => [version, how] as const),
);

describe.each(ACKNOWLEDGED)("in %s, %s()", (version, how) => {
  const hook = how === "ack" ? "onAck" : "onNack";

  test("covers the earlier ones of its own subscription in client mode", () => {
    const { pair, message, open } = delivered(version);
    message("a2")[how]();
    expect(pair.drive()).toContain(`S! ${hook} a1 a2`);
    expect(open()).toBe("b1 b2 a3 b3");
    message("b3")[how]();
    expect(pair.drive()).toContain(`S! ${hook} b1 b2 b3`);
    expect(open()).toBe("a3");
  });

  test("counts after UNSUBSCRIBE, and after drop()", () => {
    for (const end of ["unsubscribe", "drop"] as const) {
      const { pair, message, open } = delivered(version);
      if (end === "drop") pair.server.drop("a");
      else pair.client.unsubscribe("a");
      pair.drive();
      message("a3")[how]({ receipt: "r" });
      const lines = pair.drive();
      expect(lines).toContain(`S! ${hook} a1 a2 a3`);
      expect(lines).toContain("C! onReceipt r");
      expect(open()).toBe("b1 b2 b3");
    }
  });

  test("of an old subscription is not mixed up with a new one of the same id", () => {
    const { pair, message, open } = delivered(version);
    pair.client.unsubscribe("a");
    pair.client.subscribe("/a", { id: "a", ack: "client" });
    pair.drive();
    pair.server.message("a", { destination: "/x", messageId: "a4" }, { token: "a4" });
    pair.drive();
    message("a4")[how]();
    expect(pair.drive()).toContain(`S! ${hook} a4`);
    expect(open()).toBe("a1 b1 a2 b2 a3 b3");
    message("a2")[how]();
    pair.drive();
    expect(open()).toBe("b1 b2 a3 b3");
  });

  test("in a transaction takes effect with COMMIT, and once", () => {
    const { pair, message, open } = delivered(version);
    const transaction = pair.client.begin();
    message("a1")[how]({ transaction });
    message("a3")[how]({ transaction });
    message("b1")[how]();
    expect(hooks(pair.drive())).toEqual(["S! onBegin tx-1", `S! ${hook} b1`]);
    expect(open()).toBe("b2 b3");
    pair.client.commit(transaction);
    expect(hooks(pair.drive())).toEqual(["S! onCommit tx-1", `S! ${hook} a1`, `S! ${hook} a2 a3`]);
    expect(open()).toBe("b2 b3");
  });

  test("in a transaction is undone by ABORT, each in its old place", () => {
    const { pair, message, open } = delivered(version);
    const transaction = pair.client.begin();
    message("b2")[how]({ transaction });
    message("a2")[how]({ transaction });
    message("b3")[how]({ transaction });
    pair.drive();
    expect(open()).toBe("a3");
    pair.client.abort(transaction);
    pair.drive();
    expect(open()).toBe("a1 b1 a2 b2 a3 b3");
    // What was acknowledged in it is not: it can be, and then once.
    message("a2")[how]();
    expect(pair.drive()).toContain(`S! ${hook} a1 a2`);
    expect(codeOf(() => message("a2")[how]())).toBe("already-acknowledged");
  });

  test("in a transaction is undone by whatever ends the session", () => {
    for (const end of ["cut", "disconnect", "error"] as const) {
      const { pair, message } = delivered(version);
      const transaction = pair.client.begin();
      message("b2")[how]({ transaction });
      pair.drive();
      if (end === "cut") pair.cut();
      else if (end === "error") pair.server.error("enough");
      else pair.client.disconnect();
      const lines = pair.drive();
      expect(lines.join()).not.toContain("onAbort");
      const tokens = pair.server.closing?.unacknowledged.map(({ token }) => token).join(" ");
      expect(tokens).toBe("a1 b1 a2 b2 a3 b3");
    }
  });

  test("that is refused is put back, and comes out of onClose", () => {
    const { pair, message } = delivered(version);
    script(pair.server, {
      [hook]: () => {
        throw new ApplicationError("no");
      },
    });
    message("b2")[how]();
    pair.drive();
    const tokens = pair.server.closing?.unacknowledged.map(({ token }) => token).join(" ");
    expect(tokens).toBe("a1 b1 a2 b2 a3 b3");
  });

  test("that has no place in its transaction is put back", () => {
    const pair = connected<string>(version, { server: { limits: { maxTransactionFrames: 1 } } });
    pair.client.subscribe("/a", { id: "a", ack: "client" });
    pair.drive();
    for (const token of ["1", "2"]) pair.server.message("a", { destination: "/a" }, { token });
    pair.drive();
    const transaction = pair.client.begin();
    for (const message of pair.client.messages) message[how]({ transaction });
    pair.drive();
    expect(pair.server.closing?.error?.code).toBe("limit-exceeded");
    expect(pair.server.closing?.unacknowledged.map(({ token }) => token)).toEqual(["1", "2"]);
  });

  test("is not taken twice, nor for what is another subscription's or auto", () => {
    const head = how === "ack" ? "ACK" : "NACK";
    const auto = connected<string>(version);
    auto.client.subscribe("/a", { id: "a" });
    auto.drive();
    const target = auto.server.message("a", { destination: "/a" });
    auto.drive();
    auto.toServer.inject(`${head}\nid:x\nmessage-id:${target.messageId}\nsubscription:a\n\n\0`);
    auto.drive();
    expect(auto.server.closing?.error?.code).toBe("unknown-acknowledgement");
    expect([target.ackId, auto.server.closing?.unacknowledged]).toEqual([undefined, []]);
    const { pair, message } = delivered(version);
    const { ackId } = message("a1");
    const wire = `${head}\nid:${ackId}\nmessage-id:a1\nsubscription:a\n\n\0`;
    pair.toServer.inject(wire + wire);
    pair.drive();
    expect(pair.server.closing?.error?.code).toBe("unknown-acknowledgement");
  });
});

test.each(ACKNOWLEDGED.filter(([version]) => version !== "1.0"))(
  "in %s, %s() covers one in client-individual mode",
  (version, how) => {
    const { pair, message, open } = delivered(version, "client-individual");
    message("a2")[how]();
    message("a1")[how]();
    const hook = how === "ack" ? "onAck" : "onNack";
    expect(hooks(pair.drive())).toEqual([`S! ${hook} a2`, `S! ${hook} a1`]);
    expect(open()).toBe("b1 b2 a3 b3");
  },
);

describe("the same message id twice", () => {
  test("in 1.1 is told apart by the subscription", () => {
    const pair = connected<string>("1.1");
    for (const id of ["a", "b"]) pair.client.subscribe("/x", { id, ack: "client-individual" });
    pair.drive();
    for (const id of ["a", "b"])
      pair.server.message(id, { destination: "/x", messageId: "m" }, { token: id });
    pair.drive();
    pair.client.messages[1]?.ack();
    pair.drive();
    expect([...pair.server.unacknowledged].map(({ token }) => token)).toEqual(["a"]);
  });

  test("in 1.0 needs no subscription", () => {
    const pair = connected<string>("1.0");
    pair.client.subscribe("/x", { id: "a", ack: "client" });
    pair.drive();
    pair.server.message("a", { destination: "/x", messageId: "m" });
    pair.drive();
    pair.client.ack({ subscription: undefined, messageId: "m", ackId: undefined });
    expect(pair.drive()[0]).toBe("C> ACK message-id:m");
    expect([...pair.server.unacknowledged]).toEqual([]);
  });

  test("in 1.0 means the oldest", () => {
    const pair = connected<string>("1.0");
    for (const id of ["a", "b"]) pair.client.subscribe("/x", { id, ack: "client" });
    pair.drive();
    for (const id of ["a", "b"])
      pair.server.message(id, { destination: "/x", messageId: "m" }, { token: id });
    pair.drive();
    pair.client.messages[1]?.ack();
    pair.drive();
    expect([...pair.server.unacknowledged].map(({ token }) => token)).toEqual(["b"]);
  });
});

describe("drop()", () => {
  test.each(VERSIONS)("crosses an UNSUBSCRIBE, which is answered (%s)", (version) => {
    const pair = connected(version);
    pair.client.subscribe("/a", { id: "0" });
    pair.drive();
    const subscription = pair.server.subscriptions.get("0");
    pair.client.unsubscribe("0", { receipt: "r" });
    pair.server.drop("0");
    expect(subscription?.active).toBe(false);
    expect(pair.drive()).toEqual([
      "C> UNSUBSCRIBE id:0 receipt:r",
      "S> RECEIPT receipt-id:r",
      "C! onReceipt r",
    ]);
    // Once: a second one is as wrong as ever.
    pair.toServer.inject("UNSUBSCRIBE\nid:0\n\n\0");
    pair.drive();
    expect(pair.server.closing?.error?.code).toBe("unknown-subscription");
  });

  test("crosses an UNSUBSCRIBE by destination in 1.0", () => {
    const server = connectedServer("1.0");
    server.receiveData("SUBSCRIBE\nid:1\ndestination:/a\n\n\0SUBSCRIBE\ndestination:/b\n\n\0");
    server.drop("1");
    server.drop("/b");
    server.receiveData(
      "UNSUBSCRIBE\ndestination:/b\n\n\0UNSUBSCRIBE\ndestination:/a\nreceipt:r\n\n\0",
    );
    expect(server.sent).toEqual(["RECEIPT⏎receipt-id:r⏎⏎^@⏎"]);
    server.receiveData("UNSUBSCRIBE\ndestination:/a\n\n\0");
    expect(server.errors[0]?.code).toBe("unknown-subscription");
  });

  test("is forgotten when the id is given anew", () => {
    const pair = connected();
    const first = pair.client.subscribe("/a", { id: "0" });
    pair.drive();
    const old = pair.server.subscriptions.get("0");
    pair.server.drop(old ?? "0");
    pair.client.unsubscribe(first);
    pair.client.subscribe("/b", { id: "0" });
    pair.drive();
    expect(pair.server.subscriptions.get("0")?.destination).toBe("/b");
    // The old one is not the new one.
    expect(codeOf(() => pair.server.message(old ?? "", { destination: "/a" }))).toBe(
      "unknown-subscription",
    );
    expect(codeOf(() => pair.server.drop(old ?? ""))).toBe("unknown-subscription");
    pair.client.unsubscribe("0");
    expect(pair.drive()).toContain("S! onUnsubscribe 0");
  });

  test("from within onSubscribe is as good as from elsewhere", () => {
    const pair = connected();
    script(pair.server, { onSubscribe: (subscription: never) => pair.server.drop(subscription) });
    pair.client.subscribe("/a", { id: "0", receipt: "r" });
    pair.drive();
    pair.client.unsubscribe("0", { receipt: "u" });
    expect(pair.drive()).toContain("C! onReceipt u");
  });

  test.each([
    [10, 1_000],
    [2_000, 2_000],
  ])(
    "is remembered for as many as there can be, %i, and a thousand at least",
    (most, remembered) => {
      const server = connectedServer("1.2", { limits: { maxSubscriptions: most } });
      for (let id = 0; id <= remembered; id++) {
        server.receiveData(`SUBSCRIBE\nid:${id}\ndestination:/a\n\n\0`);
        server.drop(String(id));
      }
      server.receiveData("UNSUBSCRIBE\nid:1\n\n\0");
      expect(server.state).toBe("connected");
      server.receiveData("UNSUBSCRIBE\nid:0\n\n\0");
      expect(server.state).toBe("closed");
    },
  );
});

describe("a subscription", () => {
  test("that is refused is none, although messages could be sent to it", () => {
    const pair = connected<string>();
    script(pair.server, {
      onSubscribe: () => {
        pair.server.message("0", { destination: "/a", body: "replay" }, { token: "replay" });
        throw new ApplicationError("no");
      },
    });
    pair.client.subscribe("/a", { id: "0", ack: "client", receipt: "r" });
    expect(pair.drive()).toEqual([
      "C> SUBSCRIBE id:0 destination:/a ack:client receipt:r",
      "S! onSubscribe 0",
      'S> MESSAGE subscription:0 message-id:m-1 ack:a-1 destination:/a content-type:text/plain "replay"',
      "S> ERROR message:no receipt-id:r",
      "S> (end)",
      "S! onError refused",
      "S! onClose error refused",
      'C! onMessage 0 "replay"',
      "C> (end)",
      "C! onError error-frame",
      "C! onClose error error-frame",
    ]);
    expect(pair.server.closing?.subscriptions).toEqual([]);
    expect(pair.server.closing?.unacknowledged.map(({ token }) => token)).toEqual(["replay"]);
  });

  test("of a destination may be one of several, each with its own messages", () => {
    const pair = connected();
    for (const id of ["1", "2"]) pair.client.subscribe("/a", { id });
    pair.drive();
    pair.server.message("2", { destination: "/a", body: "x" });
    expect(hooks(pair.drive())).toEqual(['C! onMessage 2 "x"']);
  });

  test("has its messages in 1.2 with an ack header only if they are to be acknowledged", () => {
    const pair = connected();
    pair.client.subscribe("/a", { id: "auto" });
    pair.client.subscribe("/a", { id: "client", ack: "client" });
    pair.drive();
    pair.server.message("auto", { destination: "/a" }, { ackId: "unused" });
    pair.server.message("client", { destination: "/a" }, { ackId: "c:1" });
    pair.drive();
    expect(pair.client.messages.map(({ ackId }) => ackId)).toEqual([undefined, "c:1"]);
    pair.client.messages[1]?.ack();
    expect(pair.drive()).toEqual(["C> ACK id:c:1", "S! onAck m-2"]);
  });
});

test("DISCONNECT aborts what is open before onDisconnect is called", () => {
  const { pair, message } = delivered("1.2");
  const transaction = pair.client.begin();
  message("b2").ack({ transaction });
  pair.drive();
  const seen: unknown[] = [];
  script(pair.server, {
    onDisconnect: () => {
      seen.push(pair.server.transactions.size, [...pair.server.unacknowledged].length);
    },
  });
  pair.client.disconnect();
  pair.drive();
  expect(seen).toEqual([0, 6]);
});

describe("a message can be acknowledged", () => {
  test("as the subscription wanted it that it came on, whatever has its id now", () => {
    const pair = connected();
    const subscribe = (ack: AckMode) => {
      pair.client.subscribe("/a", { id: "0", ack });
      pair.drive();
      pair.server.message("0", { destination: "/a" });
      pair.drive();
      pair.client.unsubscribe("0");
      pair.drive();
    };
    subscribe("auto");
    subscribe("client");
    pair.client.subscribe("/a", { id: "0" });
    const [auto, manual] = pair.client.messages;
    expect(codeOf(() => auto?.ack())).toBe("not-acknowledgeable");
    manual?.ack();
    expect(hooks(pair.drive())).toContain("S! onAck m-2");
    // Of what came from elsewhere, only the subscription that has the id now is known.
    expect(codeOf(() => pair.client.ack({ subscription: "0", messageId: "m", ackId: "a" }))).toBe(
      "not-acknowledgeable",
    );
  });

  test("in 1.0 as one subscription of its destination wants it, if it does not say which", () => {
    for (const modes of [
      ["auto", "client"],
      ["client", "auto"],
      ["auto", "auto"],
    ] as const) {
      const pair = connected("1.0");
      for (const [id, ack] of modes.entries()) {
        pair.client.subscribe("/a", { id: String(id), ack });
      }
      pair.toClient.inject("MESSAGE\nmessage-id:m\ndestination:/a\n\n\0");
      pair.toServer.drop();
      pair.drive();
      const code = codeOf(() => pair.client.messages[0]?.ack());
      expect(code).toBe(modes.includes("client" as never) ? "no error" : "not-acknowledgeable");
    }
  });
});

test("an acknowledgement keeps its headers, its subscription and its transaction", () => {
  const { pair, message } = delivered("1.2");
  let seen: Acknowledgement<string> | undefined;
  script(pair.server, {
    onNack: (given: Acknowledgement<string>) => {
      seen = given;
    },
  });
  pair.client.unsubscribe("a");
  message("a2").nack({ headers: { requeue: "false" } });
  pair.drive();
  expect(seen).toMatchObject({ transaction: undefined, named: { token: "a2", messageId: "a2" } });
  expect([seen?.headers.get("requeue"), seen?.subscription.id, seen?.subscription.active]).toEqual([
    "false",
    "a",
    false,
  ]);
});
