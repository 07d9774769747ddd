/** What is fed to sessions. */

import { firstValue } from "../contenders/consume.ts";
import { type EncodingWorkload, outgoing } from "./encoding.ts";
import { messages, type PlainFrame } from "./frames.ts";
import { type ParsingWorkload, parsingOf } from "./parsing.ts";
import { inChunks } from "./wire.ts";

const CHUNK = 65_536;
const DELIVERIES = 4000;
/** Deliveries on their way before they are acknowledged. */
const ROUND = 100;

/** SENDs with 64 bytes and a receipt each. */
export function sends(): ParsingWorkload {
  const frames = messages(4000, { bodyBytes: 64 }).map(({ body }, index): PlainFrame => {
    const headers: [string, string][] = [
      ["destination", "/queue/orders"],
      ["content-type", "application/json"],
      ["content-length", String(body.length)],
      ["receipt", `receipt-${500_000 + index}`],
    ];
    return { command: "SEND", headers, body };
  });
  return parsingOf("SEND with receipt", frames, (wires) => inChunks(wires, CHUNK));
}

/** SENDs with 256 bytes, as an application has them. */
export function publications(): EncodingWorkload {
  const expected = messages(2000, { bodyBytes: 256 }).map(({ body }): PlainFrame => {
    const headers: [string, string][] = [
      ["destination", "/queue/orders"],
      ["content-type", "application/json"],
      ["content-length", String(body.length)],
    ];
    return { command: "SEND", headers, body };
  });
  return { expected, outgoing: expected.map(outgoing) };
}

/** The RECEIPTs that these frames ask for. */
export function receiptsFor(frames: readonly PlainFrame[]): PlainFrame[] {
  return frames.map((frame) => {
    const id = firstValue(frame, "receipt") ?? "";
    return { command: "RECEIPT", headers: [["receipt-id", id]], body: new Uint8Array(0) };
  });
}

/** Ids of deliveries, and the octets that acknowledge them. */
export function acknowledgementWorkload(covered: number) {
  const rounds = Array.from({ length: DELIVERIES / ROUND }, (_, round) => {
    const ids = Array.from(
      { length: ROUND },
      (_, index) => `ack-${500_000 + round * ROUND + index}`,
    );
    return { ids, answer: acksFor(ids.filter((_, index) => (index + 1) % covered === 0)) };
  });
  return { rounds, deliveries: DELIVERIES };
}

/** The octets of the ACKs for these ids. */
export function acksFor(ids: readonly string[]): Buffer {
  return Buffer.from(ids.map((id) => `ACK\nid:${id}\n\n\0`).join(""));
}
