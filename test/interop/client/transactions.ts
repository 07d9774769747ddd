/** Transactions: all of it at COMMIT, none of it after ABORT. */

import { equal } from "./equal.ts";
import { expectBodies, expectEmpty, freshQueue } from "./expect.ts";
import { close, open, send, subscribe, type Target } from "./session.ts";

export async function sends(target: Target): Promise<void> {
  const session = await open(target);
  const { client } = session;
  const queue = freshQueue();
  await subscribe(session, queue, "auto");

  const kept = client.begin({ receipt: true });
  await kept.receipt?.done;
  const inside = ["1", "2"].map((body) =>
    client.message(queue, body, { transaction: kept, receipt: true }),
  );
  await send(session, queue, "outside");
  await expectBodies(session, "outside");
  await client.commit(kept, { receipt: true })?.done;
  // RabbitMQ sends the RECEIPT of a SEND in a transaction only after the COMMIT, ActiveMQ at once.
  await Promise.all(inside.map(({ done }) => done));
  await expectBodies(session, "1", "2");

  const dropped = client.begin();
  client.message(queue, "aborted", { transaction: dropped });
  await client.abort(dropped, { receipt: true })?.done;
  await expectEmpty(session, queue);
  equal(client.transactions.size, 0);
  await close(session);
}

export async function acknowledgements(target: Target): Promise<void> {
  const queue = freshQueue();
  const first = await open(target);
  await subscribe(first, queue, "client");
  await send(first, queue, "kept");
  const aborted = first.client.begin();
  (await first.messages.next()).ack({ transaction: aborted });
  await first.client.abort(aborted, { receipt: true })?.done;
  await close(first);

  const second = await open(target);
  await subscribe(second, queue, "client");
  const again = await second.messages.next();
  equal(again.text(), "kept");
  const committed = second.client.begin();
  again.ack({ transaction: committed });
  await second.client.commit(committed, { receipt: true })?.done;
  await close(second);

  const third = await open(target);
  await subscribe(third, queue, "auto");
  await expectEmpty(third, queue);
  await close(third);
}
