/** The words that random frames are made of. */

import type { Version } from "stomp-engine";
import { utf8 } from "../octets.ts";
import type { Random } from "../random.ts";

/** What the frames of a command are made of. */
interface CommandWords {
  readonly name: string;
  readonly required: readonly string[];
  readonly body: boolean;
}

// biome-ignore format: one row a command
export const CLIENT_COMMANDS: readonly CommandWords[] = [
  { name: "SEND", required: ["destination"], body: true },
  { name: "SUBSCRIBE", required: ["destination", "id"], body: false },
  { name: "UNSUBSCRIBE", required: ["id"], body: false },
  { name: "ACK", required: ["id", "message-id", "subscription"], body: false },
  { name: "NACK", required: ["id", "message-id", "subscription"], body: false },
  { name: "BEGIN", required: ["transaction"], body: false },
  { name: "COMMIT", required: ["transaction"], body: false },
  { name: "ABORT", required: ["transaction"], body: false },
  { name: "DISCONNECT", required: [], body: false },
  { name: "CONNECT", required: ["accept-version", "host"], body: false },
  { name: "STOMP", required: ["accept-version", "host"], body: false },
];

// biome-ignore format: one row a command
export const SERVER_COMMANDS: readonly CommandWords[] = [
  { name: "MESSAGE", required: ["destination", "message-id", "subscription"], body: true },
  { name: "RECEIPT", required: ["receipt-id"], body: false },
  { name: "ERROR", required: ["message"], body: true },
  { name: "CONNECTED", required: ["version"], body: false },
];

export const VERSIONS: readonly Version[] = ["1.0", "1.1", "1.2"];

const NAMES = [
  "receipt",
  "content-type",
  "x",
  "priority",
  "reply-to",
  "ack",
  "transaction",
  "selector",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  utf8("é"),
  utf8("名前"),
  "a b",
];
const VALUES = [
  "",
  "a",
  "1",
  "/queue/a",
  "/topic/b.c",
  "text/plain",
  "text/plain;charset=utf-8",
  "application/json",
  "auto",
  "client",
  "client-individual",
  "1.2",
  "1.0,1.1,1.2",
  "10000,10000",
  utf8("ü"),
  utf8("本"),
  utf8("😀"),
  " padded ",
];
const ESCAPES = {
  "1.0": ["\\t", "\\", ":"],
  "1.1": ["\\n", "\\c", "\\\\"],
  "1.2": ["\\r", "\\n", "\\c", "\\\\"],
};
const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-/. ";

export function headerName(random: Random, version: Version): string {
  if (random.chance(0.8)) return random.pick(NAMES);
  return `n${random.below(50)}${version === "1.0" ? "" : random.pick(ESCAPES[version])}`;
}

export function headerValue(random: Random, version: Version): string {
  const sort = random.below(10);
  if (sort < 5) return random.pick(VALUES);
  if (sort < 7) return letters(random, random.below(24));
  if (sort === 7) return letters(random, random.below(random.chance(0.1) ? 300 : 12));
  // There a carriage return is like any other octet.
  if (sort === 8 && version !== "1.2") return `a\rb${random.below(9)}`;
  return `${letters(random, random.below(6))}${random.pick(ESCAPES[version])}${random.pick(VALUES)}`;
}

export function letters(random: Random, length: number): string {
  let text = "";
  for (let at = 0; at < length; at++) text += LETTERS.charAt(random.below(LETTERS.length));
  return text;
}

/** Any octets, those that matter to STOMP among them. */
export function anything(random: Random, length: number): string {
  let octets = "";
  for (let at = 0; at < length; at++) {
    octets += random.chance(0.3)
      ? random.pick(["\0", "\n", "\r", ":", "\\", "\xc3", "\xff", "\xf0\x9f"])
      : String.fromCharCode(random.below(256));
  }
  return octets;
}
