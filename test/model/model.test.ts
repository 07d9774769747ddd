/** Random lives of a client and a server, step by step beside a model of what has to become of them. */

import fc from "fast-check";
import { test } from "vitest";
import { VERSIONS } from "../../src/protocol/version.ts";
import { Model } from "./model.ts";
import { Real } from "./real.ts";
import { agree } from "./step.ts";
import { STEPS } from "./steps.ts";

/** It takes a second; on a busy machine it may take many. */
const MOST_MS = 60_000;
const RUNS = { seed: 20_121_022, numRuns: 100 };

test.each(
  VERSIONS.flatMap((version) => [
    { version, atomic: false },
    { version, atomic: true },
  ]),
)(
  "in STOMP $version, ledgers, transactions, receipts and subscriptions agree on both sides (atomic commits: $atomic)",
  ({ version, atomic }) => {
    const commands = fc.commands([...STEPS], { maxCommands: 80, size: "max" });
    fc.assert(
      fc.property(commands, fc.nat(), (steps, pieces) => {
        const model = new Model();
        const real = new Real({ version, atomic, pieces });
        fc.modelRun(() => ({ model, real }), steps);
        // Whatever has not ended does so now, and all that was not acknowledged comes back.
        real.drive();
        if (!model.connected) return;
        real.pair.cut();
        model.end();
        agree(model, real);
      }),
      RUNS,
    );
  },
  MOST_MS,
);
