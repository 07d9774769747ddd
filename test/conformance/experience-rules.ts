/** Sections D and E of the checklist: what an earlier engine got wrong, and how others behave. */

import { ALL, NEWER } from "./frames.ts";
import type { Rule } from "./rules.ts";

const PARSER = { parser: ALL };
const SERVER = { server: ALL };
const CLIENT = { client: ALL };
const BOTH = { server: ALL, client: ALL };

// biome-ignore format: one row a rule
export const ANCESTOR: readonly Rule[] = [
  { id: "D01", title: "stack that grows with the frames of a chunk", parts: PARSER },
  { id: "D02", title: "a parser that goes on after an error", parts: { parser: ALL, server: ALL } },
  { id: "D03", title: "commands that are nearly right", parts: { parser: ALL, server: ALL } },
  { id: "D04", title: "carriage returns taken for line ends", parts: { parser: ["1.0", "1.1"] } },
  { id: "D05", title: "content-lengths that become 0", parts: { parser: ALL, server: ALL } },
  { id: "D06", title: "undefined escapes taken, injection written", parts: { parser: NEWER, encoder: ALL } },
  { id: "D07", title: "header lines judged too late", parts: PARSER },
  { id: "D08", title: "headers in another order, or changed for the caller", parts: { encoder: ALL } },
  { id: "D09", title: "text and octets confused", parts: BOTH },
  { id: "D10", title: "a session that lives on after ERROR", parts: SERVER },
  { id: "D11", title: "a session that lives on after DISCONNECT", parts: SERVER },
  { id: "D12", title: "disconnecting from within onDisconnect", parts: SERVER },
  { id: "D13", title: "two receipts for one frame of a transaction", parts: SERVER },
  { id: "D14", title: "a COMMIT that fails half-way and can be repeated", parts: SERVER },
  { id: "D15", title: "frames of a transaction judged at COMMIT", parts: SERVER },
  { id: "D16", title: "acknowledgements that nobody checks", parts: SERVER },
  { id: "D17", title: "ids that replace each other, refusals that stay", parts: SERVER },
  { id: "D18", title: "deliveries to the destination of the subscription only", parts: SERVER },
  { id: "D19", title: "1.0: messages without the id that the client gave", parts: { server: ["1.0"] } },
  { id: "D20", title: "versions misread, or not to be chosen", parts: SERVER },
  { id: "D21", title: "heart-beats in 1.0, echoed, or read line by line", parts: SERVER },
  { id: "D22", title: "the whole failed frame in ERROR", parts: SERVER },
  { id: "D23", title: "receipt on CONNECT refused", parts: SERVER },
  { id: "D24", title: "sessions that are counted, hooks that cannot wait, one refusal for all", parts: SERVER },
  { id: "D25", title: "exceptions of the application shown, and frames left lying", parts: SERVER },
  { id: "D26", title: "bodies, empty destinations and stray transactions", parts: SERVER },
  { id: "D27", title: "receipts that cannot wait", parts: SERVER },
  { id: "D28", title: "beats at half the pace", parts: { server: NEWER, client: NEWER } },
  { id: "D29", title: "roles swapped, zeros and own offers ignored", parts: { server: NEWER, client: NEWER } },
  { id: "D30", title: "lateness by chance, timers that go on", parts: { server: NEWER, client: NEWER } },
  { id: "D31", title: "an ack demanded where none is needed", parts: { client: ["1.2"] } },
  { id: "D32", title: "messages routed by destination", parts: CLIENT },
  { id: "D33", title: "any version, any number of CONNECTEDs", parts: CLIENT },
  { id: "D34", title: "connecting twice, frames too early", parts: CLIENT },
  { id: "D35", title: "a client that lives on after ERROR", parts: CLIENT },
  { id: "D36", title: "a disconnect that does not wait, an object with a past", parts: CLIENT },
  { id: "D37", title: "ids of messages kept for ever", parts: CLIENT },
  { id: "D38", title: "the caller's headers changed, content types replaced", parts: CLIENT },
  { id: "D39", title: "state that changes although sending failed", parts: CLIENT },
  { id: "D40", title: "unknown receipts, late receipts, failed receipts", parts: CLIENT },
  { id: "D41", title: "JSON where nobody asked for it", parts: BOTH },
];

// biome-ignore format: one row a rule
export const QUIRKS: readonly Rule[] = [
  { id: "E01", title: "servers that stay open after ERROR, and go on", parts: CLIENT },
  { id: "E02", title: "servers that close without a word", parts: CLIENT },
  { id: "E03", title: "a MESSAGE before the RECEIPT of what caused it", parts: CLIENT },
  { id: "E04", title: "receipt and transaction repeated in MESSAGE", parts: CLIENT },
  { id: "E05", title: "the RECEIPT of a SEND in a transaction, at once or after COMMIT", parts: CLIENT },
  { id: "E06", title: "1.0 with escapes, heart-beat and version", parts: { client: ["1.0"] } },
  { id: "E07", title: "ids with colons, escaped here and not there", parts: CLIENT },
  { id: "E08", title: "messages to subscriptions that nobody made", parts: CLIENT },
  { id: "E09", title: "a close instead of the RECEIPT of DISCONNECT", parts: CLIENT },
  { id: "E10", title: "frames in text messages", parts: BOTH },
  { id: "E11", title: "clients that wait for a line feed behind NUL", parts: SERVER },
  { id: "E12", title: "clients that need a session, and name no version", parts: { server: ["1.0"] } },
  { id: "E13", title: "STOMP instead of CONNECT, and no host", parts: { server: NEWER } },
  { id: "E14", title: "clients that neither escape nor unescape, and return every header", parts: SERVER },
  { id: "E15", title: "clients that wait for a receipt before they commit", parts: SERVER },
  { id: "E16", title: "clients that leave without a receipt, or without DISCONNECT", parts: SERVER },
];
