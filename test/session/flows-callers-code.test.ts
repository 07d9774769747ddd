/** What runs of the application's while it gives a command: a body's `toJSON`, getters, iterators. */

import type { ReceivedMessage } from "stomp-engine";
import { ManualClock } from "stomp-engine/testing";
import { describe, expect, test } from "vitest";
import { connected, connectedClient, connectedServer, LoneClient, script } from "./scripted.ts";

/** A body that does something when it is written as JSON. */
function doing(what: () => void): object {
  return {
    toJSON() {
      what();
      return 1;
    },
  };
}

/** Headers that do. */
function heading(what: () => void): Record<string, string> {
  return {
    get x() {
      what();
      return "1";
    },
  };
}

describe("code that runs while a command is given", () => {
  const commands: readonly (readonly [
    string,
    (client: LoneClient, what: () => void) => unknown,
  ])[] = [
    ["SEND", (client, what) => client.message("/a", doing(what), { receipt: true })],
    ["SEND", (client, what) => client.message("/a", "", { headers: heading(what) })],
    ["SUBSCRIBE", (client, what) => client.subscribe("/a", { headers: heading(what) })],
    ["BEGIN", (client, what) => client.begin({ headers: heading(what) })],
    ["DISCONNECT", (client, what) => client.disconnect({ headers: heading(what) })],
  ];

  test.each(commands)("may end the session: then %s is too late", (_, give) => {
    const client = connectedClient();
    const end = () => void client.disconnect({ receipt: false });
    expect(() => give(client, end)).toThrow(expect.objectContaining({ code: "closed" }));
    expect(client.sent).toEqual(["DISCONNECT⏎⏎^@"]);
    expect([client.state, client.told, client.closing?.unconfirmed]).toEqual([
      "closed",
      ["onClose disconnect"],
      [],
    ]);
  });

  // The headers of SUBSCRIBE are kept, so they are read before anything else.
  const others = commands.filter(([command]) => command !== "SUBSCRIBE");
  test.each(others)("may give another command, which stands; %s does not", (_, give) => {
    const client = connectedClient();
    let once = true;
    const other = () => {
      if (once) {
        once = false;
        client.begin({ receipt: true });
      }
    };
    expect(() => give(client, other)).toThrow(expect.objectContaining({ code: "invalid-option" }));
    expect(client.sent).toEqual(["BEGIN⏎transaction:tx-1⏎receipt:receipt-2⏎⏎^@"]);
    expect(client.begin().id).toBe("tx-3");
    expect([client.state, client.subscriptions.size]).toEqual(["connected", 0]);
  });

  test.each(["disconnect", "connect"] as const)("%s() stands, and connect() does not", (inner) => {
    const clock = new ManualClock();
    const client = new LoneClient({ clock });
    let once = true;
    const headers = heading(() => {
      if (once) {
        once = false;
        client[inner]();
      }
    });
    const code = inner === "connect" ? "already-connected" : "closed";
    expect(() => client.connect({ headers })).toThrow(expect.objectContaining({ code }));
    expect(client.sent).toHaveLength(inner === "connect" ? 1 : 0);
    if (inner === "connect") client.receiveData("CONNECTED\nversion:1.2\n\n\0");
    expect(client.state).toBe(inner === "connect" ? "connected" : "closed");
    if (inner === "disconnect") expect(clock.pending).toBe(0);
  });

  test("may end the session of a server, or a subscription: then there is no delivery", () => {
    for (const [ends, code] of [
      ["disconnect", "closed"],
      ["drop", "unknown-subscription"],
    ] as const) {
      const server = connectedServer();
      server.receiveData("SUBSCRIBE\nid:1\ndestination:/a\nack:client\n\n\0");
      server.sent.length = 0;
      const body = doing(() => (ends === "drop" ? server.drop("1") : server.disconnect()));
      const deliver = () => server.message("1", { destination: "/a", body });
      expect(deliver).toThrow(expect.objectContaining({ code }));
      expect(server.sent.filter((frame) => frame.startsWith("MESSAGE"))).toEqual([]);
      expect(server.unacknowledged).toHaveLength(0);
    }
  });

  test("may send another message: ids differ", () => {
    const server = connectedServer();
    server.receiveData("SUBSCRIBE\nid:1\ndestination:/a\nack:client\n\n\0");
    let inner: { messageId: string } | undefined;
    const body = doing(() => {
      inner ??= server.message("1", { destination: "/a", body: "in between" });
    });
    const { messageId } = server.message("1", { destination: "/a", body });
    expect([inner?.messageId, messageId]).toEqual(["m-1", "m-2"]);
  });
});

test("a message that is acknowledged while its acknowledgement is sent was acknowledged before", () => {
  const pair = connected();
  const codes: unknown[] = [];
  let message: ReceivedMessage | undefined;
  script(pair.client, {
    sendData: () => void pair.drive(),
    onMessage: (received: ReceivedMessage) => {
      message = received;
    },
    onReceipt: () => {
      try {
        message?.ack();
      } catch (error) {
        codes.push((error as { code?: unknown }).code);
      }
    },
  });
  pair.client.subscribe("/a", { ack: "client", id: "0" });
  pair.server.message("0", { destination: "/a" });
  pair.drive();
  message?.ack({ receipt: "r" });
  expect(codes).toEqual(["already-acknowledged"]);
  expect(pair.client.errors).toEqual([]);
});

test("a DISCONNECT from within onReceipt waits for its own receipt, though the ids are the same", () => {
  const client = connectedClient();
  script(client, {
    onReceipt: ({ command }: { command: string }) => {
      if (command === "SEND") client.disconnect({ receipt: "done" });
    },
  });
  client.message("/a", "", { receipt: "done" });
  client.receiveData("RECEIPT\nreceipt-id:done\n\n\0");
  expect(client.state).toBe("disconnecting");
  client.receiveData("RECEIPT\nreceipt-id:done\n\n\0");
  expect([client.state, client.closing?.reason]).toEqual(["closed", "disconnect"]);
});

describe("an answer that only looks like a promise", () => {
  const send = "SEND\ndestination:/a\nreceipt:r\n\n\0";

  test("and cannot be asked, refuses the frame", async () => {
    const server = connectedServer();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    script(server, { onMessage: () => proxy });
    server.receiveData(send);
    await new Promise(setImmediate);
    expect(server.sent.map((frame) => frame.slice(0, 5))).toEqual(["ERROR"]);
  });

  test("counts in a transaction like any other", async () => {
    const server = connectedServer();
    const done: string[] = [];
    script(server, {
      onMessage: (message: ReceivedMessage) => ({
        // biome-ignore lint/suspicious/noThenProperty: that is what it is about.
        then(answer: () => void) {
          done.push(message.text());
          answer();
          answer();
        },
      }),
    });
    const part = (body: string) => `SEND\ndestination:/a\ntransaction:t\n\n${body}\0`;
    server.receiveData(
      `BEGIN\ntransaction:t\n\n\0${part("one")}${part("two")}COMMIT\ntransaction:t\nreceipt:c\n\n\0`,
    );
    expect(server.sent).toEqual([]);
    await new Promise(setImmediate);
    expect(done).toEqual(["one", "two"]);
    expect(server.sent.map((frame) => frame.slice(0, 21))).toEqual(["RECEIPT⏎receipt-id:c⏎"]);
  });
});
