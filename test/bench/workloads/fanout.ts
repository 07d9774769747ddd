/** E4s, E4 and E4b: one message to a thousand subscribers, each with ids of its own. */

import { addBytes } from "../contenders/consume.ts";
import type { Prepared } from "../contenders/contender.ts";
import { verifyWire } from "./encoding.ts";
import { messages, type PlainFrame } from "./frames.ts";

/** What is different for each receiver. */
export interface Receiver {
  readonly subscription: string;
  readonly messageId: string;
  readonly ack: string;
}

/** The messages, and to whom each of them goes. */
export interface FanOutWorkload {
  readonly destination: string;
  readonly contentType: string;
  readonly bodies: readonly Uint8Array<ArrayBuffer>[];
  readonly receivers: readonly Receiver[];
  /** Message after message, receiver after receiver. */
  readonly expected: readonly PlainFrame[];
}

const RECEIVERS = 1000;
const SIZES: Readonly<Record<string, { bodyBytes: number; messages: number }>> = {
  E4s: { bodyBytes: 64, messages: 4 },
  E4: { bodyBytes: 1024, messages: 4 },
  E4b: { bodyBytes: 16_384, messages: 1 },
};

/** The names of the fan-out workloads. */
export const FAN_OUT: readonly string[] = Object.keys(SIZES);

/** The title of one of them. */
export function fanOutTitle(name: string): string {
  return `${sizeOf(name).bodyBytes} B to ${RECEIVERS} subscribers`;
}

/** One of them. */
export function fanOutWorkload(name: string): FanOutWorkload {
  const { bodyBytes, messages: count } = sizeOf(name);
  const bodies = messages(count, { bodyBytes }).map(({ body }) => new Uint8Array(body));
  const destination = "/topic/prices.eu.100";
  const contentType = "application/json";
  const receivers = Array.from({ length: RECEIVERS }, (_, index) => ({
    subscription: `sub-${index}`,
    messageId: `T_0f3a-${1_000_000 + index * 37}`,
    ack: `ack-${500_000 + index * 41}`,
  }));
  const expected = bodies.flatMap((body) =>
    receivers.map(({ subscription, messageId, ack }): PlainFrame => {
      const headers: [string, string][] = [
        ["subscription", subscription],
        ["message-id", messageId],
        ["ack", ack],
        ["destination", destination],
        ["content-type", contentType],
        ["content-length", String(body.length)],
      ];
      return { command: "MESSAGE", headers, body };
    }),
  );
  return { destination, contentType, bodies, receivers, expected };
}

/** What takes the octets of a delivery, or one piece of them. */
export type Emit = (bytes: Uint8Array) => void;

/**
 * A way to deliver, verified and ready to be timed.
 *
 * @param deliver Writes one message to all receivers.
 */
export function fanOutPass(
  workload: FanOutWorkload,
  deliver: (body: Uint8Array<ArrayBuffer>, emit: Emit) => void,
): Prepared {
  const pieces: Uint8Array[] = [];
  for (const body of workload.bodies) deliver(body, (bytes) => pieces.push(bytes));
  verifyWire(workload.expected, Buffer.concat(pieces));
  let sum = 0;
  const add = (bytes: Uint8Array) => {
    sum = addBytes(sum, bytes);
  };
  return {
    units: workload.expected.length,
    sum: pieces.reduce(addBytes, 0),
    pass: () => {
      sum = 0;
      for (const body of workload.bodies) deliver(body, add);
      return sum;
    },
  };
}

function sizeOf(name: string): { bodyBytes: number; messages: number } {
  const found = SIZES[name];
  if (found === undefined) throw new Error(`There is no workload ${name}`);
  return found;
}
