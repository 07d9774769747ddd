/** A campaign in a thread of its own. */

import { parentPort, workerData } from "node:worker_threads";
import { type Assignment, Campaign } from "./campaign.ts";

// Most errors here are wanted, and where they came from is of no interest.
Error.stackTraceLimit = 0;
const report = await new Campaign(workerData as Assignment).run();
parentPort?.postMessage(report);
