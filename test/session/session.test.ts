import {
  type ClientOptions,
  ConnectionError,
  PreparedMessage,
  StompClient,
  StompServer,
  StompSession,
} from "stomp-engine";
import { ManualClock } from "stomp-engine/testing";
import { describe, expect, expectTypeOf, test } from "vitest";
import { connected, connectedServer, hooks, pairOf, script, visible } from "./scripted.ts";

/** As little as a subclass may have. */
class LeastClient extends StompClient {
  readonly sent: string[] = [];
  readonly fields = ["initialised"];
  constructor(options?: ClientOptions) {
    super(options);
    expect(this.sent).toEqual([]);
  }
  protected override sendData(data: Uint8Array<ArrayBuffer>): void {
    this.sent.push(visible(data));
  }
  protected override sendEnd(): void {}
  protected override onConnected(): void {}
  protected override onMessage(): void {}
  protected override onReceipt(): void {}
  protected override onError(): void {}
}

class LeastServer extends StompServer<number> {
  readonly sent: string[] = [];
  protected override sendData(data: Uint8Array<ArrayBuffer>): void {
    this.sent.push(visible(data));
  }
  protected override sendEnd(): void {}
  protected override onConnect(): boolean {
    return true;
  }
  protected override onMessage(): void {}
  protected override onSubscribe(): void {}
  protected override onUnsubscribe(): void {}
  protected override onAck(): void {}
  protected override onNack(): void {}
  protected override onDisconnect(): void {}
  protected override onError(): void {}
}

describe("a subclass", () => {
  test("of a client has only the hooks to write", () => {
    const client = new LeastClient({
      clock: new ManualClock(),
      heartBeat: { sendMs: 0, receiveMs: 0 },
    });
    client.connect();
    client.receiveData("CONNECTED\nversion:1.2\n\n\0");
    client.message("/a", new Uint8Array(5_000));
    expect(client.sent).toHaveLength(2);
    client.pause();
    client.receiveData("MESSAGE\nmessage-id:1\nsubscription:x\ndestination:/a\n\n\0");
    client.resume();
    client.receiveEnd();
    expect(client.state).toBe("closed");
  });

  test("of a server has only the hooks to write", () => {
    const server = new LeastServer({ clock: new ManualClock() });
    server.receiveData("CONNECT\naccept-version:1.2\n\n\0");
    server.receiveData("BEGIN\ntransaction:1\n\n\0ABORT\ntransaction:1\nreceipt:r\n\n\0");
    expect(server.sent.at(-1)).toBe("RECEIPT⏎receipt-id:r⏎⏎^@⏎");
    expect(server.session).toMatch(/^[0-9a-f]{32}$/);
    server.disconnect();
    expect(server.state).toBe("closed");
  });

  test("is a session of either kind", () => {
    expect(new LeastClient()).toBeInstanceOf(StompSession);
    expectTypeOf<LeastServer>().toExtend<StompServer<number>>();
  });

  test("may saturate and be drained without a word", () => {
    const server = connectedServer();
    script(server, { sendData: () => false });
    server.receiveData("SEND\ndestination:/a\nreceipt:1\n\n\0");
    expect(server.writable).toBe(false);
    script(server, {
      onWritable: () => {
        server.drained();
        server.drained();
      },
    });
    server.drained();
    expect(server.writable).toBe(true);
  });
});

test("being drained twice at once is being drained once", () => {
  const server = connectedServer();
  let times = 0;
  script(server, {
    sendData: () => false,
    onWritable: () => void times++,
    onMessage: () => {
      server.drained();
      server.drained();
    },
  });
  server.receiveData("SUBSCRIBE\nid:0\ndestination:/a\nreceipt:1\n\n\0");
  expect(server.writable).toBe(false);
  server.receiveData("SEND\ndestination:/a\n\n\0");
  expect([times, server.writable]).toEqual([1, true]);
});

test("hooks of a client may be asynchronous, and are not awaited", async () => {
  const pair = connected();
  const failure = new Error("later");
  script(pair.client, {
    onReceipt: () => Promise.reject(failure),
    onUnclaimedMessage: () => Promise.resolve(),
  });
  pair.toClient.inject("MESSAGE\nmessage-id:1\nsubscription:x\ndestination:/a\n\n\0");
  pair.client.message("/a", "", { receipt: "1" });
  pair.client.message("/a", "", { receipt: "2" });
  expect(hooks(await pair.settle()).filter((line) => line.startsWith("C!"))).toEqual([
    "C! onUnclaimedMessage x",
    "C! onReceipt 1",
    "C! onReceipt 2",
    "C! onError hook-failed",
    "C! onError hook-failed",
  ]);
  expect(pair.client.errors.map(({ cause }) => cause)).toEqual([failure, failure]);
});

test.each(["onConnected", "onMessage", "onReceipt", "onUnclaimedMessage"])(
  "a %s that throws is reported, and the session goes on",
  (hook) => {
    const pair = pairOf({});
    const failure = new Error(hook);
    script(pair.client, {
      [hook]: () => {
        throw failure;
      },
    });
    pair.client.connect();
    pair.drive();
    pair.client.subscribe("/a", { id: "0", receipt: "1" });
    for (const id of ["0", "x"]) {
      pair.toClient.inject(`MESSAGE\nmessage-id:1\nsubscription:${id}\ndestination:/a\n\n\0`);
    }
    pair.drive();
    expect(pair.client.errors.map(({ code, cause }) => [code, cause])).toEqual([
      ["hook-failed", failure],
    ]);
    expect(pair.client.state).toBe("connected");
  },
);

test("a message for many is encoded once, and delivered to each", () => {
  const pair = connected();
  for (const id of ["1", "2"]) pair.client.subscribe("/a", { id });
  pair.drive();
  const message = new PreparedMessage({
    destination: "/a",
    messageId: "m",
    body: { a: 1 },
    headers: { k: "v" },
  });
  for (const id of ["1", "2"]) expect(pair.server.message(id, message).messageId).toBe("m");
  expect(pair.drive().filter((line) => line.startsWith("S>"))).toEqual(
    ["1", "2"].map(
      (id) =>
        `S> MESSAGE subscription:${id} message-id:m destination:/a content-type:application/json k:v "{\\"a\\":1}"`,
    ),
  );
});

test("error() takes an error as well as a text", () => {
  const pair = connected();
  const error = new ConnectionError("stalled", "too slow");
  pair.server.error(error);
  expect(pair.drive()).toContain('S> ERROR message:"too slow"');
  expect(pair.server.closing).toMatchObject({ reason: "error", error });
  expect(pair.server.errors).toEqual([]);
});

test("pending work is waited for by later frames only", async () => {
  const pair = connected();
  script(pair.server, { onMessage: () => Promise.resolve() });
  pair.client.subscribe("/a", { id: "0" });
  pair.drive();
  pair.client.message("/a");
  pair.drive();
  // The application may send as it likes meanwhile.
  pair.server.message("0", { destination: "/a", body: "x" });
  expect(pair.drive()).toContain('C! onMessage 0 "x"');
});
