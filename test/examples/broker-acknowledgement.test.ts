/** Who has a message, who has had it, and what becomes of it. */

import { describe, expect, test } from "vitest";
import { ackOf, BrokerHarness, bodies, message, nextBody, settled } from "./broker-harness.ts";
import type { Wire } from "./wire.ts";

const INDIVIDUAL = "id:1\ndestination:/queue/a\nack:client-individual";

async function fill(wire: Wire, count: number): Promise<void> {
  for (let index = 1; index <= count; index += 1) {
    await wire.confirmed("SEND", "destination:/queue/a", `${index}`);
  }
}

describe("a lost session", () => {
  test("gives its messages back to the front of the queue, in their order", async () => {
    const broker = await BrokerHarness.start();
    const [lost, sender] = [await broker.client(), await broker.client()];
    await fill(sender, 3);
    await lost.confirmed("SUBSCRIBE", `${INDIVIDUAL}\nprefetch-count:3`);
    expect(await bodies(lost, 3)).toEqual(["1", "2", "3"]);
    await sender.confirmed("SEND", "destination:/queue/a", "4");
    lost.vanish();
    await settled(sender);
    const next = await broker.client();
    await next.confirmed("SUBSCRIBE", INDIVIDUAL);
    const frames = [];
    for (const body of ["1", "2", "3", "4"]) frames.push(await message(next, body));
    expect(frames.map((frame) => frame.headers.get("redelivered"))).toEqual([
      "true",
      "true",
      "true",
      undefined,
    ]);
  });

  test("does so also when two had taken turns", async () => {
    const broker = await BrokerHarness.start();
    const [first, second, sender] = [
      await broker.client(),
      await broker.client(),
      await broker.client(),
    ];
    await first.confirmed("SUBSCRIBE", INDIVIDUAL);
    await second.confirmed("SUBSCRIBE", INDIVIDUAL);
    await fill(sender, 5);
    expect(await bodies(first, 3)).toEqual(["1", "3", "5"]);
    expect(await bodies(second, 2)).toEqual(["2", "4"]);
    first.send("SUBSCRIBE\n\n\0");
    await first.takeClose();
    second.send("SUBSCRIBE\n\n\0");
    await second.takeClose();
    // The first one's had gone to the second before that ended as well.
    await sender.confirmed("SUBSCRIBE", INDIVIDUAL);
    expect(await bodies(sender, 5)).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("hands its messages to those who are waiting", async () => {
    const broker = await BrokerHarness.start();
    const [lost, waiting] = [await broker.client(), await broker.client()];
    await lost.confirmed("SUBSCRIBE", INDIVIDUAL);
    await fill(lost, 2);
    await bodies(lost, 2);
    await waiting.confirmed("SUBSCRIBE", INDIVIDUAL);
    lost.vanish();
    expect(await bodies(waiting, 2)).toEqual(["1", "2"]);
  });

  test("keeps what it acknowledged", async () => {
    const broker = await BrokerHarness.start();
    const lost = await broker.client();
    await lost.confirmed("SUBSCRIBE", INDIVIDUAL);
    await fill(lost, 3);
    await message(lost, "1");
    await lost.confirmed("ACK", `id:${ackOf(await message(lost, "2"))}`);
    lost.vanish();
    const next = await broker.client();
    await next.confirmed("SUBSCRIBE", INDIVIDUAL);
    expect(await bodies(next, 2)).toEqual(["1", "3"]);
  });

  test("is no reason to bury a message, however often it happens", async () => {
    const broker = await BrokerHarness.start({ maxDeliveries: 1 });
    const sender = await broker.client();
    await fill(sender, 1);
    for (let round = 0; round < 3; round += 1) {
      const wire = await broker.client();
      await wire.confirmed("SUBSCRIBE", INDIVIDUAL);
      await message(wire, "1");
      wire.send("SUBSCRIBE\n\n\0");
      await wire.takeClose();
    }
    await sender.confirmed("SUBSCRIBE", INDIVIDUAL);
    expect(await nextBody(sender)).toBe("1");
  });
});

describe("NACK", () => {
  test("has the message delivered again, marked as such, before those that wait", async () => {
    const broker = await BrokerHarness.start();
    const wire = await broker.client();
    await fill(wire, 2);
    await wire.confirmed("SUBSCRIBE", `${INDIVIDUAL}\nprefetch-count:1`);
    const first = await message(wire, "1");
    expect(first.headers.has("redelivered")).toBe(false);
    await wire.confirmed("NACK", `id:${ackOf(first)}`);
    const again = await message(wire, "1");
    expect(again.headers.get("redelivered")).toBe("true");
    expect(again.headers.get("message-id")).toBe(first.headers.get("message-id"));
    await wire.confirmed("ACK", `id:${ackOf(again)}`);
    expect(await nextBody(wire)).toBe("2");
  });

  test("gives it to another consumer, if there is one", async () => {
    const broker = await BrokerHarness.start();
    const [refusing, willing] = [await broker.client(), await broker.client()];
    await refusing.confirmed("SUBSCRIBE", INDIVIDUAL);
    await willing.confirmed("SUBSCRIBE", INDIVIDUAL);
    await fill(willing, 1);
    await refusing.confirmed("NACK", `id:${ackOf(await message(refusing, "1"))}`);
    expect(await nextBody(willing)).toBe("1");
  });

  test("in client mode covers the earlier ones, which come again in their order", async () => {
    const broker = await BrokerHarness.start();
    const wire = await broker.client("1.1");
    await wire.confirmed("SUBSCRIBE", "id:1\ndestination:/queue/a\nack:client\nprefetch-count:3");
    await fill(wire, 4);
    const [, second] = [
      await message(wire, "1"),
      await message(wire, "2"),
      await message(wire, "3"),
    ];
    await wire.confirmed("NACK", `subscription:1\nmessage-id:${second.headers.get("message-id")}`);
    expect(await bodies(wire, 2)).toEqual(["1", "2"]);
  });

  test("buries a message that was refused too often", async () => {
    const broker = await BrokerHarness.start({ maxDeliveries: 3 });
    const wire = await broker.client();
    await wire.confirmed("SUBSCRIBE", INDIVIDUAL);
    await wire.confirmed("SEND", "destination:/queue/a\ncontent-type:text/x\nname:value", "poison");
    for (let round = 0; round < 3; round += 1) {
      await wire.confirmed("NACK", `id:${ackOf(await message(wire, "poison"))}`);
    }
    expect(wire.frames).toEqual([]);
    await wire.confirmed("SUBSCRIBE", "id:2\ndestination:/queue/dead.a\nack:client-individual");
    const letter = await message(wire, "poison");
    expect(letter.headers.get("dead-letter-of")).toBe("/queue/a");
    expect(letter.headers.get("name")).toBe("value");
    expect(letter.headers.get("content-type")).toBe("text/x");
    // There is nothing behind the last queue.
    for (let round = 0, frame = letter; round < 5; round += 1) {
      await wire.confirmed("NACK", `id:${ackOf(frame)}`);
      frame = await message(wire, "poison");
    }
  });

  test("keeps a message in its queue that cannot be buried because the other is full", async () => {
    const broker = await BrokerHarness.start({ maxDeliveries: 1, maxQueueMessages: 1 });
    const wire = await broker.client();
    await wire.confirmed("SEND", "destination:/queue/dead.a", "occupied");
    await wire.confirmed("SUBSCRIBE", INDIVIDUAL);
    await fill(wire, 1);
    await wire.confirmed("NACK", `id:${ackOf(await message(wire, "1"))}`);
    expect(await nextBody(wire)).toBe("1");
  });
});

describe("UNSUBSCRIBE", () => {
  test("leaves what was delivered acknowledgeable", async () => {
    const broker = await BrokerHarness.start();
    const [leaving, other] = [await broker.client(), await broker.client()];
    await leaving.confirmed("SUBSCRIBE", INDIVIDUAL);
    await fill(leaving, 2);
    const [first] = [await message(leaving, "1"), await message(leaving, "2")];
    await leaving.confirmed("UNSUBSCRIBE", "id:1");
    await other.confirmed("SUBSCRIBE", INDIVIDUAL);
    await leaving.confirmed("ACK", `id:${ackOf(first)}`);
    await settled(other);
    expect(other.frames).toEqual([]);
    await leaving.confirmed("DISCONNECT", "");
    expect(await nextBody(other)).toBe("2");
  });

  test("and NACK puts it back at once", async () => {
    const broker = await BrokerHarness.start();
    const [leaving, other] = [await broker.client(), await broker.client()];
    await leaving.confirmed("SUBSCRIBE", INDIVIDUAL);
    await fill(leaving, 1);
    const first = await message(leaving, "1");
    await leaving.confirmed("UNSUBSCRIBE", "id:1");
    await other.confirmed("SUBSCRIBE", INDIVIDUAL);
    await leaving.confirmed("NACK", `id:${ackOf(first)}`);
    expect(await nextBody(other)).toBe("1");
  });
});

describe("a transaction", () => {
  test("is nothing until COMMIT, and then all of it", async () => {
    const broker = await BrokerHarness.start();
    const [wire, other] = [await broker.client(), await broker.client()];
    await other.confirmed("SUBSCRIBE", "id:1\ndestination:/queue/b");
    await wire.confirmed("SUBSCRIBE", `${INDIVIDUAL}\nprefetch-count:2`);
    await fill(wire, 3);
    const [first, second] = [await message(wire, "1"), await message(wire, "2")];
    await wire.confirmed("BEGIN", "transaction:t");
    await wire.confirmed("ACK", `id:${ackOf(first)}\ntransaction:t`);
    await wire.confirmed("NACK", `id:${ackOf(second)}\ntransaction:t`);
    await wire.confirmed("SEND", "destination:/queue/b\ntransaction:t", "b");
    await settled(other);
    expect([...wire.frames, ...other.frames]).toEqual([]);
    await wire.confirmed("COMMIT", "transaction:t");
    expect(await bodies(wire, 2)).toEqual(["2", "3"]);
    expect(await nextBody(other)).toBe("b");
  });

  test.each([
    ["a destination that cannot be", "destination:/elsewhere/a"],
    ["a queue that is full", "destination:/queue/full"],
  ])("with %s is refused, and nothing of it happens", async (_, bad) => {
    const broker = await BrokerHarness.start({ maxQueueMessages: 2 });
    const [wire, other] = [await broker.client(), await broker.client()];
    await other.confirmed("SEND", "destination:/queue/full", "x");
    await other.confirmed("SEND", "destination:/queue/full", "y");
    await other.confirmed("SUBSCRIBE", "id:1\ndestination:/queue/b");
    await other.confirmed("SUBSCRIBE", "id:2\ndestination:/topic/b");
    await wire.confirmed("SUBSCRIBE", INDIVIDUAL);
    await fill(wire, 2);
    const [first, second] = [await message(wire, "1"), await message(wire, "2")];
    await wire.confirmed("BEGIN", "transaction:t");
    await wire.confirmed("SEND", "destination:/queue/b\ntransaction:t", "b");
    await wire.confirmed("SEND", "destination:/topic/b\ntransaction:t", "b");
    await wire.confirmed("ACK", `id:${ackOf(first)}\ntransaction:t`);
    await wire.confirmed("NACK", `id:${ackOf(second)}\ntransaction:t`);
    await wire.confirmed("SEND", `${bad}\ntransaction:t`, "bad");
    wire.send("COMMIT\ntransaction:t\nreceipt:c\n\n\0");
    expect((await wire.take("ERROR")).headers.get("receipt-id")).toBe("c");
    await wire.takeClose();
    await settled(other);
    expect(other.frames).toEqual([]);
    await other.confirmed("SUBSCRIBE", `${INDIVIDUAL.replace("id:1", "id:3")}`);
    expect(await bodies(other, 2)).toEqual(["1", "2"]);
  });

  test("may take from a full queue and put into it", async () => {
    const broker = await BrokerHarness.start({ maxQueueMessages: 1 });
    const wire = await broker.client();
    await wire.confirmed("SUBSCRIBE", INDIVIDUAL);
    await fill(wire, 1);
    const first = await message(wire, "1");
    await wire.confirmed("BEGIN", "transaction:t");
    await wire.confirmed("SEND", "destination:/queue/a\ntransaction:t", "next");
    await wire.confirmed("ACK", `id:${ackOf(first)}\ntransaction:t`);
    await wire.confirmed("COMMIT", "transaction:t");
    expect(await nextBody(wire)).toBe("next");
  });

  test("that puts too much into one queue is refused, though each part of it would fit", async () => {
    const broker = await BrokerHarness.start({ maxQueueMessages: 2 });
    const [wire, other] = [await broker.client(), await broker.client()];
    await wire.confirmed("BEGIN", "transaction:t");
    for (const body of ["1", "2", "3"]) {
      await wire.confirmed("SEND", "destination:/queue/a\ntransaction:t", body);
    }
    wire.send("COMMIT\ntransaction:t\n\n\0");
    await wire.take("ERROR");
    await other.confirmed("SUBSCRIBE", INDIVIDUAL);
    expect(other.frames).toEqual([]);
  });

  test("that is aborted leaves its acknowledgements open", async () => {
    const broker = await BrokerHarness.start();
    const wire = await broker.client();
    await wire.confirmed("SUBSCRIBE", INDIVIDUAL);
    await fill(wire, 1);
    const first = await message(wire, "1");
    await wire.confirmed("BEGIN", "transaction:t");
    await wire.confirmed("ACK", `id:${ackOf(first)}\ntransaction:t`);
    await wire.confirmed("ABORT", "transaction:t");
    await wire.confirmed("ACK", `id:${ackOf(first)}`);
  });
});
