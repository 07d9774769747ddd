/** The public surface by use: programs as users would write them, run over real transports. */

import { connect, createServer, type Server, type Socket } from "node:net";
import { MessageChannel } from "node:worker_threads";
import { type SentMessage, StompServer } from "stomp-engine";
import { afterEach, describe, expect, test, vi } from "vitest";
import { start } from "../../examples/broker/broker.ts";
import { Inbox, InboxSession } from "./inbox-session.ts";
import { PortClient } from "./port-client.ts";
import { ProxySession } from "./proxy.ts";
import { Talker } from "./talker.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Listens for sockets; returns how to connect one. */
async function listen(serve: (socket: Socket) => void): Promise<() => Socket> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  );
  const { port } = server.address() as { port: number };
  return () => {
    const socket = connect({ port, host: "127.0.0.1" });
    cleanups.push(() => void socket.destroy());
    return socket;
  };
}

describe("a client over a MessagePort", () => {
  test("sends, receives and ends", async () => {
    class Echo extends StompServer {
      readonly send: (chunk: Uint8Array | null) => void;
      constructor(send: (chunk: Uint8Array | null) => void) {
        super();
        this.send = send;
      }
      protected override sendData(data: Uint8Array<ArrayBuffer>): void {
        this.send(data.slice());
      }
      protected override sendEnd(): void {
        this.send(null);
      }
      protected override onConnect(): boolean {
        return true;
      }
      protected override onMessage({ destination, body, userHeaders }: SentMessage): void {
        for (const subscription of this.subscriptions.values()) {
          this.message(subscription, { destination, body, headers: userHeaders });
        }
      }
      protected override onSubscribe(): void {}
      protected override onUnsubscribe(): void {}
      protected override onAck(): void {}
      protected override onNack(): void {}
      protected override onDisconnect(): void {}
      protected override onError(): void {}
    }
    const { port1, port2 } = new MessageChannel();
    const echo = new Echo((chunk) => port2.postMessage(chunk));
    port2.on("message", (chunk: Uint8Array | null) => {
      if (chunk === null) echo.receiveEnd();
      else echo.receiveData(chunk);
    });
    cleanups.push(() => port2.close());

    const client = new PortClient(port1, { receipts: true });
    expect((await client.open()).version).toBe("1.2");
    await client.subscribe("/echo").receipt?.done;
    await client.message("/echo", "hé", { receipt: true }).done;
    expect(client.messages).toEqual(["hé"]);
    expect(await client.close()).toMatchObject({ reason: "disconnect", unconfirmed: [] });
    expect(client.errors).toEqual([]);
    expect(echo.state).toBe("closed");
  });
});

describe("a server session with asynchronous authentication, replay and requeueing", () => {
  async function inbox() {
    const shared = new Inbox();
    const dial = await listen((socket) => new InboxSession(socket, shared));
    return { shared, ada: () => new Talker(dial()) };
  }
  const credentials = { login: "ada", passcode: "lovelace" };

  test("refuses who does not know the passcode, and says why", async () => {
    const { ada, shared } = await inbox();
    const stranger = ada();
    await expect(stranger.open({ login: "eve", passcode: "guess" })).rejects.toMatchObject({
      code: "error-frame",
    });
    const { headers } = stranger.errors[0]?.frame ?? {};
    expect(headers?.get("message")).toBe("Only Ada may read this");
    expect(headers?.get("status")).toBe("403");
    expect((await stranger.closed).reason).toBe("error");
    expect(shared.errors.map(({ code }) => code)).toEqual(["refused"]);
    expect(JSON.stringify(shared.errors)).not.toContain("guess");
  });

  test("replays before the receipt of the subscription", async () => {
    const { ada, shared } = await inbox();
    for (const text of ["one", "two", "three"]) shared.put(text);
    const client = ada();
    await client.open(credentials);
    await client.subscribe("/inbox", { ack: "client", receipt: true }).receipt?.done;
    expect(client.messages.map((message) => message.text())).toEqual(["one", "two", "three"]);
  });

  test("puts back what was refused, and what was not acknowledged when the link broke", async () => {
    const { ada, shared } = await inbox();
    for (const text of ["one", "two", "three", "four"]) shared.put(text);
    const client = ada();
    await client.open(credentials);
    client.subscribe("/inbox", { ack: "client-individual" });
    const [one, two] = await client.next(4);
    await one?.ack({ receipt: true })?.done;
    await two?.nack({ receipt: true })?.done;
    expect(shared.waiting.map(({ text }) => text)).toEqual(["two"]);
    client.disconnect({ receipt: false });
    await client.closed;

    const again = ada();
    await again.open(credentials);
    again.subscribe("/inbox", { ack: "client" });
    expect((await again.next(3)).map((message) => message.text())).toEqual([
      "two",
      "three",
      "four",
    ]);
    expect(shared.read.map(({ text }) => text)).toEqual(["one"]);
  });
});

