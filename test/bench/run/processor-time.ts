/**
 * The time that the main thread has spent on a processor: what other programs of the machine do
 * meanwhile does not count. Where the system does not tell, it is the time of day.
 */

import { readFileSync } from "node:fs";

const FILE = `/proc/self/task/${process.pid}/schedstat`;
const CELL = new Int32Array(new SharedArrayBuffer(4));
/** Long enough to leave the processor: the system counts when a thread does. */
const REST_MS = 0.05;

/** Milliseconds since some fixed moment; takes some 60 µs itself. */
export function processorMs(): number {
  Atomics.wait(CELL, 0, 0, REST_MS);
  try {
    return Number(readFileSync(FILE, "latin1").split(" ")[0]) / 1e6;
  } catch {
    return performance.now();
  }
}

/** Milliseconds that all threads of the process have spent; takes about 1 µs. */
export function allThreadsMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
