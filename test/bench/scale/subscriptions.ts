/** A million subscriptions over ten thousand sessions: what one message to so many of them costs. */

import { PreparedMessage } from "stomp-engine";
import { addBytes } from "../contenders/consume.ts";
import { connectedServer, QuietServer } from "../contenders/quiet-sessions.ts";
import { median } from "../run/median.ts";
import { processorMs } from "../run/processor-time.ts";
import { usedBytes } from "./child.ts";

export interface FanOutScale {
  /** Bytes of heap for each subscription. */
  readonly bytesEach: number;
  readonly subscribeNs: number;
  readonly points: readonly { readonly subscriptions: number; readonly nsEach: number }[];
}

const SESSIONS = 10_000;
const EACH = 100;
const POINTS = [1000, 10_000, 100_000, 1_000_000];
const ROUNDS = 5;

/** All of it. */
export function measureSubscriptions(): FanOutScale {
  const servers = Array.from({ length: SESSIONS }, () => connectedServer(new Summing()));
  const subscribe = Array.from({ length: EACH }, (_, index) =>
    Buffer.from(`SUBSCRIBE\nid:sub-${index}\ndestination:/topic/a\n\n\0`),
  );
  const before = usedBytes();
  const start = processorMs();
  for (const server of servers) for (const frame of subscribe) server.receiveData(frame);
  const subscribeNs = ((processorMs() - start) * 1e6) / (SESSIONS * EACH);
  const bytesEach = (usedBytes().heap - before.heap) / (SESSIONS * EACH);
  const message = new PreparedMessage({
    destination: "/topic/a",
    messageId: "m-1",
    body: new Uint8Array(64).fill(0x78),
  });
  // The same number of deliveries for each point: what is left is the difference of the tables.
  const points = POINTS.map((subscriptions) => {
    const rounds = Array.from({ length: ROUNDS }, () => deliver(servers, message, subscriptions));
    return { subscriptions, nsEach: median(rounds) };
  });
  return { bytesEach, subscribeNs, points };
}

function deliver(servers: readonly Summing[], message: PreparedMessage, count: number): number {
  const each = Math.min(EACH, count);
  const receivers = servers.slice(0, count / each).map((server) => ({
    server,
    subscriptions: [...server.subscriptions.values()].slice(0, each),
  }));
  const repeats = Math.max(1, 200_000 / count);
  const start = processorMs();
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const { server, subscriptions } of receivers) {
      for (const subscription of subscriptions) server.message(subscription, message);
    }
  }
  return ((processorMs() - start) * 1e6) / (repeats * count);
}

class Summing extends QuietServer {
  sum = 0;

  protected override sendData(data: Uint8Array<ArrayBuffer>): void {
    this.sum = addBytes(this.sum, data);
  }
}
