/** Request and reply over a temporary queue, between two sessions. */

import { equal } from "./equal.ts";
import { freshQueue } from "./expect.ts";
import { close, open, send, subscribe, type Target } from "./session.ts";

export async function temporaryQueue(target: Target): Promise<void> {
  const [asking, answering] = [await open(target), await open(target)];
  const service = freshQueue();
  const replies = "/temp-queue/answers";
  await subscribe(answering, service, "auto");
  // RabbitMQ makes the queue, and a subscription nobody asked for, from the reply-to of a SEND.
  // ActiveMQ wants the subscription first.
  const implicit = target.broker.name === "RabbitMQ";
  if (!implicit) await subscribe(asking, replies, "auto");

  await send(asking, service, "question", { headers: { "reply-to": replies } });
  const question = await answering.messages.next();
  equal(question.text(), "question");
  const replyTo = question.headers.get("reply-to");
  if (replyTo === undefined) throw new Error("the question has no reply-to");
  await send(answering, replyTo, "answer", { headers: { "correlation-id": "7" } });

  const answer = await (implicit ? asking.unclaimed : asking.messages).next();
  equal([answer.text(), answer.headers.get("correlation-id")], ["answer", "7"]);
  if (implicit) equal(answer.subscription, replies);
  await close(asking);
  await close(answering);
}