describe("a proxy", () => {
  async function proxied() {
    const broker = await start({ tcp: { port: 0 }, http: { port: 0 } });
    cleanups.push(() => broker.stop());
    const dialBroker = () => {
      const socket = connect({ port: broker.tcp.port, host: "127.0.0.1" });
      cleanups.push(() => void socket.destroy());
      return socket;
    };
    const sessions: ProxySession[] = [];
    const dial = await listen((socket) => sessions.push(new ProxySession(socket, dialBroker())));
    return {
      sessions,
      through: () => new Talker(dial()),
      direct: () => new Talker(dialBroker()),
    };
  }

  test.for(["1.0", "1.1", "1.2"] as const)(
    "passes on messages and acknowledgements in both directions [%s]",
    async (version) => {
      const { through, direct } = await proxied();
      const client = through();
      const other = direct();
      await client.open({ versions: [version] });
      await other.open();
      const ack = version === "1.0" ? "client" : "client-individual";
      await client.subscribe("/queue/a", { ack, receipt: true }).receipt?.done;
      for (const body of ["one", "two"]) {
        await other.message("/queue/a", body, { headers: { kind: "test" }, receipt: true }).done;
      }
      const [one, two] = await client.next(2);
      expect([one?.text(), two?.text(), one?.headers.get("kind")]).toEqual(["one", "two", "test"]);
      await one?.ack({ receipt: true })?.done;
      client.disconnect();
      await client.closed;

      await other.subscribe("/queue/a", { receipt: true }).receipt?.done;
      expect((await other.next(1)).map((message) => message.text())).toEqual(["two"]);
      await other.message("/queue/b", "done", { receipt: true }).done;
      expect(other.messages).toEqual([]);
      other.disconnect();
      await other.closed;
    },
  );

  test("passes on transactions as a whole", async () => {
    const { through, direct } = await proxied();
    const client = through();
    const other = direct();
    await client.open();
    await other.open();
    await other.subscribe("/queue/t", { receipt: true }).receipt?.done;
    const lost = client.begin();
    client.message("/queue/t", "never", { transaction: lost });
    await client.abort(lost, { receipt: true })?.done;
    const kept = client.begin();
    client.message("/queue/t", "one", { transaction: kept });
    client.message("/queue/t", "two", { transaction: kept });
    await client.commit(kept, { receipt: true })?.done;
    expect((await other.next(2)).map((message) => message.text())).toEqual(["one", "two"]);
    client.disconnect();
    other.disconnect();
    await Promise.all([client.closed, other.closed]);
  });

  test("passes on a refusal of the broker, and its end", async () => {
    const { through } = await proxied();
    const client = through();
    await client.open();
    const receipt = client.message("/nowhere", "x", { receipt: true });
    await expect(receipt.done).rejects.toMatchObject({ name: "ConnectionError" });
    const { error } = await client.closed;
    expect(error?.code).toBe("error-frame");
    expect(error?.frame?.headers.get("message")).toMatch(/destination/i);
  });

  test("stops reading from the broker while its client does not read", async () => {
    const { through, direct, sessions } = await proxied();
    const client = through();
    const other = direct();
    await client.open();
    await other.open();
    await client.subscribe("/queue/big", {
      ack: "client",
      receipt: true,
      headers: { "prefetch-count": "64" },
    }).receipt?.done;
    client.pause();
    const body = new Uint8Array(1_000_000);
    const sent = Array.from({ length: 48 }, () =>
      other.message("/queue/big", body, { receipt: true }),
    );
    await Promise.all(sent.map(({ done }) => done));
    const [session] = sessions;
    await vi.waitUntil(() => session?.writable === false);
    // What the client does not take stays with the broker, not in the proxy.
    expect([...(session?.unacknowledged ?? [])].length).toBeLessThan(48);
    client.resume();
    const messages = await client.next(48);
    expect(messages.every((message) => message.body.length === body.length)).toBe(true);
    client.disconnect();
    other.disconnect();
    await Promise.all([client.closed, other.closed]);
  });
});
