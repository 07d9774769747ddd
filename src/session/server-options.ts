/** What a server can be told, asks its application, and answers. */

import { ProtocolError } from "../errors.ts";
import { DIALECTS } from "../protocol/dialect.ts";
import { canCarryValue } from "../protocol/escapes.ts";
import type { FrameHeaders, HeaderInput } from "../protocol/headers.ts";
import type { Version } from "../protocol/version.ts";
import { randomSessionId } from "./identity.ts";
import { type SessionOptions, type Settings, settle, sharing } from "./settings.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a server can be told. */
export interface ServerOptions extends SessionOptions {
  /** For the `server` header of CONNECTED: a name, or name/version. Default: the header is left out. */
  server?: string | undefined;
  /** How many SEND hooks may be pending at once. Default 1: each waits for the one before. */
  maxInFlight?: number | undefined;
  /** Makes the id of a session. Default: 128 random bits from a cryptographic source. */
  sessionId?: (() => string) | undefined;
}

/** The same, checked and complete. */
export interface ServerSettings extends Settings {
  readonly server: string | undefined;
  readonly maxInFlight: number;
  readonly sessionId: () => string;
}

/** What a client that wants to be connected says of itself. */
export interface ConnectRequest {
  /** What both sides speak. */
  readonly version: Version;
  readonly login: string | undefined;
  readonly passcode: string | undefined;
  /** The virtual host that it wants. */
  readonly host: string | undefined;
  /** All headers of CONNECT. */
  readonly headers: FrameHeaders;
}

/** How a client is accepted. */
export interface Acceptance {
  /** The session's id. Default: that of the snapshot, or a new one. */
  session?: string | undefined;
  /** Further headers of CONNECTED. */
  headers?: HeaderInput | undefined;
  /** Subscriptions to start with, as if the client had asked for them; `onSubscribe` is not called. */
  restore?: Snapshot | undefined;
}

/** @throws {ProtocolError} `invalid-option`, naming the option. */
export const settleServer: (options: ServerOptions | undefined) => ServerSettings =
  sharing(complete);

function complete(options: ServerOptions): ServerSettings {
  const { server, maxInFlight = 1, sessionId = randomSessionId } = options;
  if (!Number.isSafeInteger(maxInFlight) || maxInFlight < 1) {
    throw new ProtocolError("invalid-option", "maxInFlight must be a whole number of at least 1");
  }
  if (server !== undefined && !isCarried(server)) {
    throw new ProtocolError("invalid-option", "server must be text on one line");
  }
  if (typeof sessionId !== "function") {
    throw new ProtocolError("invalid-option", "sessionId must be a function that makes an id");
  }
  return Object.freeze({ ...settle(options), server, maxInFlight, sessionId });
}

/** Whether CONNECTED can carry it, which no version escapes. */
function isCarried(server: unknown): boolean {
  return typeof server === "string" && canCarryValue(server, "CONNECTED", DIALECTS["1.2"]);
}
