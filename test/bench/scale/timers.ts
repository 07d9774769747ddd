/**
 * What heart-beats cost a process with a hundred thousand sessions, over a few seconds of real time.
 *
 *   none       no heart-beats, traffic only
 *   wheel      10 s heart-beats of the engine, the same traffic
 *   idle       10 s heart-beats, no traffic: every beat has to be sent
 *   intervals  no heart-beats of the engine, but two setInterval for each session, for comparison
 *
 * The traffic is 20,000 frames a second each way, spread over all sessions.
 */

import { monitorEventLoopDelay } from "node:perf_hooks";
import { PreparedMessage } from "stomp-engine";
import { connectedServer, QuietServer } from "../contenders/quiet-sessions.ts";
import { usedBytes } from "./child.ts";

/** What was seen. */
export interface TimerCost {
  /** Share of one core. */
  readonly cpu: number;
  readonly setUpMs: number;
  readonly heapBytes: number;
  readonly worstDelayMs: number;
  readonly sent: number;
}

/** What the others are compared with. */
export const WITHOUT = "none";
export const TIMERS: readonly string[] = [WITHOUT, "wheel", "idle", "intervals"];

const SESSIONS = 100_000;
const PERIOD_MS = 10_000;
const RUN_MS = 4000;
const TICK_MS = 10;
/** Each way, in each tick: every session is met once in five seconds. */
const FRAMES_A_TICK = 200;
const ROUND_MS = (SESSIONS / FRAMES_A_TICK) * TICK_MS;

/** One of them. */
export async function measureTimers(how: string): Promise<TimerCost> {
  const before = usedBytes().heap;
  const servers: Counting[] = [];
  const start = performance.now();
  const beats = how === "wheel" || how === "idle" ? PERIOD_MS : 0;
  while (servers.length < SESSIONS) {
    const server = connectedServer(new Counting(), beats);
    server.receiveData(SUBSCRIBE);
    if (how === "intervals") twoIntervals(server);
    servers.push(server);
    // Beats of sessions that all began at the same moment would all be due at the same moment.
    if (how === "idle" && servers.length % 1000 === 0) await pause(PERIOD_MS / 110);
  }
  const setUpMs = performance.now() - start;
  const heapBytes = usedBytes().heap - before;
  if (how !== "idle") {
    setInterval(trafficOver(servers), TICK_MS);
    await pause(ROUND_MS + 200);
  }
  return { ...(await observed()), setUpMs, heapBytes };
}

async function observed(): Promise<Omit<TimerCost, "setUpMs" | "heapBytes">> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  await pause(100);
  delays.reset();
  Counting.sent = 0;
  const cpu = process.cpuUsage();
  const start = performance.now();
  await pause(RUN_MS);
  const used = process.cpuUsage(cpu);
  return {
    cpu: (used.user + used.system) / 1000 / (performance.now() - start),
    worstDelayMs: delays.max / 1e6,
    sent: Counting.sent,
  };
}

class Counting extends QuietServer {
  static sent = 0;

  protected override sendData(): void {
    Counting.sent++;
  }
}

const SUBSCRIBE = Buffer.from("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n\0");

function trafficOver(servers: readonly QuietServer[]): () => void {
  const incoming = Buffer.from("SEND\ndestination:/queue/a\ncontent-length:5\n\nhello\0");
  const message = new PreparedMessage({ destination: "/topic/a", body: "hello" });
  let next = 0;
  return () => {
    for (let count = 0; count < FRAMES_A_TICK; count++) {
      // A step that has no factor in common with their number comes round to all of them.
      next = (next + 7919) % servers.length;
      servers[next]?.receiveData(incoming);
      servers[next]?.message("0", message);
    }
  };
}

/** What a session with timers of its own would have: one to send, one to watch. */
function twoIntervals(server: QuietServer): void {
  const timers = [PERIOD_MS * 0.9, PERIOD_MS * 2].map((ms) =>
    setInterval(() => {
      if (server.state === "closed") for (const timer of timers) clearInterval(timer);
    }, ms),
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
