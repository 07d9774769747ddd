import { type Acknowledgement, ApplicationError, type SentMessage } from "stomp-engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connected, deferred, hooks, pairOf, script, settled } from "./scripted.ts";

const unhandled: unknown[] = [];
const note = (cause: unknown) => unhandled.push(cause);
beforeAll(() => process.on("unhandledRejection", note));
afterAll(() => {
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

type Hook =
  | "onConnect"
  | "onMessage"
  | "onSubscribe"
  | "onUnsubscribe"
  | "onAck"
  | "onNack"
  | "onBegin"
  | "onCommit"
  | "onAbort"
  | "onDisconnect";

/** A pair at the moment when a hook of the server has been called, and has not answered. */
function waiting(hook: Hook) {
  const answer = deferred<unknown>();
  const pair = pairOf({});
  const { client, server } = pair;
  if (hook === "onConnect") script(server, { onConnect: () => answer.promise });
  client.connect();
  pair.drive();
  if (hook === "onConnect") return { pair, answer };
  client.subscribe("/s", { id: "s", ack: "client" });
  pair.drive();
  server.message("s", { destination: "/s", messageId: "m" });
  pair.drive();
  script(server, { [hook]: () => answer.promise });
  const receipt = "r";
  const transaction = hook === "onCommit" || hook === "onAbort" ? client.begin() : undefined;
  const commands: Record<Exclude<Hook, "onConnect">, () => unknown> = {
    onMessage: () => client.message("/a", "first", { receipt }),
    onSubscribe: () => client.subscribe("/a", { id: "0", receipt }),
    onUnsubscribe: () => client.unsubscribe("s", { receipt }),
    onAck: () => client.messages[0]?.ack({ receipt }),
    onNack: () => client.messages[0]?.nack({ receipt }),
    onBegin: () => client.begin({ receipt }),
    onCommit: () => transaction && client.commit(transaction, { receipt }),
    onAbort: () => transaction && client.abort(transaction, { receipt }),
    onDisconnect: () => client.disconnect({ receipt }),
  };
  commands[hook]();
  pair.drive();
  return { pair, answer };
}

const HOOKS: readonly Hook[] = [
  "onConnect",
  "onMessage",
  "onSubscribe",
  "onUnsubscribe",
  "onAck",
  "onNack",
  "onBegin",
  "onCommit",
  "onAbort",
  "onDisconnect",
];

describe.each(HOOKS)("%s of a server, while it has not answered", (hook) => {
  test("keeps later frames waiting, in order, and then its RECEIPT comes", async () => {
    const { pair, answer } = waiting(hook);
    if (hook === "onConnect") {
      // Only an impatient client sends before it is CONNECTED.
      pair.toServer.inject("SEND\ndestination:/later\n\n\0");
    } else if (hook !== "onDisconnect") {
      pair.client.message("/later", "", { receipt: "later" });
    }
    expect(hooks(await pair.settle())).toEqual([]);
    answer.resolve(hook === "onConnect" ? true : undefined);
    const lines = await pair.settle();
    expect(lines.filter((line) => line.startsWith("S"))).toEqual(
      {
        onConnect: [
          "S> CONNECTED version:1.2 session:session-1 heart-beat:10000,10000",
          "S! onMessage /later",
        ],
        onDisconnect: ["S> RECEIPT receipt-id:r", "S> (end)", "S! onClose disconnect"],
      }[hook as string] ?? [
        "S> RECEIPT receipt-id:r",
        "S! onMessage /later",
        "S> RECEIPT receipt-id:later",
      ],
    );
  });

  test("ends the session if it rejects with a refusal", async () => {
    const { pair, answer } = waiting(hook);
    answer.reject(new ApplicationError("no"));
    const lines = await pair.settle();
    expect(lines.filter((line) => line.startsWith("S"))).toEqual([
      hook === "onConnect" ? "S> ERROR message:no" : "S> ERROR message:no receipt-id:r",
      "S> (end)",
      "S! onError refused",
      "S! onClose error refused",
    ]);
  });

  test("ends the session if it rejects with anything else, which is told whole", async () => {
    const { pair, answer } = waiting(hook);
    const bug = new TypeError("secret text");
    answer.reject(bug);
    const lines = await pair.settle();
    expect(lines.find((line) => line.startsWith("S> ERROR"))).toContain('message:"internal error"');
    expect(pair.server.errors.map(({ code, cause }) => [code, cause])).toEqual([
      ["hook-failed", bug],
    ]);
  });

  test.each(["resolve", "reject"] as const)(
    "has no effect if it comes to %s after the end",
    async (how) => {
      for (const end of ["transport", "failure", "application"] as const) {
        const { pair, answer } = waiting(hook);
        pair.transcript.take();
        if (end === "transport") pair.cut();
        else if (end === "failure") pair.server.receiveEnd(new Error("reset"));
        else pair.server.error("enough");
        await pair.settle();
        const closes = pair.transcript.lines.filter((line) => line.startsWith("S! onClose"));
        expect(closes).toHaveLength(1);
        pair.transcript.take();
        const before = [pair.server.snapshot(), [...pair.server.unacknowledged]];
        if (how === "resolve") answer.resolve(true);
        else answer.reject(new TypeError("late"));
        expect(await pair.settle()).toEqual([]);
        expect([pair.server.snapshot(), [...pair.server.unacknowledged]]).toEqual(before);
        expect(pair.clock.pending).toBe(0);
      }
    },
  );
});

describe("a hook that never answers is ended", () => {
  test("by the application", async () => {
    for (const hook of HOOKS) {
      const { pair } = waiting(hook);
      if (hook === "onDisconnect") pair.server.error("enough");
      else pair.server.disconnect("enough");
      expect(hooks(await pair.settle()).at(-1)).toMatch(/onClose/);
      expect(pair.server.state).toBe("closed");
    }
  });

  test("by the transport, that of onConnect by its time as well", () => {
    for (const hook of HOOKS) {
      const { pair } = waiting(hook);
      pair.cut();
      expect(pair.server.closing?.reason).toBe(hook === "onDisconnect" ? "disconnect" : "lost");
    }
    const { pair } = waiting("onConnect");
    pair.advance(11_000);
    expect(pair.server.closing).toMatchObject({
      reason: "lost",
      error: { code: "connect-timeout" },
    });
  });

  test("by a heart-beat that does not come", () => {
    const pair = pairOf({});
    script(pair.server, { onMessage: () => new Promise(() => {}) });
    pair.client.connect();
    pair.drive();
    pair.client.message("/a");
    pair.advance(60_000);
    expect(pair.server.state).toBe("connected");
    pair.toServer.held = true;
    pair.advance(21_000);
    expect(pair.server.closing).toMatchObject({
      reason: "lost",
      error: { code: "heart-beat-lost" },
    });
  });
});

describe("a transport that ends in order while a hook has not answered", () => {
  test.each(HOOKS)("waits for %s, and what came before is answered", async (hook) => {
    const { pair, answer } = waiting(hook);
    if (hook === "onConnect") pair.toServer.inject("SEND\ndestination:/later\nreceipt:later\n\n\0");
    else if (hook !== "onDisconnect") pair.client.message("/later", "", { receipt: "later" });
    pair.toServer.end();
    expect(hooks(await pair.settle())).toEqual([]);
    answer.resolve(hook === "onConnect" ? true : undefined);
    const sent = (await pair.settle()).filter((line) => line.startsWith("S"));
    expect(sent.at(-1)).toBe(
      hook === "onDisconnect" ? "S! onClose disconnect" : "S! onClose ended",
    );
    expect(sent.at(-2)).toBe("S> (end)");
    expect(sent.at(-3)).toBe(
      hook === "onDisconnect" ? "S> RECEIPT receipt-id:r" : "S> RECEIPT receipt-id:later",
    );
    expect(pair.server.errors).toEqual([]);
  });

  test("waits no longer than it may take to disconnect, whatever happens meanwhile", () => {
    const { pair } = waiting("onMessage");
    const { server } = pair;
    pair.toServer.end();
    pair.drive();
    for (let second = 0; second < 4; second++) {
      pair.advance(1_000);
      server.message("s", { destination: "/s" });
      server.drained();
      server.receiveEnd();
    }
    expect(server.state).toBe("connected");
    pair.advance(1_100);
    expect(server.closing).toMatchObject({ reason: "ended", error: undefined });
  });

  test("is not taken for dead meanwhile", () => {
    const pair = pairOf({
      client: { heartBeat: { sendMs: 500, receiveMs: 0 } },
      server: { heartBeat: { sendMs: 0, receiveMs: 500 } },
    });
    script(pair.server, { onMessage: () => new Promise(() => {}) });
    pair.client.connect();
    pair.drive();
    pair.client.message("/a");
    pair.toServer.end();
    pair.advance(4_900);
    expect(pair.server.state).toBe("connected");
    pair.advance(200);
    expect(pair.server.closing).toMatchObject({ reason: "ended", error: undefined });
  });

  test("is given up at once if the link fails after all", () => {
    const { pair } = waiting("onMessage");
    const cause = new Error("reset");
    pair.server.receiveEnd();
    pair.server.receiveEnd(cause);
    expect(pair.server.closing).toMatchObject({ reason: "lost", cause });
    pair.server.receiveEnd(new Error("again"));
  });

  test.each(["client", "server"] as const)(
    "waits for the resume() of a %s, if anything is held",
    (side) => {
      const pair = connected();
      pair.client.subscribe("/a", { id: "0" });
      pair.drive();
      pair[side].pause();
      if (side === "server") pair.client.message("/a", "x");
      else pair.server.message("0", { destination: "/a", body: "x" });
      pair.hangUp();
      pair.toClient.deliver();
      expect(pair[side].state).toBe("connected");
      pair[side].resume();
      pair.drive();
      expect(pair[side].messages.map((message) => message.text())).toEqual(["x"]);
      expect(pair[side].closing?.reason).toBe("ended");
      const idle = connected();
      idle[side].pause();
      idle.hangUp();
      expect(idle[side].closing?.reason).toBe("ended");
    },
  );

  test("a paused client still gets the RECEIPT of its DISCONNECT", async () => {
    const pair = connected();
    pair.client.pause();
    const receipt = pair.client.disconnect();
    pair.drive();
    expect(pair.client.state).toBe("disconnecting");
    pair.client.resume();
    await expect(receipt?.done).resolves.toMatchObject({ command: "RECEIPT" });
    expect(pair.client.closing?.reason).toBe("disconnect");
  });
});

test("a transport that has ended in order is not asked to read on", async () => {
  const pair = pairOf({});
  const answer = deferred();
  let asked = 0;
  script(pair.server, { onMessage: () => answer.promise, resumeReading: () => void asked++ });
  pair.client.connect();
  pair.drive();
  for (let at = 0; at < 2; at++) pair.client.message("/a", new Uint8Array(70_000));
  pair.toServer.end();
  pair.drive();
  pair.toServer.deliver();
  pair.server.receiveEnd();
  answer.resolve();
  await pair.settle();
  expect([pair.server.messages.length, asked]).toEqual([2, 0]);
  expect(pair.server.closing?.reason).toBe("ended");
});

describe("a synchronous hook", () => {
  test("is answered within the call that brought its frame", () => {
    const pair = connected();
    pair.client.message("/a", "", { receipt: "1" });
    pair.toServer.deliver();
    expect(pair.transcript.take().at(-1)).toBe("S> RECEIPT receipt-id:1");
  });
});

describe("a promise that is none of the platform's", () => {
  const odd = (work: (yes: (value?: unknown) => void, no: (cause: unknown) => void) => void) => ({
    // biome-ignore lint/suspicious/noThenProperty: that is what is tested.
    then: work,
  });

  test.each([
    ["settles at once", odd((yes) => yes()), "S> RECEIPT receipt-id:1"],
    [
      "settles twice",
      odd((yes, no) => [yes(), no(new Error("x")), yes()]),
      "S> RECEIPT receipt-id:1",
    ],
    [
      "throws",
      odd(() => {
        throw new Error("x");
      }),
      'S> ERROR message:"internal error" receipt-id:1',
    ],
  ])("that %s counts once", async (_, promise, answer) => {
    const pair = connected();
    script(pair.server, { onMessage: (): unknown => promise });
    pair.client.message("/a", "", { receipt: "1" });
    expect((await pair.settle()).filter((line) => line.startsWith("S> ")).at(0)).toBe(answer);
  });
});

describe("an exception from onError or onClose", () => {
  test.each(["onError", "onClose"])(
    "%s after a late answer is an unhandled rejection: nobody called",
    async (hook) => {
      const { pair, answer } = waiting("onMessage");
      const failure = new Error(hook);
      script(pair.server, {
        [hook]: () => {
          throw failure;
        },
      });
      answer.reject(new ApplicationError("no"));
      await settled();
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled.splice(0)).toEqual([failure]);
      expect(pair.server.state).toBe("closed");
    },
  );
});

describe("the default onCommit", () => {
  /** A commit of a SEND, an ACK and a SEND, of which the first SEND has not answered. */
  function committing() {
    const pair = connected<string>();
    const { client, server } = pair;
    const answer = deferred();
    client.subscribe("/s", { id: "s", ack: "client-individual" });
    pair.drive();
    for (const token of ["one", "two"]) server.message("s", { destination: "/s" }, { token });
    pair.drive();
    const seen: string[] = [];
    script(server, {
      onMessage: (message: SentMessage) => {
        seen.push(message.text());
        return message.text() === "slow" ? answer.promise : undefined;
      },
      onAck: () => void seen.push("ack"),
    });
    const transaction = client.begin();
    client.message("/a", "fast", { transaction });
    client.messages[0]?.ack({ transaction });
    client.message("/a", "slow", { transaction });
    client.messages[1]?.ack({ transaction });
    client.message("/a", "last", { transaction });
    client.commit(transaction, { receipt: "c" });
    pair.drive();
    expect(seen).toEqual(["fast", "ack", "slow"]);
    return { pair, answer, seen };
  }
  const tokens = (list: Iterable<{ token: unknown }> | undefined) =>
    [...(list ?? [])].map(({ token }) => token);

  test("runs the operations one after the other", async () => {
    const { pair, answer, seen } = committing();
    answer.resolve();
    expect(await pair.settle()).toContain("S> RECEIPT receipt-id:c");
    expect(seen).toEqual(["fast", "ack", "slow", "ack", "last"]);
    expect(tokens(pair.server.unacknowledged)).toEqual([]);
  });

  test("stops at the one that is refused: the earlier ones stand, the later ones are undone", async () => {
    const { pair, answer, seen } = committing();
    answer.reject(new ApplicationError("no"));
    await pair.settle();
    expect(seen).toEqual(["fast", "ack", "slow"]);
    expect(tokens(pair.server.closing?.unacknowledged)).toEqual(["two"]);
  });

  test("calls nothing after the end, and what it had not begun is handed over", async () => {
    const { pair, answer, seen } = committing();
    pair.cut();
    expect(tokens(pair.server.closing?.unacknowledged)).toEqual(["two"]);
    answer.resolve();
    await pair.settle();
    expect(seen).toEqual(["fast", "ack", "slow"]);
  });

  test("calls nothing after an end that one of its hooks brings about", () => {
    const pair = connected();
    const { client, server } = pair;
    script(server, { onMessage: () => server.disconnect() });
    const transaction = client.begin();
    client.message("/a", "1", { transaction });
    client.message("/a", "2", { transaction });
    client.commit(transaction);
    expect(hooks(pair.drive()).filter((line) => line.includes("onMessage"))).toHaveLength(1);
    expect(server.closing?.error).toBeUndefined();
  });

  test("may be run by an onCommit of the application's, which is told that it is too late", async () => {
    const late = connected();
    const checked = deferred();
    let outcome: unknown;
    const own = Reflect.get(late.server, "onCommit") as (transaction: unknown) => unknown;
    Reflect.set(late.server, "onCommit", async (transaction: unknown) => {
      await checked.promise;
      try {
        await Reflect.apply(own, late.server, [transaction]);
      } catch (error) {
        outcome = error;
      }
    });
    const transaction = late.client.begin();
    late.client.message("/a", "", { transaction });
    late.client.commit(transaction);
    late.drive();
    late.cut();
    checked.resolve();
    await settled();
    expect(outcome).toMatchObject({ code: "closed" });
    expect(late.server.messages).toEqual([]);
  });

  test.each(["at once", "later"])(
    "may be replaced where it fails: what is accepted %s then is not unacknowledged at the end",
    async (when) => {
      const pair = connected();
      const { client, server } = pair;
      client.subscribe("/s", { id: "s", ack: "client-individual" });
      pair.drive();
      server.message("s", { destination: "/s" });
      pair.drive();
      script(server, {
        onMessage: () => {
          throw new ApplicationError("not like this");
        },
      });
      const own = Reflect.get(server, "onCommit") as (transaction: unknown) => unknown;
      Reflect.set(server, "onCommit", (transaction: unknown) => {
        expect(() => Reflect.apply(own, server, [transaction])).toThrow(ApplicationError);
        return when === "later" ? Promise.resolve() : undefined;
      });
      const transaction = client.begin();
      client.message("/a", "", { transaction });
      client.messages[0]?.ack({ transaction });
      client.commit(transaction, { receipt: "c" });
      expect(hooks(await pair.settle())).toContain("C! onReceipt c");
      pair.hangUp();
      expect(server.closing?.unacknowledged).toEqual([]);
    },
  );

  test("may be run again where it failed: what fails once more is unacknowledged at the end", () => {
    const pair = connected<string>();
    const { client, server } = pair;
    client.subscribe("/s", { id: "s", ack: "client-individual" });
    pair.drive();
    for (const token of ["fine", "bad", "behind"]) {
      server.message("s", { destination: "/s" }, { token });
    }
    pair.drive();
    script(server, {
      onAck: ({ named }: Acknowledgement<string>) => {
        if (named.token === "bad") throw new ApplicationError("no");
      },
    });
    const own = Reflect.get(server, "onCommit") as (transaction: unknown) => unknown;
    Reflect.set(server, "onCommit", (transaction: unknown) => {
      expect(() => Reflect.apply(own, server, [transaction])).toThrow(ApplicationError);
      return Reflect.apply(own, server, [transaction]);
    });
    const transaction = client.begin();
    for (const message of client.messages) message.ack({ transaction });
    client.commit(transaction);
    pair.drive();
    expect(tokens(server.closing?.unacknowledged)).toEqual(["bad", "behind"]);
  });

  test("takes a copy of a transaction, of which it knows no more", async () => {
    const pair = connected();
    const { client, server } = pair;
    const own = Reflect.get(server, "onCommit") as (transaction: unknown) => unknown;
    script(server, { onMessage: () => Promise.resolve() });
    Reflect.set(server, "onCommit", ({ id, operations }: { id: string; operations: unknown[] }) =>
      Reflect.apply(own, server, [{ id, operations: operations.slice(1) }]),
    );
    const transaction = client.begin();
    client.message("/a", "1", { transaction });
    client.message("/a", "2", { transaction });
    client.commit(transaction, { receipt: "c" });
    expect(hooks(await pair.settle())).toContain("C! onReceipt c");
    expect(server.messages.map((message) => message.text())).toEqual(["2"]);
  });
});
