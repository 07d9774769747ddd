/** More than a transport takes: what is told, and that nothing is lost. */

import { equal, equalBytes } from "./equal.ts";
import { freshQueue } from "./expect.ts";
import { close, open, subscribe, type Target } from "./session.ts";

const BODY_BYTES = 262_144;
/** What the system keeps for a peer that does not read comes to some MiB, not to so many. */
const MOST = 255;

const bodyOf = (index: number) => new Uint8Array(BODY_BYTES).fill(index);

export async function saturate(target: Target): Promise<void> {
  const { broker } = target;
  const session = await open(target);
  const { client, messages, writable } = session;
  const queue = freshQueue();
  await subscribe(session, queue, "auto");
  let sent = 0;
  try {
    await broker.freeze();
    while (client.writable && sent < MOST) client.message(queue, bodyOf(sent++));
    equal(client.writable, false, `writable after ${sent} messages:`);
  } finally {
    await broker.thaw();
  }
  await writable.next();
  equal(client.writable, true, "writable:");
  for (let index = 0; index < sent; index++) {
    equalBytes((await messages.next()).body, bodyOf(index));
  }
  await close(session);
}
