/** Sections B and C of the checklist: what a peer may make us hold, and what it may try. */

import { ALL, NEWER } from "./frames.ts";
import type { Rule } from "./rules.ts";

const BOTH = { server: ALL, client: ALL };
const BOTH_NEWER = { server: NEWER, client: NEWER };

// biome-ignore format: one row a rule
export const LIMITS: readonly Rule[] = [
  { id: "B01", title: "maxCommandBytes", parts: { parser: ALL, ...BOTH } },
  { id: "B02", title: "maxLineBytes", parts: { parser: ALL, ...BOTH } },
  { id: "B03", title: "maxHeaders, repeated ones included", parts: { parser: ALL, ...BOTH } },
  { id: "B04", title: "maxHeaderBytes", parts: { parser: ALL, ...BOTH } },
  { id: "B05", title: "maxBodyBytes", parts: { parser: ALL, ...BOTH } },
  { id: "B06", title: "maxFrameBytes", parts: { parser: ALL, ...BOTH } },
  { id: "B07", title: "what is taken before acceptance", parts: { server: ALL } },
  { id: "B08", title: "maxSubscriptions", parts: { server: ALL } },
  { id: "B09", title: "maxTransactions", parts: { server: ALL } },
  { id: "B10", title: "maxTransactionFrames", parts: { server: ALL } },
  { id: "B11", title: "maxTransactionBytes", parts: { server: ALL } },
  { id: "B12", title: "maxPendingBytes", parts: BOTH },
  { id: "B13", title: "maxUnacknowledged", parts: { server: ALL } },
  { id: "B14", title: "heart-beats: the least we offer, the most we keep", parts: BOTH_NEWER },
  { id: "B15", title: "connectTimeoutMs", parts: BOTH },
  { id: "B16", title: "disconnectTimeoutMs", parts: BOTH },
  { id: "B17", title: "stallTimeoutMs", parts: BOTH },
  { id: "B18", title: "receiptTimeoutMs", parts: { client: ALL } },
  { id: "B19", title: "a clock that jumped grants an interval more", parts: BOTH },
  { id: "B20", title: "unescaped colons in values: tolerated unless strict", parts: { parser: ALL, ...BOTH_NEWER } },
  { id: "B21", title: "spaces in accept-version: tolerated unless strict", parts: { server: ALL } },
  { id: "B22", title: "what is never tolerated", parts: { parser: ALL, server: ALL } },
  { id: "B23", title: "three kinds of error, and texts that reflect nothing", parts: { server: ALL } },
  { id: "B24", title: "the defaults", parts: { server: ALL } },
];

// biome-ignore format: one row an advisory
export const ADVISORIES: readonly Rule[] = [
  { id: "C-CVE-2026-44891", title: "headers without number or end", parts: { parser: ALL } },
  { id: "C-CVE-2026-53916", title: "a frame limit that only bodies meet", parts: { parser: ALL } },
  { id: "C-CVE-2026-49432", title: "a negative content-length", parts: { parser: ALL, server: ALL } },
  { id: "C-emqx-19059", title: "limits that wait for the whole frame; endless transactions", parts: { parser: ALL, server: ALL } },
  { id: "C-CVE-2022-22971", title: "a failed frame that keeps its memory", parts: { parser: ALL, server: ALL } },
  { id: "C-CVE-2018-1270", title: "header text that is evaluated", parts: { server: ALL } },
  { id: "C-CVE-2023-32081", title: "frames before the client is accepted", parts: { server: ALL } },
  { id: "C-CVE-2025-41254", title: "messages without a session", parts: BOTH },
  { id: "C-CVE-2026-41838", title: "session ids that can be guessed", parts: { server: ALL } },
  { id: "C-CVE-2026-54475", title: "who owns a reply destination", parts: { server: ALL } },
  { id: "C-rabbitmq-ee0ebfc", title: "UNSUBSCRIBE that believes its frame", parts: { server: ALL } },
  { id: "C-rabbitmq-16171", title: "one set of limits for strangers and friends", parts: { server: ALL } },
  { id: "C-AMQ-7209", title: "internals in ERROR", parts: { server: ALL } },
];

// biome-ignore format: one row a rule
export const HOSTILE: readonly Rule[] = [
  { id: "C01", title: "chunks cut at every octet", parts: { parser: ALL } },
  { id: "C02", title: "content-lengths that are none, or lie", parts: { parser: ALL } },
  { id: "C03", title: "memory for what is announced only", parts: { parser: ALL } },
  { id: "C04", title: "names that objects have", parts: { parser: ALL, encoder: ALL, ...BOTH } },
  { id: "C05", title: "escapes that no version has", parts: { parser: ALL } },
  { id: "C06", title: "the order of unescaping", parts: { parser: ALL, encoder: NEWER } },
  { id: "C07", title: "lines that are no headers, octets that are no frames", parts: { parser: ALL } },
  { id: "C08", title: "an unescaped colon", parts: { parser: NEWER } },
  { id: "C09", title: "injection into what we send", parts: { encoder: ALL, ...BOTH } },
  { id: "C10", title: "a content-length given by the caller", parts: { encoder: ALL, ...BOTH } },
  { id: "C11", title: "bodies where none may be", parts: { parser: NEWER, encoder: ALL, server: NEWER } },
  { id: "C12", title: "work that grows faster than the bytes", parts: { parser: ALL, server: ALL } },
  { id: "C13", title: "heart-beat values", parts: BOTH_NEWER },
  { id: "C14", title: "accept-version values", parts: { server: ALL } },
  { id: "C15", title: "frames at the wrong time", parts: { server: ALL } },
  { id: "C16", title: "floods", parts: { parser: ALL, server: ALL } },
  { id: "C17", title: "acknowledgements of what cannot be", parts: { server: ALL } },
  { id: "C18", title: "ERROR that amplifies or betrays", parts: { server: ALL } },
  { id: "C19", title: "octets that are not UTF-8", parts: { parser: ALL, server: ALL } },
  { id: "C20", title: "another protocol on the port", parts: { server: ALL } },
  { id: "C21", title: "one message, receivers of every version", parts: { server: ALL } },
  { id: "C22", title: "drop crossing what the client sends", parts: { server: ALL } },
];
