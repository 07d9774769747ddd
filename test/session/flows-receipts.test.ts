import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connected, connectedClient, rejection, script, settled, VERSIONS } from "./scripted.ts";

const unhandled: unknown[] = [];
const note = (cause: unknown) => unhandled.push(cause);
beforeAll(() => process.on("unhandledRejection", note));
afterAll(() => process.off("unhandledRejection", note));

describe.each(VERSIONS)("a receipt in %s", (version) => {
  test("may be asked for by every command, and comes with its own id or one of ours", async () => {
    const pair = connected(version);
    const { client } = pair;
    const subscription = client.subscribe("/a", { id: "0", ack: "client", receipt: "sub: 1\\" });
    pair.drive();
    pair.server.message("0", { destination: "/a" });
    pair.drive();
    const transaction = client.begin({ id: "t", receipt: true });
    const other = client.begin({ id: "o" });
    const receipts = [
      subscription.receipt,
      transaction.receipt,
      client.message("/a", "", { receipt: true, transaction }),
      client.messages[0]?.ack({ receipt: true }),
      client.commit(transaction, { receipt: true }),
      client.abort(other, { receipt: "" }),
      client.unsubscribe("0", { receipt: true }),
      client.disconnect(),
    ];
    pair.drive();
    expect(receipts.map((receipt) => `${receipt?.command} ${receipt?.id}`)).toEqual([
      "SUBSCRIBE sub: 1\\",
      "BEGIN receipt-1",
      "SEND receipt-2",
      "ACK receipt-3",
      "COMMIT receipt-4",
      "ABORT ",
      "UNSUBSCRIBE receipt-5",
      "DISCONNECT receipt-6",
    ]);
    expect(client.receipts).toEqual(receipts);
    for (const receipt of receipts) {
      const frame = await receipt?.done;
      expect([frame?.command, frame?.headers.get("receipt-id")]).toEqual(["RECEIPT", receipt?.id]);
    }
  });

  test("is asked for by every command if the client says so, unless a command says otherwise", () => {
    const pair = connected(version, { client: { receipts: true } });
    const { client } = pair;
    expect(client.message("/a")?.id).toBe("receipt-1");
    expect(client.message("/a", "", { receipt: false })).toBeUndefined();
    expect(client.message("/a", "", { receipt: undefined })?.id).toBe("receipt-2");
    const subscription = client.subscribe("/a");
    expect([subscription.id, subscription.receipt?.id]).toEqual(["sub-3", "receipt-4"]);
    pair.drive();
    expect(client.receipts).toHaveLength(3);
  });
});

describe("an id of our own", () => {
  test("is never one that is in use", () => {
    const { client } = connected();
    client.message("/a", "", { receipt: "receipt-1" });
    client.subscribe("/a", { id: "sub-2" });
    client.begin({ id: "tx-3" });
    expect(client.message("/a", "", { receipt: true }).id).toBe("receipt-2");
    expect(client.subscribe("/a").id).toBe("sub-3");
    expect(client.begin().id).toBe("tx-4");
  });

  test("is given once in a session, also after the other was given up", () => {
    const { client } = connected();
    const first = client.subscribe("/a");
    client.unsubscribe(first);
    expect(client.subscribe("/a").id).not.toBe(first.id);
  });

  test("is not used up by a command that throws", () => {
    const { client } = connected();
    expect(() => client.subscribe("/a", { headers: { id: "x" } })).toThrow();
    expect(() => client.message("/a", "", { receipt: true, headers: { receipt: "x" } })).toThrow();
    expect(client.subscribe("/a").id).toBe("sub-1");
  });
});

