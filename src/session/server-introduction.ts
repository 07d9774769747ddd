/**
 * CONNECT and CONNECTED on a server: what the client says of itself, and what it is told.
 *
 * @see STOMP 1.2, "Connecting"
 */

import { ApplicationError, ProtocolError } from "../errors.ts";
import { DIALECTS, type Dialect } from "../protocol/dialect.ts";
import type { Frame } from "../protocol/frame.ts";
import { flatten } from "../protocol/headers.ts";
import { negotiate } from "../protocol/version.ts";
import { format, type HeartBeat, NO_HEART_BEAT, parse } from "./heartbeat.ts";
import { unowned } from "./mistakes.ts";
import type { Acceptance, ConnectRequest, ServerSettings } from "./server-options.ts";
import { checkedSnapshot } from "./snapshot.ts";
import { trimmed } from "./trimming.ts";

/** What CONNECT says, once it is found to be in order. */
export interface Introduction {
  readonly dialect: Dialect;
  readonly request: ConnectRequest;
  /** What the client offers. */
  readonly heartBeat: HeartBeat;
}

/** What CONNECT says; or what is wrong with it. */
export function introductionOf(
  frame: Frame,
  { versions, strict }: ServerSettings,
): Introduction | ProtocolError {
  const version = negotiate(frame.headers.get("accept-version"), versions, strict);
  if (version === undefined) {
    const text = `Supported versions are ${versions.join(" ")}`;
    return new ProtocolError("version-mismatch", text, { command: frame.command });
  }
  const dialect = DIALECTS[version];
  const { command, headers } = dialect.trims ? trimmed(frame) : frame;
  const heartBeat = dialect.heartBeats ? parse(headers.get("heart-beat")) : NO_HEART_BEAT;
  if (heartBeat === undefined) {
    const text = "heart-beat must be two numbers of milliseconds, separated by a comma";
    return new ProtocolError("invalid-header", text, { command });
  }
  const host = headers.get("host");
  if (host === undefined && strict && dialect.hostNeeded) {
    const text = `${command} needs header "host" in STOMP ${version}`;
    return new ProtocolError("missing-header", text, { command });
  }
  const [login, passcode] = [headers.get("login"), headers.get("passcode")];
  return { dialect, heartBeat, request: { version, login, passcode, host, headers } };
}

/**
 * What `onConnect` answered, in its long form.
 *
 * @throws {ApplicationError} if that is a refusal.
 * @throws {ProtocolError} `invalid-option` if it is no answer.
 */
export function acceptanceOf(answer: unknown): Acceptance {
  if (answer === false) throw new ApplicationError("The connection is refused");
  if (answer === true) return {};
  if (typeof answer === "string") return { session: answer };
  if (typeof answer !== "object" || answer === null) {
    throw new ProtocolError("invalid-option", "onConnect must answer true, false or an acceptance");
  }
  // Read once: reading may run code of the application's.
  const { session, headers, restore } = answer as Acceptance;
  return {
    session,
    headers,
    restore: restore === undefined ? undefined : checkedSnapshot(restore),
  };
}

/**
 * The headers of CONNECTED, flat.
 *
 * @throws {ProtocolError} `owned-header`, `invalid-header`, for what the application gave.
 */
export function connectedHeaders(
  dialect: Dialect,
  session: string,
  { server, heartBeat }: ServerSettings,
  acceptance: Acceptance,
): string[] {
  const headers = ["version", dialect.version, "session", session];
  if (server !== undefined) headers.push("server", server);
  // Our own offer, not what follows from both: each side works that out for itself.
  if (dialect.heartBeats) headers.push("heart-beat", format(heartBeat));
  return [...headers, ...unowned("CONNECTED", flatten(acceptance.headers), dialect.trims)];
}
