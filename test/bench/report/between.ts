/** Goals for what lies between two workloads: one line each, if this run has measured both. */

import { PARSER_ONLY } from "../suites/catalogue.ts";
import { digits } from "./figures.ts";
import type { Measured } from "./table.ts";
import { atMost } from "./verdicts.ts";

/** All of them. */
export function between(measured: readonly Measured[]): string {
  const cost: Cost = (workload, contender = "engine") => {
    const found = measured.find(({ entry }) => entry.name === workload)?.outcomes;
    const rate = found?.find((outcome) => outcome.contender === contender)?.median;
    return rate === undefined ? undefined : 1e9 / rate;
  };
  return [linearity(cost), client(cost), server(cost), cumulative(cost)]
    .filter((line) => line !== undefined)
    .join("\n");
}

/** Nanoseconds for each unit of a workload. */
type Cost = (workload: string, contender?: string) => number | undefined;

/** Whether the cost of an octet stays the same for a frame eight times as long. */
function linearity(cost: Cost): string | undefined {
  const [long, short] = [cost("W10"), cost("W10s")];
  if (long === undefined || short === undefined) return undefined;
  const times = long / short / 8;
  return `W10: an octet costs ${digits(times)} times what it costs in W10s; ${atMost(times, 3, "times")}`;
}

function client(cost: Cost): string | undefined {
  return added("S1", cost("S1"), cost("W1"), 3, cost);
}

function server(cost: Cost): string | undefined {
  return added("S2", cost("S2"), cost("S2", PARSER_ONLY), 5, cost);
}

/** What a session adds to the bare parse of the same octets, in floors of W1. */
function added(
  name: string,
  session: number | undefined,
  parser: number | undefined,
  floors: number,
  cost: Cost,
): string | undefined {
  const floor = cost("W1", "floor");
  if (session === undefined || parser === undefined || floor === undefined) return undefined;
  const ns = session - parser;
  const times = ns / floor;
  return `${name}: a session adds ${digits(ns)} ns to the bare parse, ${digits(times)} floors of W1; ${atMost(times, floors, "floor")}`;
}

/** Whether an ACK for a hundred deliveries costs as much for each as an ACK for one. */
function cumulative(cost: Cost): string | undefined {
  const [many, one] = [cost("S3c100"), cost("S3")];
  if (many === undefined || one === undefined) return undefined;
  const times = many / one;
  return `S3c100: a delivery costs ${digits(times)} times what it costs in S3; ${atMost(times, 1, "times")}`;
}
