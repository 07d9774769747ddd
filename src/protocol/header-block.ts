/**
 * The part of a frame before its body: a command line, header lines, a blank line.
 *
 * Every line is judged when its line feed has come, so that neither the frame nor the error depends
 * on how the bytes were cut into chunks. Two things are not left until then, because a peer could
 * send such a line for ever: a NUL, and a line or block that is too long. Of these, the one that
 * comes first in the bytes counts, the limit if both are the same byte.
 */

import { ProtocolError, type ProtocolErrorCode } from "../errors.ts";
import { knownCommand, standsAt } from "./command-line.ts";
import type { CommandRule } from "./commands.ts";
import { announcedLength, isContentLength } from "./content-length.ts";
import { unescaped } from "./escapes.ts";
import { GrowingBytes } from "./growing.ts";
import { Head, limitError } from "./head.ts";
import { allowShape, type HeaderShape, UNKNOWN_COMMAND } from "./header-shape.ts";
import { FrameHeaders } from "./headers.ts";
import type { FrameLimits } from "./limits.ts";
import {
  CARRIAGE_RETURN,
  COLON,
  IS_BACKSLASH,
  IS_BLANK,
  IS_CARRIAGE_RETURN,
  IS_COLON,
  IS_LINE_FEED,
  IS_NUL,
  KINDS,
  LINE_FEED,
  NUL,
} from "./octets.ts";
import type { ReadingRules } from "./rules.ts";
import { decoded } from "./utf8.ts";

/** A header block that is being read. */
export class HeaderBlock {
  /** What was read, once the blank line has come. */
  head: Head | undefined = undefined;
  /** The names of the headers so far, and their values. */
  shape: HeaderShape = UNKNOWN_COMMAND;
  readonly values: string[] = NO_VALUES.slice();
  readonly rules: ReadingRules;
  /** The command; undefined until its line is complete. */
  private command: string | undefined = undefined;
  private rule: CommandRule | undefined = undefined;
  private escaped = false;
  /** Octets of the lines that are complete, their ends included. */
  private octets = 0;
  /** What the headers so far announce; -1: nothing, NaN: nonsense. */
  private bodyLength = -1;
  /** The beginning of a line that has not ended yet. */
  private beginning: GrowingBytes | undefined = undefined;
  /** How long the line may become before there is a limit to be passed. */
  private harmless = 0;

  constructor(rules: ReadingRules) {
    this.rules = rules;
  }

  /**
   * Reads on.
   *
   * @returns The position after the blank line; -1 if all bytes were taken and it has not come yet.
   */
  read(bytes: Uint8Array, start: number, end: number): number {
    let position = start;
    while (this.isWithinLine && position < end) this.take(bytes[position++] as number);
    while (this.head === undefined && position < end) {
      const next = this.line(bytes, position, end);
      if (next < 0) {
        this.beginLine().append(bytes, position, end);
        return -1;
      }
      position = next;
    }
    return this.head === undefined ? -1 : position;
  }

  /** Reads one octet; returns the head if it is complete with that. */
  take(octet: number): Head | undefined {
    if (this.absorbs(octet)) return undefined;
    let { beginning } = this;
    if (beginning === undefined || beginning.length === 0) beginning = this.beginLine();
    const length = beginning.push(octet);
    if (octet === LINE_FEED || octet === NUL) {
      beginning.clear();
      this.line(beginning.room, 0, length);
    } else if (length > this.harmless) {
      this.endOfContent(beginning.room, 0, length, 0);
    }
    return this.head;
  }

  /** Takes one octet within a line, if there is nothing to be decided with it. */
  absorbs(octet: number): boolean {
    const { beginning } = this;
    if (beginning === undefined || octet === LINE_FEED || octet === NUL) return false;
    if (beginning.length === 0 || beginning.length >= this.harmless) return false;
    beginning.push(octet);
    return true;
  }

  private get isWithinLine(): boolean {
    return this.beginning !== undefined && this.beginning.length > 0;
  }

  private beginLine(): GrowingBytes {
    const { maxCommandBytes, maxLineBytes, maxHeaderBytes, maxFrameBytes } = this.rules.limits;
    const mostInCommand = this.command === undefined ? maxCommandBytes : maxLineBytes;
    const mostInBlock = Math.min(maxHeaderBytes, maxFrameBytes) - this.octets;
    this.harmless = Math.min(maxLineBytes, mostInCommand, mostInBlock);
    this.beginning ??= new GrowingBytes(Number.POSITIVE_INFINITY, true);
    return this.beginning;
  }

