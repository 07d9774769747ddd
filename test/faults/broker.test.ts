/** A broker that is cut off while it has messages and transactions in hand. */

import { expect, test } from "vitest";
import { BrokerHarness, bodies, message, settled } from "../examples/broker-harness.ts";
import { Wire } from "../examples/wire.ts";
import { BreakingProxy } from "./proxy.ts";

test("what was not acknowledged when all links broke comes again, once; what was does not", async () => {
  const broker = await BrokerHarness.start();
  const proxy = await BreakingProxy.to(broker.running.tcp.port);
  const consumer = await Wire.tcp(proxy.port);
  await consumer.connect();
  await consumer.confirmed("SUBSCRIBE", "id:s\ndestination:/queue/a\nack:client-individual");
  for (const body of ["0", "1", "2", "3"]) {
    await consumer.confirmed("SEND", "destination:/queue/a", body);
  }
  const acks = new Map<string, string>();
  for (const body of ["0", "1", "2", "3"]) {
    acks.set(body, (await message(consumer, body)).headers.get("ack") ?? "none");
  }
  await consumer.confirmed("ACK", `id:${acks.get("0")}`);
  // In a transaction that is committed, and in one that is not.
  await consumer.confirmed("BEGIN", "transaction:done");
  await consumer.confirmed("ACK", `id:${acks.get("2")}\ntransaction:done`);
  await consumer.confirmed("SEND", "destination:/queue/a\ntransaction:done", "committed");
  await consumer.confirmed("COMMIT", "transaction:done");
  await message(consumer, "committed");
  await consumer.confirmed("BEGIN", "transaction:open");
  await consumer.confirmed("ACK", `id:${acks.get("3")}\ntransaction:open`);
  await consumer.confirmed("SEND", "destination:/queue/a\ntransaction:open", "not committed");
  await proxy.break();
  await consumer.takeClose();

  const next = await broker.client();
  await next.confirmed("SUBSCRIBE", "id:s\ndestination:/queue/a\nack:client-individual");
  expect((await bodies(next, 3)).sort()).toEqual(["1", "3", "committed"]);
  await settled(next);
  expect(next.frames).toEqual([]);
});
