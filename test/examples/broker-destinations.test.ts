/** Topics, queues, replies: what comes of a SEND. */

import { describe, expect, test } from "vitest";
import { ackOf, BrokerHarness, bodies, message, nextBody, settled } from "./broker-harness.ts";

describe("a topic", () => {
  test("gives each message to everyone who is subscribed", async () => {
    const broker = await BrokerHarness.start();
    const [a, b, c] = [
      await broker.client(),
      await broker.client("1.1"),
      await broker.client("1.0"),
    ];
    for (const wire of [a, b, c])
      await wire.confirmed("SUBSCRIBE", "id:1\ndestination:/topic/news");
    await a.confirmed("SEND", "destination:/topic/news", "hello");
    for (const wire of [a, b, c]) {
      const { headers } = await message(wire, "hello");
      expect(headers.get("destination")).toBe("/topic/news");
      expect(headers.get("subscription")).toBe("1");
    }
    await settled(a);
    expect(a.frames).toEqual([]);
  });

  test("keeps nothing for those who come later", async () => {
    const broker = await BrokerHarness.start();
    const wire = await broker.client();
    await wire.confirmed("SEND", "destination:/topic/news", "early");
    await wire.confirmed("SUBSCRIBE", "id:1\ndestination:/topic/news");
    await wire.confirmed("SEND", "destination:/topic/news", "late");
    expect(await nextBody(wire)).toBe("late");
  });

  test("reaches wildcards, and tells them where the message was sent", async () => {
    const broker = await BrokerHarness.start();
    const wire = await broker.client();
    await wire.confirmed("SUBSCRIBE", "id:one\ndestination:/topic/prices.*");
    await wire.confirmed("SUBSCRIBE", "id:rest\ndestination:/topic/prices.>");
    await wire.confirmed("SEND", "destination:/topic/prices.eu", "short");
    await wire.confirmed("SEND", "destination:/topic/prices.eu.gold", "long");
    const taken = [await message(wire, "short"), await message(wire, "short")];
    expect(taken.map((frame) => frame.headers.get("subscription")).sort()).toEqual(["one", "rest"]);
    const { headers } = await message(wire, "long");
    expect([headers.get("subscription"), headers.get("destination")]).toEqual([
      "rest",
      "/topic/prices.eu.gold",
    ]);
    await settled(wire);
    expect(wire.frames).toEqual([]);
  });

  test("passes the sender's headers on, and none that STOMP owns", async () => {
    const broker = await BrokerHarness.start();
    const wire = await broker.client();
    await wire.confirmed("SUBSCRIBE", "id:1\ndestination:/topic/a");
    const own = "message-id:mine\nsubscription:9\nack:8\nid:7\nlogin:me\npasscode:secret";
    await wire.confirmed(
      "SEND",
      `destination:/topic/a\nredelivered:true\ncontent-type:text/x\npriority:4\nname\\c:va\\\\l\\nue\n${own}`,
      "x",
    );
    const { headers } = await message(wire, "x");
    expect([...headers.keys()].sort()).toEqual(
      ["content-length", "content-type", "destination", "message-id", "name:", "priority"].concat(
        "subscription",
      ),
    );
    expect(headers.get("name:")).toBe("va\\l\nue");
    expect(headers.get("subscription")).toBe("1");
    expect(headers.get("message-id")).not.toBe("mine");
  });

  test("carries a large binary body", async () => {
    const broker = await BrokerHarness.start();
    const [sender, receiver] = [await broker.client(), await broker.client()];
    await receiver.confirmed("SUBSCRIBE", "id:1\ndestination:/topic/a");
    const body = Buffer.from(new Uint8Array(1_000_000).map((_, index) => index % 251));
    sender.send(`SEND\ndestination:/topic/a\ncontent-length:${body.length}\n\n`);
    sender.send(body);
    sender.send("\0");
    const frame = await receiver.take("MESSAGE");
    expect(frame.body.equals(body)).toBe(true);
  });

  test("is left by UNSUBSCRIBE, wildcards too", async () => {
    const broker = await BrokerHarness.start();
    const wire = await broker.client();
    await wire.confirmed("SUBSCRIBE", "id:1\ndestination:/topic/a");
    await wire.confirmed("SUBSCRIBE", "id:2\ndestination:/topic/*");
    await wire.confirmed("UNSUBSCRIBE", "id:1");
    await wire.confirmed("UNSUBSCRIBE", "id:2");
    await wire.confirmed("SEND", "destination:/topic/a", "x");
    expect(wire.frames).toEqual([]);
  });

  test("is not redelivered for ever to a subscriber that refuses it", async () => {
    const broker = await BrokerHarness.start({ maxDeliveries: 2 });
    const wire = await broker.client();
    await wire.confirmed("SUBSCRIBE", "id:1\ndestination:/topic/a\nack:client-individual");
    await wire.confirmed("SEND", "destination:/topic/a", "x");
    for (let round = 0; round < 2; round += 1) {
      const frame = await message(wire, "x");
      expect(frame.headers.get("redelivered")).toBe(round === 0 ? undefined : "true");
      await wire.confirmed("NACK", `id:${ackOf(frame)}`);
    }
    expect(wire.frames).toEqual([]);
  });
});

