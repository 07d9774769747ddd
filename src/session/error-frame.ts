/**
 * The ERROR that a server sends: what it says, and what it keeps to itself.
 *
 * @see STOMP 1.2, "ERROR"
 */

import { ApplicationError, ConnectionError, ProtocolError, type StompError } from "../errors.ts";
import { type Body, outgoingBody } from "../protocol/body.ts";
import { ruleOf } from "../protocol/commands.ts";
import type { Dialect } from "../protocol/dialect.ts";
import { canCarryValue } from "../protocol/escapes.ts";
import type { Frame } from "../protocol/frame.ts";
import { flatten, type HeaderInput } from "../protocol/headers.ts";
import type { Version } from "../protocol/version.ts";
import { unowned } from "./mistakes.ts";
import { redacted } from "./observation.ts";

/** An ERROR, before it is encoded. */
export interface ErrorContent {
  /** Flat: name, value, name, value. */
  readonly headers: readonly string[];
  readonly body: Uint8Array | string;
}

/**
 * What an ERROR says.
 *
 * @param frame The one at fault: its receipt is named.
 * @param versions What the server speaks, for a client that speaks none of it.
 * @param extra Headers and a body of the application's.
 * @throws {ProtocolError} `owned-header`, `unencodable`, for what the application gave.
 */
export function errorContent(
  error: StompError,
  frame: Frame | undefined,
  spoken: Dialect,
  versions: readonly Version[],
  extra: { headers?: HeaderInput | undefined; body?: Body | undefined } = {},
): ErrorContent {
  const headers = ["message", carried(textOf(error), spoken)];
  const receipt = frame === undefined ? undefined : receiptOf(frame);
  if (receipt !== undefined && canCarryValue(receipt, "ERROR", spoken)) {
    headers.push("receipt-id", receipt);
  }
  const { content, contentType } = outgoingBody(extra.body ?? bodyOf(error));
  if (error.code === "version-mismatch") headers.push("version", versions.join(","));
  if (contentType !== undefined) headers.push("content-type", contentType);
  headers.push(...unowned("ERROR", flatten(extra.headers ?? headersOf(error)), spoken.trims));
  return { headers, body: content };
}

/** The receipt that a frame asks for. CONNECT may not ask for one, and is not given one. */
export function receiptOf({ command, headers }: Frame): string | undefined {
  const receipt = headers.get("receipt");
  if (receipt === undefined) return undefined;
  return ruleOf(command)?.escaped === false ? undefined : receipt;
}

/** What a hook refuses with: only an ApplicationError speaks for itself. */
export function refusal(thrown: unknown): StompError {
  if (thrown instanceof ApplicationError || thrown instanceof UnknownCommand) return thrown;
  return hookFailure(thrown);
}

/** The error of a hook that threw anything else; nothing of that is told to the peer. */
export function hookFailure(cause: unknown): ConnectionError {
  return new ConnectionError("hook-failed", "A hook threw or rejected", { cause });
}

/** What the default `onUnknownCommand` refuses with. */
export class UnknownCommand extends ProtocolError {
  constructor(frame: Frame) {
    super("unknown-command", "The command is not one of STOMP", { frame: redacted(frame) });
  }
}

function textOf(error: StompError): string {
  // Whatever a hook fell over is nobody's business but the application's.
  return error.code === "hook-failed" ? "internal error" : error.message;
}

function bodyOf(error: StompError): Body | undefined {
  if (error instanceof ApplicationError) return error.body;
  // STOMP 1.2 wants the versions told in the body too.
  return error.code === "version-mismatch" ? error.message : undefined;
}

function headersOf(error: StompError): HeaderInput | undefined {
  return error instanceof ApplicationError ? error.headers : undefined;
}

/** A text as this version can carry it, on one line if need be. */
function carried(text: string, spoken: Dialect): string {
  if (canCarryValue(text, "ERROR", spoken)) return text;
  return text.replace(/[\r\n\0]|\p{Surrogate}/gu, " ");
}
