/** What the broker in memory keeps, and that it lets go of it. */

import type { Delivery, PreparedMessage, ServerSubscription } from "stomp-engine";
import { expect, test } from "vitest";
import type { Held } from "../../examples/broker/backend.ts";
import { Budget } from "../../examples/broker/budget.ts";
import { Consumer, type Owner } from "../../examples/broker/consumer.ts";
import { MemoryBackend } from "../../examples/broker/memory.ts";
import { Message, type Source } from "../../examples/broker/message.ts";

/** A session that keeps what it is sent. */
class RecordingOwner implements Owner {
  readonly backlog = new Budget(10, 10_000);
  readonly held: Held[] = [];
  writable = true;
  sent = 0;
  overrun(): void {}
  relief(): undefined {}

  message(
    _subscription: ServerSubscription | string,
    _message: unknown | PreparedMessage,
    { token }: { token?: Held } = {},
  ): Delivery<Held> {
    this.sent += 1;
    if (token !== undefined) this.held.push(token);
    return { subscription: "1", messageId: "1", ackId: "1", token };
  }
}

function memory(): MemoryBackend {
  return new MemoryBackend({
    maxQueueMessages: 100,
    maxQueueBytes: 100_000,
    maxStoredBytes: 100_000,
    maxDeliveries: 2,
  });
}

function consumer(owner: Owner, destination: string, ack: ServerSubscription["ack"]): Consumer {
  const subscription = { id: "1", destination, ack, active: true } as unknown as ServerSubscription;
  return new Consumer(owner, subscription, destination, 10);
}

function message(destination: string, body: Uint8Array = new Uint8Array(0)): Message {
  return new Message(destination, "1", { contentType: undefined, headers: [], body });
}

function messageWith(part: Partial<Source>): Message {
  const source = { contentType: undefined, headers: [], body: new Uint8Array(0), ...part };
  return new Message("/queue/a", "1", source);
}

function names(backend: MemoryBackend): string[] {
  return [...backend.queues].map((queue) => queue.name);
}

test("a queue exists as long as it holds something", () => {
  const backend = memory();
  const owner = new RecordingOwner();
  backend.send(message("/queue/a"));
  expect(names(backend)).toEqual(["/queue/a"]);
  const reader = consumer(owner, "/queue/a", "client");
  backend.subscribe(reader);
  backend.unsubscribe(reader);
  expect(names(backend)).toEqual(["/queue/a"]);
  backend.acknowledge(owner.held);
  expect(names(backend)).toEqual([]);
});

test("a queue exists as long as somebody is subscribed to it, and not to a pattern", () => {
  const backend = memory();
  const reader = consumer(new RecordingOwner(), "/queue/a", "auto");
  const any = consumer(new RecordingOwner(), "/queue/>", "auto");
  backend.subscribe(any);
  expect(names(backend)).toEqual([]);
  backend.subscribe(reader);
  expect(names(backend)).toEqual(["/queue/a"]);
  backend.send(message("/queue/b"));
  backend.unsubscribe(reader);
  expect(names(backend)).toEqual([]);
  expect(any.queues.size).toBe(0);
});

test.each(["/queue/a", "/topic/a"])(
  "what awaits acknowledgement from %s does not keep the chunk that it came in",
  (destination) => {
    const backend = memory();
    const owner = new RecordingOwner();
    backend.subscribe(consumer(owner, destination, "client"));
    const chunk = new Uint8Array(65_536).fill(7);
    backend.send(message(destination, chunk.subarray(10, 12)));
    const [held] = owner.held;
    expect([...(held?.message.body ?? [])]).toEqual([7, 7]);
    expect(held?.message.body.buffer).not.toBe(chunk.buffer);
  },
);

test("a message that comes back keeps nothing of how it was sent", () => {
  const backend = memory();
  const owner = new RecordingOwner();
  backend.subscribe(consumer(owner, "/queue/a", "client"));
  const sent = message("/queue/a");
  backend.send(sent);
  const encoded = [sent.prepared, sent.redelivered];
  owner.writable = false;
  backend.release(owner.held);
  expect(encoded).not.toContain(sent.prepared);
  expect(encoded).not.toContain(sent.redelivered);
});