describe("a queue", () => {
  test("keeps its messages for whoever comes, in their order", async () => {
    const broker = await BrokerHarness.start();
    const sender = await broker.client();
    for (const body of ["1", "2", "3"])
      await sender.confirmed("SEND", "destination:/queue/a", body);
    const receiver = await broker.client();
    await receiver.confirmed("SUBSCRIBE", "id:1\ndestination:/queue/a");
    expect(await bodies(receiver, 3)).toEqual(["1", "2", "3"]);
  });

  test("gives each message to one consumer, in turns", async () => {
    const broker = await BrokerHarness.start();
    const consumers = [await broker.client(), await broker.client(), await broker.client()];
    for (const wire of consumers) await wire.confirmed("SUBSCRIBE", "id:1\ndestination:/queue/a");
    const sender = await broker.client();
    for (let index = 0; index < 9; index += 1) {
      await sender.confirmed("SEND", "destination:/queue/a", `${index}`);
    }
    const got = await Promise.all(consumers.map((wire) => bodies(wire, 3)));
    expect(got).toEqual([
      ["0", "3", "6"],
      ["1", "4", "7"],
      ["2", "5", "8"],
    ]);
  });

  test("gives nobody more than prefetch-count without an acknowledgement", async () => {
    const broker = await BrokerHarness.start();
    const [slow, fast] = [await broker.client(), await broker.client()];
    await slow.confirmed("SUBSCRIBE", "id:1\ndestination:/queue/a\nack:client\nprefetch-count:1");
    await fast.confirmed("SUBSCRIBE", "id:1\ndestination:/queue/a\nack:client\nprefetch-count:3");
    for (let index = 0; index < 6; index += 1) {
      await fast.confirmed("SEND", "destination:/queue/a", `${index}`);
    }
    const first = await message(slow, "0");
    expect(await bodies(fast, 3)).toEqual(["1", "2", "3"]);
    await settled(slow);
    await settled(fast);
    expect([...slow.frames, ...fast.frames]).toEqual([]);
    await slow.confirmed("ACK", `id:${ackOf(first)}`);
    expect(await nextBody(slow)).toBe("4");
  });

  test("may be subscribed to by a wildcard, before it exists and after", async () => {
    const broker = await BrokerHarness.start();
    const wire = await broker.client();
    await wire.confirmed("SEND", "destination:/queue/jobs.old", "old");
    await wire.confirmed("SUBSCRIBE", "id:1\ndestination:/queue/jobs.*\nack:client-individual");
    await wire.confirmed("SEND", "destination:/queue/jobs.new", "new");
    await wire.confirmed("SEND", "destination:/queue/other", "other");
    expect(await bodies(wire, 2)).toEqual(["old", "new"]);
    await settled(wire);
    expect(wire.frames).toEqual([]);
  });

  test.each([
    ["in messages", { maxQueueMessages: 2 }],
    ["in bytes", { maxQueueBytes: 1_000 }],
    ["in the bytes of all queues together", { maxStoredBytes: 1_000 }],
  ])("refuses what is too much %s, and loses nothing", async (_, options) => {
    const broker = await BrokerHarness.start(options);
    const wire = await broker.client();
    await wire.confirmed("SEND", "destination:/queue/a", "1");
    await wire.confirmed("SEND", "destination:/queue/a", "2");
    wire.send("SEND\ndestination:/queue/a\nreceipt:r\n\n3\0");
    const error = await wire.take("ERROR");
    expect(error.headers.get("receipt-id")).toBe("r");
    expect(error.headers.get("message")).toContain("full");
    await wire.takeClose();
    const receiver = await broker.client();
    await receiver.confirmed("SUBSCRIBE", "id:1\ndestination:/queue/a");
    expect(await bodies(receiver, 2)).toEqual(["1", "2"]);
    // What was delivered to an auto subscription makes room again.
    await receiver.confirmed("SEND", "destination:/queue/a", "4");
    expect(await nextBody(receiver)).toBe("4");
  });

  test("counts what consumers have not acknowledged", async () => {
    const broker = await BrokerHarness.start({ maxQueueMessages: 1 });
    const [consumer, sender] = [await broker.client(), await broker.client()];
    await consumer.confirmed("SUBSCRIBE", "id:1\ndestination:/queue/a\nack:client");
    await sender.confirmed("SEND", "destination:/queue/a", "1");
    const first = await message(consumer, "1");
    sender.send("SEND\ndestination:/queue/a\n\n2\0");
    await sender.take("ERROR");
    await consumer.confirmed("ACK", `id:${ackOf(first)}`);
    await consumer.confirmed("SEND", "destination:/queue/a", "3");
    expect(await nextBody(consumer)).toBe("3");
  });
});

