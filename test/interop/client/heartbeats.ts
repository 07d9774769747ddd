/** Heart-beats: they keep an idle connection, and tell of a broker that hangs. */

import { equal, expectEmpty, freshQueue } from "./expect.ts";
import { close, open, subscribe, type Target } from "./session.ts";

// The shortest that the engine offers.
const INTERVAL_MS = 500;
const INTERVALS = 3;
const heartBeat = { sendMs: INTERVAL_MS, receiveMs: INTERVAL_MS };

/** Three intervals without a frame either way; both ends drop a peer that is silent for so long. */
export async function keepIdle(target: Target): Promise<void> {
  const session = await open(target, { heartBeat });
  const queue = freshQueue();
  await subscribe(session, queue, "auto");
  const before = session.received();
  await sleep((INTERVALS + 0.5) * INTERVAL_MS);
  const beats = session.received() - before;
  if (beats < INTERVALS - 1) throw new Error(`${beats} heart-beats in ${INTERVALS} intervals`);
  equal(session.errors, []);
  await expectEmpty(session, queue);
  await close(session);
}

/** The broker stops in its tracks, its sockets open: only the silence tells. */
export async function detectFrozen(target: Target): Promise<void> {
  const { broker } = target;
  const { closed, errors } = await open(target, { heartBeat });
  const since = Date.now();
  broker.freeze();
  try {
    const { error } = await closed;
    const tookMs = Date.now() - since;
    equal([error?.code, errors.length], ["heart-beat-lost", 1]);
    // Two intervals and a tick, after the last beat before the freeze.
    if (tookMs < INTERVAL_MS || tookMs > 5 * INTERVAL_MS) throw new Error(`after ${tookMs} ms`);
  } finally {
    broker.thaw();
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