  /** Reads one line; returns the position after it, or -1 if its end has not come yet. */
  private line(bytes: Uint8Array, start: number, end: number): number {
    if (this.command === undefined) return this.commandLine(bytes, start, end);
    const kindOf = KINDS;
    let position = start;
    let nameKinds = 0;
    const guess = this.shape.successor;
    const guessed = guess?.plain === true && startsWith(bytes, start, end, guess.name);
    if (guessed) {
      position += guess.name.length + 1;
      nameKinds = IS_COLON;
    }
    while (position < end && (nameKinds & ENDS_NAME) === 0) {
      nameKinds |= kindOf[bytes[position++] as number] as number;
    }
    const colon = position - 1;
    let valueKinds = 0;
    if ((nameKinds & IS_COLON) !== 0) {
      while (position < end && (valueKinds & ENDS_LINE) === 0) {
        valueKinds |= kindOf[bytes[position++] as number] as number;
      }
    }
    const kinds = nameKinds | valueKinds;
    const lineEnd = this.endOfContent(bytes, start, position, kinds);
    if (lineEnd < 0) return -1;
    this.octets += position - start;
    if (lineEnd === start) {
      this.finish();
      return position;
    }
    if (this.values.length >= this.rules.limits.maxHeaders) {
      throw this.limitError("maxHeaders", this.rules.limits.maxHeaders, "headers");
    }
    if ((kinds & IS_CARRIAGE_RETURN) !== 0) this.checkCarriageReturns(bytes, start, lineEnd);
    if ((nameKinds & IS_COLON) === 0 || colon === start) {
      throw this.error("malformed-header", "A header must be a name, a colon and a value");
    }
    if (this.rules.strict && this.escaped && (valueKinds & IS_COLON) !== 0 && !this.isAnyError) {
      throw this.error("malformed-header", "A colon in a header value must be escaped");
    }
    // What is not UTF-8 is an error before what is no escape.
    let name = guessed ? guess.name : this.decode(bytes, start, colon, nameKinds);
    let value = this.decode(bytes, colon + 1, lineEnd, valueKinds);
    if ((kinds & IS_BACKSLASH) !== 0 && this.escaped) {
      name = this.unescape(name, bytes, start, colon, nameKinds);
      value = this.unescape(value, bytes, colon + 1, lineEnd, valueKinds);
    }
    this.add(name, value);
    return position;
  }

  private commandLine(bytes: Uint8Array, start: number, end: number): number {
    const { dialect } = this.rules;
    const kindOf = KINDS;
    let position = start;
    let kinds = 0;
    while (position < end && (kinds & ENDS_LINE) === 0) {
      kinds |= kindOf[bytes[position++] as number] as number;
    }
    const lineEnd = this.endOfContent(bytes, start, position, kinds);
    if (lineEnd < 0) return -1;
    this.octets += position - start;
    const carriageReturn = (kinds & IS_CARRIAGE_RETURN) !== 0;
    if ((kinds & NOT_IN_COMMAND) !== 0 || (carriageReturn && contains(bytes, start, lineEnd))) {
      throw this.error(
        "malformed-frame",
        "A command may not have spaces, colons or control characters in it",
      );
    }
    const known = knownCommand(bytes, start, lineEnd);
    this.rule = known?.rule;
    this.escaped = dialect.escapes.size > 0 && known?.rule.escaped !== false;
    if (known !== undefined) this.shape = known.shape;
    this.command = known === undefined ? this.decode(bytes, start, lineEnd, kinds) : known.name;
    return position;
  }

  /**
   * Where the content of a line ends, after the checks that need not wait for its end.
   *
   * @returns -1 if it has not ended yet.
   */
  private endOfContent(bytes: Uint8Array, start: number, position: number, kinds: number): number {
    if ((kinds & ENDS_LINE) === 0) {
      this.checkLength(position - start, bytes[position - 1] === CARRIAGE_RETURN);
      return -1;
    }
    const lineEnd = position - 1;
    if ((kinds & IS_NUL) !== 0) {
      // Passing a limit with this very octet counts as passing the limit.
      this.checkLength(position - start, false);
      throw this.error(
        this.command === undefined ? "malformed-frame" : "malformed-header",
        "A NUL before the blank line that ends the headers",
      );
    }
    const carriageReturn = lineEnd > start && bytes[lineEnd - 1] === CARRIAGE_RETURN;
    this.checkLength(lineEnd - start, carriageReturn);
    this.checkBlock(position - start);
    return carriageReturn && this.rules.dialect.carriageReturns ? lineEnd - 1 : lineEnd;
  }