const long = "x".repeat(8_000);
test.each<[string, () => Message]>([
  ["its body", () => message("/queue/a", new Uint8Array(8_000))],
  ["its destination", () => message(`/queue/${long}`)],
  ["its content type", () => messageWith({ contentType: long })],
  ["a header", () => messageWith({ headers: [["x", long]] })],
])("a message costs the bytes of %s", (_part, costly) => {
  const backend = memory();
  const sendAll = () => {
    for (let count = 0; count < 13; count++) backend.send(costly());
  };
  expect(sendAll).toThrow("The queue is full");
});

test.each(["send", "commit"])("what is refused by %s leaves no queue behind", (how) => {
  const backend = memory();
  const large = message("/queue/a", new Uint8Array(200_000));
  const refused = () =>
    how === "send" ? backend.send(large) : backend.commit([{ kind: "send", message: large }]);
  expect(refused).toThrow("full");
  expect(names(backend)).toEqual([]);
});

test("ten thousand names that nobody reads leave nothing behind", () => {
  const backend = memory();
  const owner = new RecordingOwner();
  backend.subscribe(consumer(owner, "/queue/>", "auto"));
  for (let index = 0; index < 10_000; index += 1) backend.send(message(`/queue/${index}`));
  expect(owner.sent).toBe(10_000);
  expect(names(backend)).toEqual([]);
});

test("an inbox is emptied when it is closed, and takes nothing any more", () => {
  const backend = memory();
  const owner = new RecordingOwner();
  backend.openInbox("/reply-queue/x/a", "/temp-queue/a", owner);
  backend.send(message("/reply-queue/x/a"));
  expect(owner.backlog.messages).toBe(1);
  backend.closeInbox("/reply-queue/x/a");
  expect(owner.backlog.messages).toBe(0);
  backend.send(message("/reply-queue/x/a"));
  expect(owner.backlog.messages).toBe(0);
});

test("the backlog of a topic is emptied with its subscription", () => {
  const backend = memory();
  const owner = new RecordingOwner();
  const reader = consumer(owner, "/topic/a", "auto");
  backend.subscribe(reader);
  owner.writable = false;
  backend.send(message("/topic/a"));
  backend.send(message("/topic/a"));
  expect([owner.sent, owner.backlog.messages]).toEqual([0, 2]);
  owner.writable = true;
  reader.resume();
  expect([owner.sent, owner.backlog.messages, owner.backlog.bytes]).toEqual([2, 0, 0]);
  owner.writable = false;
  backend.send(message("/topic/a"));
  backend.unsubscribe(reader);
  expect(owner.backlog.messages).toBe(0);
});

test("a message that waits does not hold on to the chunk that it came in", () => {
  const backend = memory();
  const chunk = new Uint8Array(65_536).fill(7);
  const [small, large] = [chunk.subarray(10, 20), chunk.subarray(20, 5_020)].map((body) => {
    const waiting = message("/queue/a", body);
    backend.send(waiting);
    return waiting;
  });
  chunk.fill(0);
  expect(small?.body.buffer.byteLength).toBeLessThanOrEqual(Buffer.poolSize);
  expect(large?.body.buffer.byteLength).toBe(5_000);
  expect(Buffer.concat([small?.body ?? chunk, large?.body ?? chunk])).toEqual(
    Buffer.alloc(5_010, 7),
  );
});

test("nothing is left of the budget's books when all is done", () => {
  const backend = memory();
  const owner = new RecordingOwner();
  const reader = consumer(owner, "/queue/a", "client-individual");
  backend.subscribe(reader);
  for (let index = 0; index < 5; index += 1) backend.send(message("/queue/a"));
  const [queue] = backend.queues;
  expect(queue?.budget.messages).toBe(5);
  backend.refuse(owner.held.splice(0));
  backend.release(owner.held.splice(0));
  backend.refuse(owner.held.splice(0));
  expect([queue?.budget.messages, queue?.budget.bytes]).toEqual([0, 0]);
  expect(names(backend).sort()).toEqual(["/queue/a", "/queue/dead.a"]);
});
