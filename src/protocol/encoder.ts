/**
 * Frames to bytes.
 *
 * Whatever a version cannot carry is refused, never emitted: a line feed that nothing escapes would
 * end its line and begin another one, of the sender's own making.
 */

import { ProtocolError } from "../errors.ts";
import { ruleOf } from "./commands.ts";
import { announcedLength, isContentLength } from "./content-length.ts";
import { type Dialect, dialectOf } from "./dialect.ts";
import { canCarryName, canCarryValue, escaped, isEscaped, isWellFormed } from "./escapes.ts";
import { flatten, type HeaderInput } from "./headers.ts";
import {
  IS_BLANK,
  IS_CARRIAGE_RETURN,
  IS_COLON,
  IS_LINE_FEED,
  IS_NUL,
  KINDS,
  LINE_FEED,
  NUL,
} from "./octets.ts";
import { encodeUtf8 } from "./utf8.ts";
import type { Version } from "./version.ts";

/** When a frame gets a `content-length` that was not given. */
export type ContentLength =
  /** Whenever it has a body. */
  | "always"
  /** Only if the body could not be read without it: there is a NUL in it. */
  | "needed"
  /** Never; a body with a NUL is refused. */
  | "never";

/** How a frame is written. */
export interface EncodeOptions {
  /** Default "always". One that is given as a header stays, and has to be right. */
  contentLength?: ContentLength | undefined;
  /** Whether a line feed follows the NUL, as servers send it. Default false. */
  trailingLineFeed?: boolean | undefined;
}

/** A frame to be written. */
export interface OutgoingFrame {
  command: string;
  headers?: HeaderInput | undefined;
  body?: string | Uint8Array | undefined;
}

/**
 * The bytes of a frame: every header as given, in order, repeated ones too.
 *
 * @throws {ProtocolError} `unencodable` for a command or header that the version cannot carry, and for
 * a body with a NUL where there may be no content-length; `invalid-content-length` for one that
 * differs from the body; `body-not-allowed`; `invalid-header`; `invalid-option`.
 */
export function encodeFrame(
  frame: OutgoingFrame,
  version: Version,
  options: EncodeOptions = {},
): Uint8Array<ArrayBuffer> {
  const { body = NO_BODY } = frame;
  return encodeFlat(
    frame.command,
    flatten(frame.headers),
    typeof body === "string" ? encodeUtf8(body) : body,
    dialectOf(version),
    options.contentLength ?? "always",
    options.trailingLineFeed ?? false,
  );
}

/** The same for headers that are flat already: name, value, name, value. */
export function encodeFlat(
  command: string,
  headers: readonly string[],
  body: Uint8Array,
  dialect: Dialect,
  contentLength: ContentLength,
  trailingLineFeed: boolean,
): Uint8Array<ArrayBuffer> {
  const head = encodeHead(command, headers, body, dialect, contentLength);
  const end = trailingLineFeed ? NUL_AND_LINE_FEED : ONLY_NUL;
  const frame = new Uint8Array(head.length + body.length + end.length);
  frame.set(head);
  frame.set(body, head.length);
  frame.set(end, head.length + body.length);
  return frame;
}

/** Bodies from this size on are worth being sent as they are, between a head and an end of their own. */
export const LARGE_BODY_BYTES = 4_096;

/** The same in pieces, the body among them as it was given: for bodies that are worth not copying. */
export function encodeParts(
  command: string,
  headers: readonly string[],
  body: Uint8Array,
  dialect: Dialect,
  contentLength: ContentLength,
  trailingLineFeed: boolean,
): Uint8Array<ArrayBuffer>[] {
  const head = encodeHead(command, headers, body, dialect, contentLength);
  const end = trailingLineFeed ? [NUL, LINE_FEED] : [NUL];
  return [head, unshared(body), new Uint8Array(end)];
}

/** The header lines of a frame, checked and escaped, without the blank line. */
export function headerLines(command: string, headers: readonly string[], dialect: Dialect): string {
  const escapes = isEscaped(command, dialect);
  let lines = "";
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1] as string;
    if (!canCarryName(name, command, dialect) || !canCarryValue(value, command, dialect)) {
      throw new ProtocolError(
        "unencodable",
        `STOMP ${dialect.version} cannot carry one of the headers of this ${command}: it has a line break, a NUL, a lone surrogate or, in its name, a colon that cannot be escaped there, or has no name`,
        { command },
      );
    }
    lines += escapes
      ? `${escaped(name, dialect)}:${escaped(value, dialect)}\n`
      : `${name}:${value}\n`;
  }
  return lines;
}

/** All of a frame before its body. */
function encodeHead(
  command: string,
  headers: readonly string[],
  body: Uint8Array,
  dialect: Dialect,
  contentLength: ContentLength,
): Uint8Array<ArrayBuffer> {
  if (!isCommand(command)) {
    throw new ProtocolError(
      "unencodable",
      "A command may not be empty or have spaces, colons or control characters in it",
    );
  }
  if (body.length > 0 && !dialect.bodiesEverywhere && ruleOf(command)?.body !== true) {
    throw new ProtocolError(
      "body-not-allowed",
      `${command} may not have a body in STOMP ${dialect.version}`,
      { command },
    );
  }
  const lines = headerLines(command, headers, dialect);
  const length = isGiven(command, headers, body, dialect)
    ? ""
    : lengthLine(command, body, contentLength);
  return encodeUtf8(`${command}\n${lines}${length}\n`);
}

/** Whether the headers announce the length of the body, which they then have to do rightly. */
function isGiven(
  command: string,
  headers: readonly string[],
  body: Uint8Array,
  dialect: Dialect,
): boolean {
  let given = false;
  for (let at = 0; at < headers.length; at += 2) {
    if (!isContentLength(headers[at] as string, dialect)) continue;
    if (announcedLength(headers[at + 1] as string, dialect) !== body.length) {
      throw new ProtocolError(
        "invalid-content-length",
        `The content-length must be ${body.length}, the octets of the body`,
        { command },
      );
    }
    given = true;
  }
  return given;
}

function lengthLine(command: string, body: Uint8Array, contentLength: ContentLength): string {
  if (body.length === 0) return "";
  if (contentLength !== "always" && !body.includes(NUL)) return "";
  if (contentLength === "never") {
    throw new ProtocolError(
      "unencodable",
      "A body with a NUL in it cannot be sent without a content-length",
      { command },
    );
  }
  return `content-length:${body.length}\n`;
}

const NO_BODY = new Uint8Array(0);
const ONLY_NUL = new Uint8Array([NUL]);
const NUL_AND_LINE_FEED = new Uint8Array([NUL, LINE_FEED]);

const NOT_IN_COMMAND = IS_BLANK | IS_COLON | IS_CARRIAGE_RETURN | IS_LINE_FEED | IS_NUL;

function isCommand(command: string): boolean {
  for (let at = 0; at < command.length; at++) {
    // Beyond the table is what is not ASCII.
    if (((KINDS[command.charCodeAt(at)] ?? 0) & NOT_IN_COMMAND) !== 0) return false;
  }
  return command !== "" && isWellFormed(command);
}

/** Transports send what lies in an ordinary buffer only. */
function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer
    ? (bytes as Uint8Array<ArrayBuffer>)
    : new Uint8Array(bytes);
}
