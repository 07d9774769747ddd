/** Clients that do not read, and what it costs the others: nothing. */

import { expect, test } from "vitest";
import { ackOf, BrokerHarness, message, nextBody, settled } from "./broker-harness.ts";
import type { Wire } from "./wire.ts";

/** More than sockets of one machine swallow. */
const LARGE = "x".repeat(256 * 1_024);
const MANY = 60;

async function sendMany(wire: Wire, destination: string): Promise<void> {
  for (let index = 0; index < MANY; index += 1) {
    wire.send(`SEND\ndestination:${destination}\nindex:${index}\n\n${LARGE}\0`);
    await settled(wire);
  }
}

/** Reads again, and tells the numbers of the messages that came. */
async function readOn(wire: Wire, count: number): Promise<number[]> {
  wire.readOn();
  const numbers: number[] = [];
  while (numbers.length < count) {
    numbers.push(Number((await wire.take("MESSAGE")).headers.get("index")));
  }
  return numbers;
}

const ALL = Array.from({ length: MANY }, (_, index) => index);

test("what a topic has for a client that does not read waits, in order", async () => {
  const broker = await BrokerHarness.start();
  const [slow, sender] = [await broker.client(), await broker.client()];
  await slow.confirmed("SUBSCRIBE", "id:1\ndestination:/topic/a");
  slow.stopReading();
  // Half of what may wait is never reached here.
  for (let index = 0; index < MANY; index += 1) {
    await sender.confirmed("SEND", `destination:/topic/a\nindex:${index}`, LARGE.slice(0, 65_536));
  }
  expect(await readOn(slow, MANY)).toEqual(ALL);
});

test("a topic's backlog is bounded: who lags too far behind is ended, the others get it all", async () => {
  const broker = await BrokerHarness.start({ maxBacklogMessages: 8, patienceMs: 50 });
  const [slow, fast, sender] = [
    await broker.client(),
    await broker.client(),
    await broker.client(),
  ];
  await slow.confirmed("SUBSCRIBE", "id:1\ndestination:/topic/a");
  await fast.confirmed("SUBSCRIBE", "id:1\ndestination:/topic/a");
  slow.stopReading();
  const sent = sendMany(sender, "/topic/a");
  expect(await readOn(fast, MANY)).toEqual(ALL);
  await sent;
  slow.readOn();
  expect((await slow.take("ERROR")).headers.get("message")).toContain("slow");
  await slow.takeClose();
});

test("a sender waits for a client that only lags", async () => {
  const broker = await BrokerHarness.start({ maxBacklogMessages: 8, patienceMs: 60_000 });
  const [slow, sender] = [await broker.client(), await broker.client()];
  await slow.confirmed("SUBSCRIBE", "id:1\ndestination:/topic/a");
  slow.stopReading();
  let done = false;
  const sent = sendMany(sender, "/topic/a").then(() => {
    done = true;
  });
  await sender.until(() => done, 300).catch(() => undefined);
  expect(done).toBe(false);
  expect(await readOn(slow, MANY)).toEqual(ALL);
  await sent;
});

test("who cannot be waited for ends at once: a transaction with more than may wait", async () => {
  const broker = await BrokerHarness.start({
    maxBacklogMessages: 2,
    patienceMs: 60_000,
    prefetch: 1,
  });
  const [slow, sender] = [await broker.client(), await broker.client()];
  await slow.confirmed("SUBSCRIBE", "id:1\ndestination:/topic/a\nack:client");
  await sender.confirmed("BEGIN", "transaction:t");
  for (let index = 0; index < 3; index += 1) {
    await sender.confirmed("SEND", "destination:/topic/a\ntransaction:t");
  }
  await sender.confirmed("COMMIT", "transaction:t");
  expect((await slow.take("ERROR")).headers.get("message")).toContain("slow");
});

