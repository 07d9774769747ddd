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
import { FixedOctets } from "./fixed-octets.ts";
import { Guess } from "./guess.ts";
import { checkedText, flatten, type HeaderInput, isObject } from "./headers.ts";
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
import { isBytes } from "./plain-bytes.ts";
import { HEADS } from "./prediction.ts";
import { roomFor, roomWith } from "./room.ts";
import { encodeUtf8, TEXT, writeAscii } from "./utf8.ts";
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
 * a body with a NUL where there may be no content-length, or that is neither a string nor a
 * Uint8Array; `invalid-content-length` for one that differs from the body; `body-not-allowed`;
 * `invalid-header`; `invalid-option`.
 */
export function encodeFrame(
  frame: OutgoingFrame,
  version: Version,
  options: EncodeOptions = {},
): Uint8Array<ArrayBuffer> {
  const { command, headers, body = NO_BODY } = frame;
  const contentLength = checkedOption(options.contentLength ?? "always");
  const trailingLineFeed = options.trailingLineFeed ?? false;
  const dialect = dialectOf(version);
  if (typeof body === "string" && body.length >= LONG) {
    return encodeFlat(command, flatten(headers), body, dialect, contentLength, trailingLineFeed);
  }
  const bytes = typeof body === "string" ? roomWith(body) : checkedOctets(body, command);
  const announced = announcement(bytes, contentLength);
  // Nothing of the caller's may run between this and the copy of it: it could encode another frame.
  const head = headOf(command, headers, bytes, dialect, announced);
  return together(command, head, bytes, dialect, trailingLineFeed);
}

/** The same for headers that are flat already: name, value, name, value. */
export function encodeFlat(
  command: string,
  headers: readonly string[],
  body: Uint8Array | string,
  dialect: Dialect,
  contentLength: ContentLength,
  trailingLineFeed: boolean,
): Uint8Array<ArrayBuffer> {
  const announced = announcement(body, contentLength);
  if (typeof body !== "string") {
    const head = headOfFlat(command, headers, body, dialect, announced);
    return together(command, head, body, dialect, trailingLineFeed);
  }
  const head = triesAscii(body, announced)
    ? HEADS.recall(command, headers, true, announced, dialect)
    : undefined;
  return (
    withAscii(head, body, trailingLineFeed) ??
    encodeFlat(command, headers, roomWith(body), dialect, contentLength, trailingLineFeed)
  );
}

/** Whether a text is to be written as if it were ASCII, which is then seen to. Short ones are copied for less. */
function triesAscii(text: string, announced: number): boolean {
  return text.length >= LONG && announced !== UNANNOUNCEABLE && ASCII.try();
}

/** A frame with a text for its body; undefined if that is not ASCII, because its head announces too few octets then. */
function withAscii(
  head: Uint8Array | undefined,
  text: string,
  trailingLineFeed: boolean,
): Uint8Array<ArrayBuffer> | undefined {
  if (head === undefined) return undefined;
  const end = head.length + text.length;
  const frame = roomFor(end + (trailingLineFeed ? 2 : 1));
  frame.set(head);
  if (!writeAscii(text, frame.subarray(head.length, end))) {
    ASCII.fail();
    return undefined;
  }
  frame[end] = NUL;
  if (trailingLineFeed) frame[end + 1] = LINE_FEED;
  return frame;
}

function together(
  command: string,
  head: Uint8Array,
  body: Uint8Array,
  dialect: Dialect,
  trailingLineFeed: boolean,
): Uint8Array<ArrayBuffer> {
  const end = head.length + body.length;
  const octets = end + (trailingLineFeed ? 2 : 1);
  const frame = mayBeSecret(command, body, dialect) ? new Uint8Array(octets) : roomFor(octets);
  frame.set(head);
  if (body.length > 0) frame.set(body, head.length);
  // Not left to the memory being new: it is what ends the frame.
  frame[end] = NUL;
  if (trailingLineFeed) frame[end + 1] = LINE_FEED;
  return frame;
}

/** The same in pieces, the body among them as it was given: for bodies that are worth not copying. */
export function encodeParts(
  command: string,
  headers: readonly string[],
  body: Uint8Array,
  dialect: Dialect,
  contentLength: ContentLength,
  trailingLineFeed: boolean,
): Uint8Array<ArrayBuffer>[] {
  const announced = announcement(body, contentLength);
  const octets = headOfFlat(command, headers, body, dialect, announced);
  const head = roomFor(octets.length);
  head.set(octets);
  return [head, unshared(body), (trailingLineFeed ? END_WITH_LINE_FEED : END).octets];
}