  /** Checks so many octets of a line, of which a last carriage return may belong to its end. */
  private checkLength(octets: number, carriageReturn: boolean): void {
    const mayBeEnd = carriageReturn && this.rules.dialect.carriageReturns;
    const { maxCommandBytes, maxLineBytes, maxHeaderBytes, maxFrameBytes } = this.rules.limits;
    const isCommand = this.command === undefined && maxCommandBytes < maxLineBytes;
    const most = isCommand ? maxCommandBytes : maxLineBytes;
    const mostInBlock = Math.min(maxHeaderBytes, maxFrameBytes) - this.octets;
    const isTooLong = octets - (mayBeEnd ? 1 : 0) > most;
    // Of two limits that are passed, the one counts that was passed with an earlier octet.
    if (!isTooLong || mostInBlock <= most) this.checkBlock(octets);
    if (!isTooLong) return;
    throw isCommand
      ? this.limitError("maxCommandBytes", maxCommandBytes, "octets in a command")
      : this.limitError("maxLineBytes", maxLineBytes, "octets in a line");
  }

  private checkBlock(octets: number): void {
    const { maxHeaderBytes, maxFrameBytes } = this.rules.limits;
    if (this.octets + octets <= Math.min(maxHeaderBytes, maxFrameBytes)) return;
    throw maxHeaderBytes <= maxFrameBytes
      ? this.limitError("maxHeaderBytes", maxHeaderBytes, "octets before the body")
      : this.limitError("maxFrameBytes", maxFrameBytes, "octets in a frame");
  }

  /** In dialects where a carriage return is not data, one within a header line is an error. */
  private checkCarriageReturns(bytes: Uint8Array, start: number, lineEnd: number): void {
    if (!this.rules.dialect.carriageReturns || this.isAnyError) return;
    if (!contains(bytes, start, lineEnd)) return;
    throw this.error(
      "malformed-header",
      "A carriage return must be escaped unless it comes right before a line feed",
    );
  }

  /** Whether it is an ERROR that may be of another version: it ends the session, so it can smuggle nothing. */
  private get isAnyError(): boolean {
    return this.rules.dialect.anyError && this.command === "ERROR";
  }

  private decode(bytes: Uint8Array, start: number, end: number, kinds: number): string {
    const text = decoded(this.rules.text, bytes, start, end, kinds);
    if (text === undefined) throw this.error("invalid-utf8", "Commands and headers must be UTF-8");
    return text;
  }

  private unescape(
    written: string,
    bytes: Uint8Array,
    start: number,
    end: number,
    kinds: number,
  ): string {
    const plain = unescaped(this.rules.text, bytes, start, end, kinds, this.rules.dialect);
    if (plain === undefined) {
      if (this.isAnyError) return written;
      throw this.error("undefined-escape", "A backslash before a character that is never escaped");
    }
    return plain;
  }

  private add(name: string, value: string): void {
    this.shape = this.shape.followedBy(name);
    this.values.push(value);
    const { dialect } = this.rules;
    if (!isContentLength(name, dialect)) return;
    const length = announcedLength(value, dialect);
    // Two that differ are as bad as one that is no number. NaN differs from itself, too.
    this.bodyLength = this.bodyLength < 0 || this.bodyLength === length ? length : Number.NaN;
  }

  private finish(): void {
    const { rules, rule, octets, bodyLength } = this;
    const headers = new FrameHeaders(this.shape, this.values);
    const head = new Head(rules, rule, this.command as string, headers, octets, bodyLength);
    if (Number.isNaN(bodyLength)) {
      throw this.error(
        "invalid-content-length",
        "The content-length must be one number of octets, in digits",
      );
    }
    if (bodyLength > head.mostBodyOctets) throw head.bodyError();
    allowShape();
    this.head = head;
  }

  private error(code: ProtocolErrorCode, message: string): ProtocolError {
    return new ProtocolError(code, message, { command: this.command });
  }

  private limitError(limit: keyof FrameLimits, most: number, what: string): ProtocolError {
    return limitError(limit, most, what, this.command);
  }
}

// Blocks start from a copy of this, not from a literal: for arrays that come from a literal V8 keeps
// account of how long they live, and an application that keeps some frames for a while would have
// those of all others made where only what lives long belongs.
const NO_VALUES: string[] = [""];
NO_VALUES.pop();

const ENDS_LINE = IS_LINE_FEED | IS_NUL;
const ENDS_NAME = IS_COLON | ENDS_LINE;
const NOT_IN_COMMAND = IS_BLANK | IS_COLON;

/** Whether a name and a colon stand there. */
function startsWith(bytes: Uint8Array, start: number, end: number, name: string): boolean {
  const colon = start + name.length;
  return colon < end && bytes[colon] === COLON && standsAt(bytes, start, name);
}

/** Whether there is a carriage return among these octets. */
function contains(bytes: Uint8Array, start: number, end: number): boolean {
  const carriageReturn = CARRIAGE_RETURN;
  for (let at = start; at < end; at++) if (bytes[at] === carriageReturn) return true;
  return false;
}