test("a client that sends and has not acknowledged yet is not made to wait for itself", async () => {
  const broker = await BrokerHarness.start({ maxBacklogMessages: 4, patienceMs: 60_000 });
  const wire = await broker.client();
  await wire.confirmed("SUBSCRIBE", "id:1\ndestination:/topic/a\nack:client");
  for (const body of ["1", "2", "3", "4"]) {
    await wire.confirmed("SEND", "destination:/topic/a", body);
  }
  expect(wire.frames.map(({ command }) => command)).toEqual([
    "MESSAGE",
    "MESSAGE",
    "MESSAGE",
    "MESSAGE",
  ]);
});

test("what is refused after UNSUBSCRIBE from a topic is gone, and counts no longer", async () => {
  const broker = await BrokerHarness.start({ maxBacklogMessages: 1 });
  const wire = await broker.client();
  await wire.confirmed("SUBSCRIBE", "id:1\ndestination:/topic/a\nack:client");
  await wire.confirmed("SEND", "destination:/topic/a", "1");
  const first = await message(wire, "1");
  await wire.confirmed("UNSUBSCRIBE", "id:1");
  await wire.confirmed("NACK", `id:${ackOf(first)}`);
  await wire.confirmed("SUBSCRIBE", "id:1\ndestination:/topic/a\nack:client");
  await wire.confirmed("SEND", "destination:/topic/a", "2");
  expect(await nextBody(wire)).toBe("2");
});

test("a queue holds back what a client that does not read cannot take, for others", async () => {
  const broker = await BrokerHarness.start();
  const [slow, fast, sender] = [
    await broker.client(),
    await broker.client(),
    await broker.client(),
  ];
  await slow.confirmed("SUBSCRIBE", "id:1\ndestination:/queue/a\nack:client\nprefetch-count:1000");
  await fast.confirmed("SUBSCRIBE", "id:1\ndestination:/queue/a\nack:client\nprefetch-count:1000");
  slow.stopReading();
  await sendMany(sender, "/queue/a");
  await settled(fast);
  // In turns it would be half of them.
  expect(fast.frames.length).toBeGreaterThan(MANY / 2 + 2);
  const had = fast.frames.length;
  expect(await readOn(slow, MANY - had)).toHaveLength(MANY - had);
});

test("a client that stays stuck is ended, and its messages go to others", async () => {
  const broker = await BrokerHarness.start({ session: { stallTimeoutMs: 100 } });
  const [stuck, sender] = [await broker.client(), await broker.client()];
  await stuck.confirmed("SUBSCRIBE", "id:1\ndestination:/queue/a\nack:client\nprefetch-count:1000");
  stuck.stopReading();
  await sendMany(sender, "/queue/a");
  const next = await broker.client();
  await next.confirmed("SUBSCRIBE", "id:1\ndestination:/queue/a");
  const numbers = await readOn(next, MANY);
  expect(numbers.sort((a, b) => a - b)).toEqual(ALL);
});

test("a reply queue that is not read ends its owner, and not whoever replies", async () => {
  const broker = await BrokerHarness.start({ maxBacklogMessages: 4 });
  const [asking, worker] = [await broker.client(), await broker.client()];
  await worker.confirmed("SUBSCRIBE", "id:1\ndestination:/queue/jobs");
  await asking.confirmed("SEND", "destination:/queue/jobs\nreply-to:/temp-queue/r", "question");
  const { headers } = await message(worker, "question");
  for (let index = 0; index < 6; index += 1) {
    await worker.confirmed("SEND", `destination:${headers.get("reply-to")}`, "answer");
  }
  expect((await asking.take("ERROR")).headers.get("message")).toContain("slow");
});

test("a subscriber of a topic that acknowledges nothing is bounded as well", async () => {
  const broker = await BrokerHarness.start({ maxBacklogMessages: 4, patienceMs: 20, prefetch: 2 });
  const [idle, sender] = [await broker.client(), await broker.client()];
  await idle.confirmed("SUBSCRIBE", "id:1\ndestination:/topic/a\nack:client");
  for (let index = 0; index < 6; index += 1) await sender.confirmed("SEND", "destination:/topic/a");
  expect(await nextBody(idle)).toBe("");
  expect((await idle.take("ERROR")).headers.get("message")).toContain("slow");
});
