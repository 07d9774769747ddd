/** Receipts of every command that may ask for one, and what becomes of them when it fails. */

import { equal } from "./equal.ts";
import { freshQueue, rejectionCode } from "./expect.ts";
import { dial, open, type Target } from "./session.ts";

export async function every(target: Target): Promise<void> {
  const { client, messages, closed } = await open(target, { receipts: true });
  const queue = freshQueue();
  const subscription = client.subscribe(queue, { ack: "client" });
  await subscription.receipt?.done;
  // The MESSAGE may come before the RECEIPT of the SEND that caused it.
  await client.message(queue, "confirmed", { receipt: `with spaces, and "${target.version}"` })
    .done;
  await (await messages.next()).ack()?.done;
  const committed = client.begin();
  await committed.receipt?.done;
  await client.commit(committed)?.done;
  const aborted = client.begin();
  await client.abort(aborted)?.done;
  await client.unsubscribe(subscription)?.done;
  const farewell = client.disconnect();
  const closing = await closed;
  equal([closing.reason, closing.error], ["disconnect", undefined]);
  // RabbitMQ closes a WebSocket without that last RECEIPT.
  if (target.transport === "tcp") await farewell?.done;
}

/**
 * An ACK of what was never delivered. The brokers may leave the connection open after their ERROR;
 * we do not.
 */
export async function refused(target: Target): Promise<void> {
  const { client, errors, closed } = await open(target);
  const subscription = client.subscribe("/queue/refused", { ack: "client" });
  // ActiveMQ closes without a word over an id that does not look like one of its own.
  const id = "ID:nobody-1-1-0:1:1:1:1";
  const unknown = { subscription: subscription.id, messageId: id, ackId: id };
  const receipt = client.ack(unknown, { receipt: true });
  const closing = await closed;
  equal(
    errors.map(({ code }) => code),
    ["error-frame"],
  );
  equal([closing.reason, client.state], ["error", "closed"]);
  // RabbitMQ does not say which frame its ERROR is about.
  const code = target.broker.name === "RabbitMQ" ? "connection-lost" : "error-frame";
  equal(await rejectionCode(receipt?.done), code);
}

export async function badLogin(target: Target): Promise<void> {
  const session = dial(target);
  session.client.connect({ login: target.broker.login, passcode: "wrong" });
  const { reason } = await session.closed;
  equal(reason, "error");
  equal(
    session.errors.map(({ code }) => code),
    ["error-frame"],
  );
}
