/**
 * Everything that can go wrong, as a closed set of codes in three kinds:
 *
 * - {@link ProtocolError}: the wire, or the order of commands, was violated, by the peer or by the caller
 * - {@link ApplicationError}: a hook refuses what was asked of it
 * - {@link ConnectionError}: the link, time, the peer's ERROR, or a hook or transport that failed
 *
 * A caller's mistake throws at once and changes nothing. A peer's mistake reaches `onError` once
 * and ends the session. Programs match `code`, never the text.
 */

import type { Body } from "./protocol/body.ts";
import type { Frame } from "./protocol/frame.ts";
import type { HeaderInput } from "./protocol/headers.ts";

/** Codes of a {@link ProtocolError}. */
export type ProtocolErrorCode =
  /** The bytes are no frame: a bad command line, a carriage return where none may be. */
  | "malformed-frame"
  /** A header line without a colon, without a name, or with a NUL in it. */
  | "malformed-header"
  /** A backslash followed by something that the version does not define. */
  | "undefined-escape"
  /** A command or header that is not UTF-8. */
  | "invalid-utf8"
  /** A content-length that is not a number of octets, or two that differ. */
  | "invalid-content-length"
  /** The octet after a body of the announced length is not NUL. */
  | "missing-nul"
  /** A body on a frame that may not have one. */
  | "body-not-allowed"
  /** One of the limits was passed; the message names it. */
  | "limit-exceeded"
  /** A command that STOMP, or this version of it, does not have. */
  | "unknown-command"
  /** A command that may not come now, or not from this side. */
  | "unexpected-command"
  /** A header that the command needs in this version is absent. */
  | "missing-header"
  /** A header has a value that it may not have. */
  | "invalid-header"
  /** The two sides have no version in common, or the answer is not one that was offered. */
  | "version-mismatch"
  /** No subscription with this id, or in 1.0 with this destination. */
  | "unknown-subscription"
  /** The subscription id is in use. */
  | "duplicate-subscription"
  /** No transaction with this id is open. */
  | "unknown-transaction"
  /** A transaction with this id is open already. */
  | "duplicate-transaction"
  /** Nothing that was delivered and awaits acknowledgement has this id. */
  | "unknown-acknowledgement"
  /** The message was acknowledged before. */
  | "already-acknowledged"
  /** The message came on an `auto` subscription, or its acknowledgement id is missing. */
  | "not-acknowledgeable"
  /** More bytes wait for the application than `maxPendingBytes` allows. */
  | "pending-overflow"
  /** The command needs a session that is connected. */
  | "not-connected"
  /** The session is connecting or connected already. */
  | "already-connected"
  /** The session has ended, or is about to. */
  | "closed"
  /** A header that STOMP owns for this command was given by the caller. */
  | "owned-header"
  /** The version cannot carry this frame. */
  | "unencodable"
  /** An option has a value that it may not have. */
  | "invalid-option"
  /** As many deliveries await acknowledgement as `maxUnacknowledged` allows. */
  | "window-full";

/** The code of an {@link ApplicationError}. */
export type ApplicationErrorCode =
  /** A hook refused what the peer asked for. */
  "refused";

/** Codes of a {@link ConnectionError}. */
export type ConnectionErrorCode =
  /** The transport ended, or the session did, before what was awaited. */
  | "connection-lost"
  /** The session was not established within `connectTimeoutMs`. */
  | "connect-timeout"
  /** No answer to DISCONNECT within `disconnectTimeoutMs`. */
  | "disconnect-timeout"
  /** Nothing was heard from the peer for longer than the agreed heart-beat allows. */
  | "heart-beat-lost"
  /** No RECEIPT within `receiptTimeoutMs`. */
  | "receipt-timeout"
  /** The server sent an ERROR. */
  | "error-frame"
  /** The transport stayed saturated for `stallTimeoutMs`. */
  | "stalled"
  /** `sendData`, `sendParts`, `sendEnd` or `resumeReading` threw. */
  | "transport-failed"
  /** A hook threw, or its promise was rejected, with something else than a refusal. */
  | "hook-failed";

/** Every code there is. */
export type ErrorCode = ProtocolErrorCode | ApplicationErrorCode | ConnectionErrorCode;

/** What an error can tell besides its code and message. */
export interface ErrorDetails {
  /** The STOMP command that the error is about. */
  command?: string | undefined;
  /** The frame that the error is about, passcodes redacted. */
  frame?: Frame | undefined;
  /** What lies behind the error. */
  cause?: unknown;
}

/** What all errors of this package have in common. */
export abstract class StompError extends Error {
  /** Which error it is; the only thing to match on. */
  readonly code: ErrorCode;
  /** The STOMP command that the error is about, where there is one. */
  readonly command: string | undefined;
  /** The frame that the error is about, where there is one; a passcode in it is redacted. */
  readonly frame: Frame | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.command = details.command ?? details.frame?.command;
    this.frame = details.frame;
  }
}

/** The wire, or the order of commands, was violated, by the peer or by the caller. */
export class ProtocolError extends StompError {
  declare readonly code: ProtocolErrorCode;
  // A literal, because minifiers rename classes.
  override readonly name = "ProtocolError";

  constructor(code: ProtocolErrorCode, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
  }
}

/** The link, time, the peer's ERROR, or a hook or transport that failed. */
export class ConnectionError extends StompError {
  declare readonly code: ConnectionErrorCode;
  override readonly name = "ConnectionError";

  constructor(code: ConnectionErrorCode, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
  }
}

/**
 * Thrown by a hook to refuse what the peer asked for. On a server the message, headers and body
 * go to the client in the ERROR frame; nothing of any other exception does.
 */
export class ApplicationError extends StompError {
  declare readonly code: ApplicationErrorCode;
  override readonly name = "ApplicationError";
  /** Further headers of the ERROR frame. */
  readonly headers: HeaderInput | undefined;
  /** The body of the ERROR frame. */
  readonly body: Body | undefined;

  /**
   * @param message For the `message` header of the ERROR frame: what was refused, and why.
   */
  constructor(
    message: string,
    options: {
      headers?: HeaderInput | undefined;
      body?: Body | undefined;
      cause?: unknown;
    } = {},
  ) {
    super("refused", message, { cause: options.cause });
    this.headers = options.headers;
    this.body = options.body;
  }
}