describe("an ERROR", () => {
  test("rejects the receipt that it names with error-frame, the others with connection-lost", async () => {
    const pair = connected();
    const { client } = pair;
    const [before, failed, after] = ["1", "2", "3"].map((receipt) =>
      client.message("/a", "", { receipt }),
    );
    pair.toServer.drop();
    const early = after?.done;
    pair.toClient.inject("ERROR\nreceipt-id:2\nmessage:no\n\nwhy\0RECEIPT\nreceipt-id:1\n\n\0");
    pair.drive();
    const named = await rejection(failed?.done as Promise<unknown>);
    expect([named.code, named.frame?.text()]).toEqual(["error-frame", "why"]);
    expect(client.errors).toEqual([named]);
    for (const done of [before?.done, early]) {
      const lost = await rejection(done as Promise<unknown>);
      expect([lost.code, lost.cause]).toEqual(["connection-lost", named]);
    }
    expect(client.closing?.unconfirmed.map(({ id }) => id)).toEqual(["1", "3"]);
    expect(client.receipts).toEqual([]);
  });

  test("of a refused hook rejects its receipt", async () => {
    const pair = connected();
    script(pair.server, {
      onMessage: () => {
        throw new Error("bug");
      },
    });
    const receipt = pair.client.message("/a", "", { receipt: true });
    pair.drive();
    expect(await rejection(receipt.done)).toMatchObject({ code: "error-frame" });
  });
});

describe("the time of a receipt", () => {
  test("is that of the client, or of the command", async () => {
    const pair = connected("1.2", { client: { receiptTimeoutMs: 3_000 } });
    pair.toServer.held = true;
    const { client } = pair;
    const usual = client.message("/a", "", { receipt: "usual" });
    const hasty = client.message("/a", "", { receipt: "hasty", receiptTimeoutMs: 1_000 });
    const patient = client.message("/a", "", {
      receipt: "patient",
      receiptTimeoutMs: Number.POSITIVE_INFINITY,
    });
    pair.advance(1_050);
    expect(await rejection(hasty.done)).toMatchObject({ code: "receipt-timeout", command: "SEND" });
    pair.advance(2_000);
    expect(await rejection(usual.done)).toMatchObject({ code: "receipt-timeout" });
    pair.toServer.held = false;
    pair.advance(60_000);
    await expect(patient.done).resolves.toBeDefined();
    // The session goes on, and what comes too late is ignored.
    expect(client.receipts.map(({ id }) => id)).toEqual(["patient"]);
    expect([client.state, client.errors]).toEqual(["connected", []]);
    // And its id may be used again.
    expect(client.message("/a", "", { receipt: "hasty" })?.id).toBe("hasty");
  });

  test("costs no timer once it has come", () => {
    const pair = connected();
    pair.client.message("/a", "", { receipt: true, receiptTimeoutMs: 1_000 });
    pair.drive();
    // Deadlines are looked at when they would be due.
    pair.advance(11_000);
    expect(pair.clock.pending).toBe(0);
    pair.client.message("/a", "", { receipt: true, receiptTimeoutMs: 60_000 });
    pair.cut();
    expect(pair.clock.pending).toBe(0);
  });
});

test("the end of a link rejects what is awaited, with its cause", async () => {
  const client = connectedClient();
  const receipt = client.message("/a", "", { receipt: true });
  client.receiveEnd(new Error("reset"));
  const lost = await rejection(receipt.done);
  expect([lost.code, (lost.cause as { code: string }).code]).toEqual([
    "connection-lost",
    "connection-lost",
  ]);
});

test("a RECEIPT that nobody waits for is ignored", () => {
  const client = connectedClient();
  client.receiveData("RECEIPT\nreceipt-id:x\n\n\0");
  client.message("/a", "", { receipt: "r" });
  client.receiveData(
    "RECEIPT\nreceipt-id:r\n\n\0RECEIPT\nreceipt-id:r\n\n\0RECEIPT\nreceipt-id:R\n\n\0",
  );
  expect(client.told).toEqual(["onReceipt r"]);
});

test("nothing is an unhandled rejection, whoever looks or does not look", async () => {
  for (const look of [true, false]) {
    const client = connectedClient("1.2", { receipts: true });
    for (const receipt of [client.message("/a"), client.subscribe("/b").receipt]) {
      if (look) void receipt?.done;
    }
    client.receiveData("ERROR\nreceipt-id:receipt-1\n\n\0");
  }
  await settled();
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
});
