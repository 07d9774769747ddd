/**
 * What heart-beats cost a process with a hundred thousand sessions, over a few seconds of real time.
 *
 *   none       no heart-beats, traffic only
 *   wheel      10 s heart-beats of the engine, the same traffic
 *   idle       10 s heart-beats, no traffic: every beat has to be sent, and comes from the peers
 *   intervals  no heart-beats of the engine, but two setInterval for each session, for comparison
 *
 * The traffic is 20,000 frames a second each way, spread over all sessions.
 */

import { monitorEventLoopDelay } from "node:perf_hooks";
import { PreparedMessage, systemClock } from "stomp-engine";
import { connectedServer, QuietServer } from "../contenders/quiet-sessions.ts";
import { allThreadsMs } from "../run/processor-time.ts";
import { usedBytes } from "./child.ts";

/** What was seen. */
export interface TimerCost {
  /** Share of one core, all in all. */
  readonly cpu: number;
  /** Share of one core within the timers of the engine. */
  readonly inTimers: number;
  readonly setUpMs: number;
  readonly heapBytes: number;
  readonly worstDelayMs: number;
  readonly sent: number;
}

/** What is measured, and how it is called in the table. */
export const TIMERS: Readonly<Record<string, string>> = {
  none: "traffic, no heart-beats",
  wheel: "traffic, 10 s heart-beats",
  idle: "10 s heart-beats both ways, nothing else",
  intervals: "traffic, two setInterval each",
};

const SESSIONS = 100_000;
const PERIOD_MS = 10_000;
/** After the deadlines for connecting are out of the way, and beats are spread as the traffic is. */
const STEADY_MS = 13_000;
/** About as long as it takes until every session has looked at its heart-beats again. */
const RUN_MS = 9000;
const TICK_MS = 10;
/** Each way: every session is met once in five seconds. */
const FRAMES_A_SECOND = 20_000;

/** One of them. */
export async function measureTimers(how: string): Promise<TimerCost> {
  const before = usedBytes().heap;
  const servers: Counting[] = [];
  const start = performance.now();
  const beats = how === "wheel" || how === "idle" ? PERIOD_MS : 0;
  while (servers.length < SESSIONS) {
    const server = connectedServer(new Counting(OPTIONS), beats);
    server.receiveData(SUBSCRIBE);
    if (how === "intervals") twoIntervals(server);
    servers.push(server);
    // Beats of silent sessions that all began at the same moment would all be due at the same moment.
    if (how === "idle" && servers.length % 1000 === 0) await pause(PERIOD_MS / 110);
  }
  const setUpMs = performance.now() - start;
  const heapBytes = usedBytes().heap - before;
  if (how === "idle") steadily(SESSIONS / (PERIOD_MS / 1000), beatsOf(servers));
  else steadily(FRAMES_A_SECOND, trafficOver(servers));
  await pause(STEADY_MS - setUpMs);
  return { ...(await observed()), setUpMs, heapBytes };
}

async function observed(): Promise<Omit<TimerCost, "setUpMs" | "heapBytes">> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  await pause(100);
  delays.reset();
  Counting.sent = 0;
  WATCHED.spentMs = 0;
  const cpu = allThreadsMs();
  const start = performance.now();
  await pause(RUN_MS);
  const used = allThreadsMs() - cpu;
  const ms = performance.now() - start;
  return {
    cpu: used / ms,
    inTimers: WATCHED.spentMs / ms,
    worstDelayMs: delays.max / 1e6,
    sent: Counting.sent,
  };
}

/** The platform's clock, with a look at what is done when it calls back. */
const WATCHED = {
  spentMs: 0,
  now: systemClock.now,
  setTimeout: (callback: () => void, ms: number) =>
    systemClock.setTimeout(() => {
      const start = allThreadsMs();
      callback();
      WATCHED.spentMs += allThreadsMs() - start;
    }, ms),
  clearTimeout: systemClock.clearTimeout,
};
// A machine that is busy with other things takes longer than two intervals to set all of them up.
const OPTIONS = { clock: WATCHED, heartBeatTolerance: 10 };

class Counting extends QuietServer {
  static sent = 0;

  protected override sendData(): void {
    Counting.sent++;
  }
}

const SUBSCRIBE = Buffer.from("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n\0");

function trafficOver(servers: readonly QuietServer[]): (frames: number) => void {
  const incoming = Buffer.from("SEND\ndestination:/queue/a\ncontent-length:5\n\nhello\0");
  const message = new PreparedMessage({ destination: "/topic/a", body: "hello" });
  let next = 0;
  return (frames) => {
    for (let count = 0; count < frames; count++) {
      // A step that has no factor in common with their number comes round to all of them.
      next = (next + 7919) % servers.length;
      servers[next]?.receiveData(incoming);
      servers[next]?.message("0", message);
    }
  };
}

/** The heart-beats of peers that have nothing to say. */
function beatsOf(servers: readonly QuietServer[]): (beats: number) => void {
  const beat = Buffer.from("\n");
  let next = 0;
  return (beats) => {
    for (let count = 0; count < beats; count++) {
      servers[next]?.receiveData(beat);
      next = (next + 1) % servers.length;
    }
  };
}

/** Calls with how many are due, at so many a second; what a busy machine delayed is made up for. */
function steadily(perSecond: number, call: (due: number) => void): void {
  const start = performance.now();
  let done = 0;
  setInterval(() => {
    const due = Math.floor(((performance.now() - start) / 1000) * perSecond) - done;
    done += due;
    call(due);
  }, TICK_MS);
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
