/**
 * CONNECT and CONNECTED on a client: what it says of itself, and what it is told.
 *
 * @see STOMP 1.2, "Connecting"
 */

import { ProtocolError } from "../errors.ts";
import { DIALECTS, type Dialect } from "../protocol/dialect.ts";
import type { Frame } from "../protocol/frame.ts";
import { flatten } from "../protocol/headers.ts";
import { isVersion, type Version } from "../protocol/version.ts";
import type { ClientSettings, Connected, ConnectOptions } from "./client-options.ts";
import { fault } from "./faults.ts";
import { format, type HeartBeat, NO_HEART_BEAT, negotiate, parse } from "./heartbeat.ts";
import { unowned } from "./mistakes.ts";
import { trimmed } from "./trimming.ts";

/** CONNECT, before it is encoded. */
export interface Introduction {
  readonly command: "CONNECT" | "STOMP";
  /** Flat: name, value, name, value. */
  readonly headers: readonly string[];
  /** The highest version that is offered. */
  readonly dialect: Dialect;
}

/**
 * What a client says of itself.
 *
 * @throws {ProtocolError} `owned-header`, `invalid-header`, `invalid-option`, for what the application
 * gave.
 */
export function introduction(
  offered: readonly Version[],
  { host, heartBeat }: ClientSettings,
  options: ConnectOptions,
): Introduction {
  const dialect = DIALECTS[offered.at(-1) as Version];
  const headers = ["accept-version", offered.join(",")];
  if (host !== null) headers.push("host", host);
  if (options.login !== undefined) headers.push("login", options.login);
  if (options.passcode !== undefined) headers.push("passcode", options.passcode);
  if (dialect.heartBeats) headers.push("heart-beat", format(heartBeat));
  const command = options.command ?? "CONNECT";
  if (command !== "CONNECT" && command !== "STOMP") {
    throw new ProtocolError("invalid-option", 'command must be "CONNECT" or "STOMP"');
  }
  const trims = offered.some((version) => DIALECTS[version].trims);
  headers.push(...unowned(command, flatten(options.headers), trims));
  return { command, headers, dialect };
}

/** The version that CONNECTED chooses; or what is wrong with it. */
export function chosenVersion(frame: Frame, offered: readonly Version[]): Version | ProtocolError {
  const version = frame.headers.get("version")?.trim() ?? "1.0";
  if (isVersion(version) && offered.includes(version)) return version;
  const text = `The server chose a version that was not offered: ${offered.join(", ")}`;
  return fault("version-mismatch", text, frame);
}

/** What else CONNECTED says, in that version; or what is wrong with it. */
export function connectedOf(
  untrimmed: Frame,
  version: Version,
  own: HeartBeat,
): Connected | ProtocolError {
  const spoken = DIALECTS[version];
  const frame = spoken.trims ? trimmed(untrimmed) : untrimmed;
  const { headers } = frame;
  const offer = spoken.heartBeats ? parse(headers.get("heart-beat")) : NO_HEART_BEAT;
  if (offer === undefined) {
    const text = "The heart-beat of CONNECTED must be two numbers, separated by a comma";
    return fault("invalid-header", text, frame);
  }
  const [session, server] = [headers.get("session"), headers.get("server")];
  return { version, session, server, heartBeat: negotiate(own, offer), headers };
}
