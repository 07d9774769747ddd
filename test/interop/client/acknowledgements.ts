/** ACK and NACK: what a broker has given away for good, and what it delivers again. */

import { equal } from "./equal.ts";
import { expectBodies, expectEmpty, freshQueue } from "./expect.ts";
import { close, open, type Session, send, subscribe, type Target } from "./session.ts";

export async function auto(target: Target): Promise<void> {
  const { queue, session } = await three(target, "auto");
  await expectBodies(session, "1", "2", "3");
  await close(session);
  await expectLeft(target, queue);
}

export async function client(target: Target): Promise<void> {
  const { queue, session } = await three(target, "client");
  await session.messages.next();
  const second = await session.messages.next();
  await session.messages.next();
  await second.ack({ receipt: true })?.done;
  await close(session);
  // The second covers the first.
  await expectLeft(target, queue, "3");
}

export async function individual(target: Target): Promise<void> {
  const { queue, session } = await three(target, "client-individual");
  await session.messages.next();
  const second = await session.messages.next();
  await session.messages.next();
  await second.ack({ receipt: true })?.done;
  await close(session);
  await expectLeft(target, queue, "1", "3");
}

/** The specification leaves open what a broker does with it. */
export async function nack(target: Target): Promise<void> {
  const session = await open(target);
  const queue = freshQueue();
  await subscribe(session, queue, "client-individual");
  // ActiveMQ drops what is not persistent, where others keep it.
  await send(session, queue, "refused", { headers: { persistent: "true" } });
  const refused = await session.messages.next();
  await refused.nack({ receipt: true })?.done;
  if (target.broker.name !== "ActiveMQ") {
    const again = await session.messages.next();
    equal(again.text(), "refused");
    equal(again.headers.get("redelivered"), "true");
    await again.ack({ receipt: true })?.done;
  } else {
    // ActiveMQ takes it for poisoned at once.
    await subscribe(session, "/queue/ActiveMQ.DLQ", "auto");
    await expectBodies(session, "refused");
  }
  await close(session);
}

async function three(target: Target, mode: "auto" | "client" | "client-individual") {
  const session = await open(target);
  const queue = freshQueue();
  await subscribe(session, queue, mode);
  for (const body of ["1", "2", "3"]) await send(session, queue, body);
  return { session, queue };
}

/** What another session still finds in the queue. */
async function expectLeft(target: Target, queue: string, ...bodies: string[]): Promise<void> {
  const session: Session = await open(target);
  await subscribe(session, queue, "auto");
  await expectBodies(session, ...bodies);
  await expectEmpty(session, queue);
  await close(session);
}
