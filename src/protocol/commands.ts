/**
 * The table of commands: who sends which, in which versions, with which headers.
 * Parser, encoder, client and server all read it; none of them knows a command's rules otherwise.
 */

import type { Version } from "./version.ts";

/** What a client sends. */
export type ClientCommand =
  | "CONNECT"
  | "STOMP"
  | "SEND"
  | "SUBSCRIBE"
  | "UNSUBSCRIBE"
  | "ACK"
  | "NACK"
  | "BEGIN"
  | "COMMIT"
  | "ABORT"
  | "DISCONNECT";

/** What a server sends. */
export type ServerCommand = "CONNECTED" | "MESSAGE" | "RECEIPT" | "ERROR";

/** Every command of STOMP. */
export type Command = ClientCommand | ServerCommand;

/** The rules of one command. */
export interface CommandRule {
  readonly from: "client" | "server";
  /** The headers it must have, by version; null where the version has no such command. */
  readonly required: Readonly<Record<Version, readonly string[] | null>>;
  /** Whether it may have a body. STOMP 1.0 allows one everywhere and ignores it. */
  readonly body: boolean;
  /** Whether its headers are escaped where the version escapes at all. */
  readonly escaped: boolean;
  /** Whether a `transaction` header makes it part of a transaction. */
  readonly transactional: boolean;
  /** The headers that the engine writes itself: a caller may not give them. */
  readonly owned: readonly string[];
}

const always = (...names: string[]) => ({
  "1.0": names,
  "1.1": names,
  "1.2": names,
});
const ACKNOWLEDGED = ["message-id", "subscription"];
const ACK_OWNED = ["id", "message-id", "subscription", "transaction", "receipt", "content-length"];
const CONNECT_OWNED = [
  "accept-version",
  "heart-beat",
  "host",
  "login",
  "passcode",
  "receipt",
  "content-length",
];
const TRANSACTION_OWNED = ["transaction", "receipt", "content-length"];

// biome-ignore format: one row a command
const RULES: Readonly<Record<Command, CommandRule>> = {
  CONNECT:     { from: "client", body: false, escaped: false, transactional: false, required: always(), owned: CONNECT_OWNED },
  STOMP:       { from: "client", body: false, escaped: false, transactional: false, required: always(), owned: CONNECT_OWNED },
  SEND:        { from: "client", body: true,  escaped: true,  transactional: true,  required: always("destination"), owned: ["destination", "content-type", "content-length", "receipt", "transaction"] },
  SUBSCRIBE:   { from: "client", body: false, escaped: true,  transactional: false, required: { "1.0": ["destination"], "1.1": ["destination", "id"], "1.2": ["destination", "id"] }, owned: ["destination", "id", "ack", "receipt", "content-length"] },
  UNSUBSCRIBE: { from: "client", body: false, escaped: true,  transactional: false, required: { "1.0": [], "1.1": ["id"], "1.2": ["id"] }, owned: ["id", "destination", "receipt", "content-length"] },
  ACK:         { from: "client", body: false, escaped: true,  transactional: true,  required: { "1.0": ["message-id"], "1.1": ACKNOWLEDGED, "1.2": ["id"] }, owned: ACK_OWNED },
  NACK:        { from: "client", body: false, escaped: true,  transactional: true,  required: { "1.0": null, "1.1": ACKNOWLEDGED, "1.2": ["id"] }, owned: ACK_OWNED },
  BEGIN:       { from: "client", body: false, escaped: true,  transactional: false, required: always("transaction"), owned: TRANSACTION_OWNED },
  COMMIT:      { from: "client", body: false, escaped: true,  transactional: false, required: always("transaction"), owned: TRANSACTION_OWNED },
  ABORT:       { from: "client", body: false, escaped: true,  transactional: false, required: always("transaction"), owned: TRANSACTION_OWNED },
  DISCONNECT:  { from: "client", body: false, escaped: true,  transactional: false, required: always(), owned: ["receipt", "content-length"] },
  CONNECTED:   { from: "server", body: false, escaped: false, transactional: false, required: always(), owned: ["version", "session", "server", "heart-beat", "content-length"] },
  MESSAGE:     { from: "server", body: true,  escaped: true,  transactional: false, required: { "1.0": ["destination", "message-id"], "1.1": ["destination", "message-id", "subscription"], "1.2": ["destination", "message-id", "subscription"] }, owned: ["destination", "message-id", "subscription", "ack", "content-type", "content-length", "receipt", "transaction"] },
  RECEIPT:     { from: "server", body: false, escaped: true,  transactional: false, required: always("receipt-id"), owned: ["receipt-id", "content-length"] },
  ERROR:       { from: "server", body: true,  escaped: true,  transactional: false, required: always(), owned: ["message", "receipt-id", "version", "content-type", "content-length"] },
};

// What a peer sends is looked up in a Map: a command may be called "constructor".
const BY_NAME: ReadonlyMap<string, CommandRule> = new Map(Object.entries(RULES));

/** The names of all commands. */
export const COMMANDS: readonly Command[] = Object.keys(RULES) as Command[];

/** The rules of a command; undefined if STOMP has no such command. */
export function ruleOf(command: Command): CommandRule;
export function ruleOf(command: string): CommandRule | undefined;
export function ruleOf(command: string): CommandRule | undefined {
  return BY_NAME.get(command);
}

/**
 * The headers that mean something to STOMP on a SEND or a MESSAGE, and nothing to whoever gets
 * the message in the end. A relay that passed them on would lie about, or betray, the sender.
 */
export const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  "destination",
  "content-length",
  "content-type",
  "receipt",
  "transaction",
  "subscription",
  "message-id",
  "ack",
  "id",
  "login",
  "passcode",
]);