describe("a reply", () => {
  test("comes back to whoever asked, and to nobody else", async () => {
    const broker = await BrokerHarness.start();
    const [asking, other, worker] = [
      await broker.client(),
      await broker.client(),
      await broker.client(),
    ];
    await worker.confirmed("SUBSCRIBE", "id:jobs\ndestination:/queue/jobs");
    for (const wire of [asking, other]) {
      await wire.confirmed("SUBSCRIBE", "id:replies\ndestination:/temp-queue/replies");
    }
    const question = "destination:/queue/jobs\nreply-to:/temp-queue/replies\ncorrelation-id:7";
    await asking.confirmed("SEND", question, "question");
    const { headers } = await message(worker, "question");
    const replyTo = headers.get("reply-to") ?? "";
    expect(replyTo).not.toContain("temp-queue");
    await worker.confirmed("SEND", `destination:${replyTo}\ncorrelation-id:7`, "answer");
    const answer = await message(asking, "answer");
    expect(answer.headers.get("subscription")).toBe("replies");
    expect(answer.headers.get("destination")).toBe("/temp-queue/replies");
    expect(answer.headers.get("correlation-id")).toBe("7");
    await settled(other);
    expect(other.frames).toEqual([]);
  });

  test("waits until its receiver subscribes", async () => {
    const broker = await BrokerHarness.start();
    const wire = await broker.client();
    await wire.confirmed("SUBSCRIBE", "id:jobs\ndestination:/queue/jobs");
    await wire.confirmed("SEND", "destination:/queue/jobs\nreply-to:/temp-queue/r", "question");
    const { headers } = await message(wire, "question");
    await wire.confirmed("SEND", `destination:${headers.get("reply-to")}`, "answer");
    await wire.confirmed("SUBSCRIBE", "id:r\ndestination:/temp-queue/r");
    expect(await nextBody(wire)).toBe("answer");
  });

  test("to somebody who is gone is nobody's trouble", async () => {
    const broker = await BrokerHarness.start();
    const [asking, worker] = [await broker.client(), await broker.client()];
    await worker.confirmed("SUBSCRIBE", "id:jobs\ndestination:/queue/jobs");
    await asking.confirmed("SEND", "destination:/queue/jobs\nreply-to:/temp-queue/r", "question");
    const { headers } = await message(worker, "question");
    await asking.confirmed("DISCONNECT", "");
    await worker.confirmed("SEND", `destination:${headers.get("reply-to")}`, "answer");
  });

  test("queue cannot be read by others", async () => {
    const broker = await BrokerHarness.start();
    const [asking, worker] = [await broker.client(), await broker.client()];
    await worker.confirmed("SUBSCRIBE", "id:jobs\ndestination:/queue/jobs");
    await asking.confirmed("SEND", "destination:/queue/jobs\nreply-to:/temp-queue/r", "question");
    const { headers } = await message(worker, "question");
    worker.send(`SUBSCRIBE\nid:spy\ndestination:${headers.get("reply-to")}\n\n\0`);
    await worker.take("ERROR");
  });

  test("queues are not without number", async () => {
    const broker = await BrokerHarness.start();
    const wire = await broker.client();
    for (let index = 0; index < 101; index += 1) {
      wire.send(`SEND\ndestination:/topic/a\nreply-to:/temp-queue/${index}\n\n\0`);
    }
    expect((await wire.take("ERROR")).headers.get("message")).toContain("100 reply queues");
  });
});

describe("refuses", () => {
  test.each([
    ["SEND", "destination:/elsewhere/a", "one of /topic/<name>, /queue/<name>"],
    ["SEND", "destination:plain", "one of /topic/<name>, /queue/<name>"],
    ["SEND", "destination:/queue/", "one of /topic/<name>, /queue/<name>"],
    ["SEND", "destination:/topic/*", "subscriptions only"],
    ["SEND", "destination:/queue/a.>", "subscriptions only"],
    ["SEND", "destination:/topic/a\\nb", "control characters"],
    ["SEND", "destination:/queue/a\\nb", "control characters"],
    ["SEND", "destination:/topic/a\nreply-to:/temp-queue/", "one of"],
    ["SUBSCRIBE", "id:1\ndestination:plain", "one of /topic/<name>, /queue/<name>"],
    ["SUBSCRIBE", "id:1\ndestination:/topic/>.a", "comes last"],
    ["SUBSCRIBE", "id:1\ndestination:/temp-queue/*", "wildcards"],
    ["SUBSCRIBE", "id:1\ndestination:/queue/a\nprefetch-count:0", "prefetch-count"],
    ["SUBSCRIBE", "id:1\ndestination:/queue/a\nprefetch-count:many", "prefetch-count"],
  ])("%s %j, saying what is right", async (command, headers, text) => {
    const broker = await BrokerHarness.start();
    const wire = await broker.client();
    wire.send(`${command}\n${headers}\n\n\0`);
    expect((await wire.take("ERROR")).headers.get("message")).toContain(text);
    await wire.takeClose();
  });
});
