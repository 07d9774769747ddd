/** The process of one contender on one workload: prepares, warms up, and times rounds when told to. */

import { Absent, type Prepared } from "../contenders/contender.ts";
import { contenderOf, polluting } from "../suites/catalogue.ts";
import type { Answer, Order } from "./messages.ts";
import { allThreadsMs, processorMs } from "./processor-time.ts";

const WARM_UP_MS = 350;
const POLLUTION_MS = 60;

let prepared: Prepared | undefined;

process.on("message", (order: Order) => {
  obey(order).then(answer, (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    answer({ kind: error instanceof Absent ? "absent" : "failed", reason });
  });
});

async function obey(order: Order): Promise<Answer> {
  if (order.kind === "round") {
    if (prepared === undefined) throw new Error("A round before anything was prepared");
    return { kind: "timed", unitsPerSecond: await timed(prepared, order.ms) };
  }
  if (order.mixed) {
    for (const other of polluting(order.workload, order.contender)) await pollute(other);
  }
  prepared = await contenderOf(order.workload, order.contender).prepare();
  await timed(prepared, WARM_UP_MS);
  return { kind: "ready" };
}

/** Whole passes until so much work is done; of what has a clock of its own, only that counts. */
async function timed({ units, sum: expected, pass, clock }: Prepared, ms: number): Promise<number> {
  const start = processorMs();
  const own = clock?.ms ?? 0;
  const spentMs = clock === undefined ? allThreadsMs : () => clock.ms;
  const end = spentMs() + ms;
  let passes = 0;
  do {
    const result = pass();
    // Contenders that work at once are not made to wait for a microtask.
    const sum = typeof result === "number" ? result : await result;
    if (sum !== expected) throw new Error(`A pass came to ${sum} instead of ${expected}`);
    passes++;
  } while (spentMs() < end);
  const elapsed = clock === undefined ? processorMs() - start : clock.ms - own;
  return (passes * units * 1000) / elapsed;
}

/** Other work in the same process, so that its code has met frames of every kind. */
async function pollute(other: () => Prepared | Promise<Prepared>): Promise<void> {
  try {
    const { pass } = await other();
    const end = allThreadsMs() + POLLUTION_MS;
    do await pass();
    while (allThreadsMs() < end);
  } catch (error) {
    if (!(error instanceof Absent)) throw error;
  }
}

function answer(message: Answer): void {
  process.send?.(message);
}
