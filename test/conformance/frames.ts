/** Frames as literal text: what a scripted peer says. */

import type { Version } from "../../src/protocol/version.ts";

export const ALL: readonly Version[] = ["1.0", "1.1", "1.2"];
/** The versions that escape headers, know NACK and heart-beats, and forbid most bodies. */
export const NEWER: readonly Version[] = ["1.1", "1.2"];

/** A frame of these lines, none of them escaped or checked, ended with NUL. */
export function frame(command: string, lines: readonly string[] = [], body = ""): string {
  return `${[command, ...lines].join("\n")}\n\n${body}\0`;
}

/** The same as servers send it. */
export function served(command: string, lines: readonly string[] = [], body = ""): string {
  return `${frame(command, lines, body)}\n`;
}

/** How a client of this version alone introduces itself. */
export function connect(version: Version, ...more: string[]): string {
  const lines = version === "1.0" ? [] : [`accept-version:${version}`, "host:h"];
  return frame("CONNECT", [...lines, ...more]);
}

/** How a server of this version answers. */
export function connected(version: Version, ...more: string[]): string {
  return served("CONNECTED", version === "1.0" ? more : [`version:${version}`, ...more]);
}

/** SUBSCRIBE to `/a` with id 1. */
export function subscribe(...more: string[]): string {
  return frame("SUBSCRIBE", ["id:1", "destination:/a", ...more]);
}

/** The lines by which a client of this version acknowledges the `number`th delivery to a subscription. */
export function acknowledging(version: Version, number: number, subscription = "1"): string[] {
  switch (version) {
    case "1.0":
      return [`message-id:m-${number}`];
    case "1.1":
      return [`message-id:m-${number}`, `subscription:${subscription}`];
    case "1.2":
      return [`id:a-${number}`];
  }
}

/** A MESSAGE to subscription 1 that can be acknowledged in this version. */
export function message(version: Version, number: number, body = ""): string {
  const lines = ["destination:/a", `message-id:m-${number}`, "subscription:1"];
  if (version === "1.2") lines.push(`ack:a-${number}`);
  return served("MESSAGE", lines, body);
}