/** The header lines of a frame, checked and escaped, without the blank line. */
export function headerLines(command: string, headers: readonly string[], dialect: Dialect): string {
  const escapes = isEscaped(command, dialect);
  let lines = "";
  for (let at = 0; at < headers.length; at += 2) {
    const name = checkedText(headers[at]);
    const value = checkedText(headers[at + 1]);
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

/** A body that has octets: of larger numbers, only the lowest eight bits would be sent. */
function checkedOctets(body: Uint8Array, command: string): Uint8Array {
  if (isBytes(body)) return body;
  throw new ProtocolError("unencodable", "A body must be a string or a Uint8Array", { command });
}

function checkedOption(contentLength: ContentLength): ContentLength {
  if (contentLength === "always" || contentLength === "needed" || contentLength === "never") {
    return contentLength;
  }
  const text = 'contentLength must be "always", "needed" or "never"';
  throw new ProtocolError("invalid-option", text);
}

/** The length of a body, if it is announced by a line of ours; or why it is not. That of text, if it is ASCII. */
function announcement(body: Uint8Array | string, contentLength: ContentLength): number {
  const needed = body.length > 0 && (contentLength === "always" || hasNul(body));
  if (needed && contentLength === "never") return UNANNOUNCEABLE;
  return needed ? body.length : NOT_ANNOUNCED;
}

/** All of a frame before its body; to be copied at once. */
function headOf(
  command: string,
  headers: HeaderInput | undefined,
  body: Uint8Array,
  dialect: Dialect,
  announced: number,
): Uint8Array {
  if (headers === undefined || !isObject(headers) || announced === UNANNOUNCEABLE) {
    return headOfFlat(command, flatten(headers), body, dialect, announced);
  }
  return (
    HEADS.recallFrom(command, headers, body.length > 0, announced, dialect) ??
    newHead(command, flatten(headers), body, dialect, announced)
  );
}

/** The same for headers that are flat already. */
function headOfFlat(
  command: string,
  headers: readonly string[],
  body: Uint8Array,
  dialect: Dialect,
  announced: number,
): Uint8Array {
  // It may still be among the headers, which is nothing that a head is remembered with.
  if (announced === UNANNOUNCEABLE) return newHead(command, headers, body, dialect, announced);
  return (
    HEADS.recall(command, headers, body.length > 0, announced, dialect) ??
    newHead(command, headers, body, dialect, announced)
  );
}

/** A head from scratch, with all checks. */
function newHead(
  command: string,
  headers: readonly string[],
  body: Uint8Array,
  dialect: Dialect,
  announced: number,
): Uint8Array {
  if (body.length > 0 && !dialect.bodiesEverywhere && ruleOf(command)?.body !== true) {
    throw new ProtocolError(
      "body-not-allowed",
      `${command} may not have a body in STOMP ${dialect.version}`,
      { command },
    );
  }
  if (!isCommand(command)) {
    throw new ProtocolError(
      "unencodable",
      "A command may not be empty or have spaces, colons or control characters in it",
    );
  }
  const lines = headerLines(command, headers, dialect);
  if (isGiven(command, headers, body, dialect)) return encodeUtf8(`${command}\n${lines}\n`);
  if (announced === UNANNOUNCEABLE) {
    throw new ProtocolError(
      "unencodable",
      "A body with a NUL in it cannot be sent without a content-length",
      { command },
    );
  }
  const length = announced < 0 ? "" : `content-length:${announced}\n`;
  const head = encodeUtf8(`${command}\n${lines}${length}\n`);
  HEADS.remember(command, headers, announced, dialect, head);
  return head;
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

/** Whether a passcode may be in it: then it must not lie in one piece of memory with other frames. */
function mayBeSecret(command: string, body: Uint8Array, dialect: Dialect): boolean {
  return (body.length === 0 || dialect.bodiesEverywhere) && ruleOf(command)?.escaped === false;
}

function hasNul(body: Uint8Array | string): boolean {
  return typeof body === "string" ? body.includes("\0") : TEXT.indexOfNul(body, 0) >= 0;
}

const NO_BODY = new Uint8Array(0);
const END = new FixedOctets(NUL);
const END_WITH_LINE_FEED = new FixedOctets(NUL, LINE_FEED);
/** That a text is ASCII. */
const ASCII = new Guess();
const LONG = 512;
const NOT_ANNOUNCED = -1;
const UNANNOUNCEABLE = -2;

const NOT_IN_COMMAND = IS_BLANK | IS_COLON | IS_CARRIAGE_RETURN | IS_LINE_FEED | IS_NUL;

function isCommand(command: string): boolean {
  if (typeof command !== "string") return false;
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
