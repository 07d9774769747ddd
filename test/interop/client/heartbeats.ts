/** Heart-beats: they keep an idle connection, and tell of a broker that hangs. */

import { equal } from "./equal.ts";
import { expectEmpty, freshQueue } from "./expect.ts";
import { close, type OpenSession, open, subscribe, type Target } from "./session.ts";

const INTERVALS = 3;
// The shortest that the engine offers.
const heartBeat = { sendMs: 500, receiveMs: 500 };

/** Three intervals without a frame either way, after which both brokers drop a silent client. */
export async function keepIdle(target: Target): Promise<void> {
  const session = await open(target, { heartBeat });
  const queue = freshQueue();
  await subscribe(session, queue, "auto");
  const before = session.received();
  await sleep((INTERVALS + 0.5) * intervalMs(session));
  const beats = session.received() - before;
  if (beats < INTERVALS - 1) throw new Error(`${beats} heart-beats in ${INTERVALS} intervals`);
  equal(session.errors.length, 0);
  await expectEmpty(session, queue);
  await close(session);
}

/** The broker stops in its tracks, its sockets open: only the silence tells. */
export async function detectFrozen(target: Target): Promise<void> {
  const { broker } = target;
  const session = await open(target, { heartBeat });
  const interval = intervalMs(session);
  const since = Date.now();
  try {
    await broker.freeze();
    const { error } = await session.closed;
    const tookMs = Date.now() - since;
    equal([error?.code, session.errors.length], ["heart-beat-lost", 1]);
    // Two intervals and a tick after the last beat; more is what a busy machine takes.
    if (tookMs < interval || tookMs > 4 * interval) throw new Error(`told after ${tookMs} ms`);
  } finally {
    await broker.thaw();
  }
}

/** RabbitMQ asks for twice of what it is offered; the larger of the two counts. */
function intervalMs({ greeting }: OpenSession): number {
  const offered = Number(greeting.headers.get("heart-beat")?.split(",")[0]);
  return Math.max(offered, heartBeat.receiveMs);
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
