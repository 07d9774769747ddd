/** Reads the same bytes twice, cut differently: nothing but the pieces may differ. */

import { type Frame, FrameParser, type Version } from "stomp-engine";
import { fromOctets } from "../octets.ts";
import { Random } from "../random.ts";
import type { Tally } from "../tally.ts";
import type { ParserCase } from "./case.ts";
import { type ReferenceFrame, referenceRead } from "./reference.ts";

const CODES = new Set([
  "malformed-frame",
  "malformed-header",
  "undefined-escape",
  "invalid-utf8",
  "invalid-content-length",
  "missing-nul",
  "body-not-allowed",
  "limit-exceeded",
]);
/** One in so many cases. */
const ASKED = 8;
const SPOILT = 0xaa;

/** @returns What is wrong; undefined if nothing is. */
export function runParser(given: ParserCase, tally: Tally): string | undefined {
  const whole = new Reading(given, given.copyBodies);
  // Who copies bodies may do with his chunks what he likes.
  const first = given.copyBodies ? given.input.slice() : given.input;
  whole.push(first);
  whole.read();
  if (given.copyBodies) first.fill(SPOILT);
  const cut = new Reading(given, !given.copyBodies);
  readInPieces(cut, given);
  tally.frames += whole.frames.length + cut.frames.length;
  return whole.fault ?? cut.fault ?? difference(whole, cut) ?? untruth(whole, given);
}

/** What a reader that is nothing but right says otherwise. It is slow: it is asked now and then. */
function untruth({ frames, error }: Reading, given: ParserCase): string | undefined {
  const { input, version, strict, limits, change, cuts } = given;
  const asked = change === undefined && Object.keys(limits).length === 0 && input.length < 8_000;
  if (!asked || cuts % ASKED !== 0) return undefined;
  const right = referenceRead(fromOctets(input), version, strict);
  if (error !== right.error) return `the error is ${error}, and ${right.error} is right`;
  const [said, truth] = [frames.map(plain), right.frames];
  if (said.length !== truth.length) return `${said.length} frames, and ${truth.length} are right`;
  const at = truth.findIndex((frame, at) => JSON.stringify(frame) !== JSON.stringify(said[at]));
  return at < 0 ? undefined : `frame ${at} is not ${JSON.stringify(truth[at])}`;
}

function plain({ command, headers, body }: Frame): ReferenceFrame {
  return { command, headers: headers.all(), body: fromOctets(body) };
}

/** All that a parser says to some bytes. */
class Reading {
  readonly frames: Frame[] = [];
  error: string | undefined;
  message = "";
  fault: string | undefined;
  readonly parser: FrameParser;
  private readonly change: ParserCase["change"];
  private pushed = 0;

  constructor({ version, strict, limits, change }: ParserCase, copyBodies: boolean) {
    this.parser = new FrameParser({ version, strict, limits, copyBodies });
    this.change = change;
  }

  push(piece: Uint8Array): void {
    this.pushed += piece.length;
    this.parser.push(piece);
  }

  /** @param most How many frames are taken; what is behind them waits. */
  read(most: number = Number.POSITIVE_INFINITY): void {
    if (this.error !== undefined) return;
    try {
      for (let left = most; left > 0; left--) {
        const frame = this.parser.next();
        if (frame === undefined) break;
        this.frames.push(frame);
        if (this.frames.length === this.change?.after) this.apply(this.change);
      }
      if (most < Number.POSITIVE_INFINITY) return;
      if (this.parser.unreadBytes !== 0) this.fault = "bytes are left, and no frame was given";
    } catch (error) {
      this.error = codeOf(error);
      this.message = String(error);
      if (!CODES.has(this.error)) this.fault = `next() threw ${error}`;
      else if (!isSpent(this.parser)) this.fault = "the parser goes on after an error";
    }
  }

  private apply({ version, maxBodyBytes }: { version: Version; maxBodyBytes: number }): void {
    this.parser.version = version;
    this.parser.limits = { ...this.parser.limits, maxBodyBytes };
  }
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code);
}

function isSpent(parser: FrameParser): boolean {
  parser.push(Uint8Array.of(10));
  try {
    parser.next();
    return false;
  } catch (error) {
    return codeOf(error) === "closed" && parser.unreadBytes === 0 && !parser.unfinished;
  }
}

function readInPieces(reading: Reading, { input, cuts }: ParserCase): void {
  const random = new Random(cuts);
  const manner = random.below(16);
  const pieces = manner === 0 ? input.length : 1 + random.below(manner < 4 ? 64 : 8);
  const most = manner === 0 ? 1 : Math.ceil((2 * input.length) / pieces);
  // Without reading all in between, chunks queue up.
  const reads = random.pick([1, 1, 1, 0.5, 0]);
  const frames = random.chance(0.3) ? 1 + random.below(3) : undefined;
  for (let at = 0; at < input.length; ) {
    const end = Math.min(input.length, at + 1 + random.below(most));
    reading.push(input.subarray(at, end));
    if (reads === 1 || random.chance(reads)) reading.read(frames);
    at = end;
  }
  reading.read();
}

function difference(one: Reading, other: Reading): string | undefined {
  if (one.error !== other.error) return `whole: ${one.error}, in pieces: ${other.error}`;
  if (one.message !== other.message) return `whole: ${one.message}, in pieces: ${other.message}`;
  if (one.frames.length !== other.frames.length) {
    return `whole: ${one.frames.length} frames, in pieces: ${other.frames.length}`;
  }
  for (let at = 0; at < one.frames.length; at++) {
    const what = frameDifference(one.frames[at] as Frame, other.frames[at] as Frame);
    if (what !== undefined) return `frame ${at} differs in its ${what}`;
  }
  if (one.error !== undefined) return undefined;
  if (one.parser.heartbeats !== other.parser.heartbeats) return "the heart-beats differ";
  return one.parser.unfinished === other.parser.unfinished ? undefined : "unfinished differs";
}

function frameDifference(one: Frame, other: Frame): string | undefined {
  if (one.command !== other.command) return "command";
  const [entries, others] = [one.headers.all(), other.headers.all()];
  if (entries.length !== others.length) return "number of headers";
  for (let at = 0; at < entries.length; at++) {
    const [name, value] = entries[at] as readonly [string, string];
    const [otherName, otherValue] = others[at] as readonly [string, string];
    if (name !== otherName || value !== otherValue) return `header ${at}`;
  }
  return isSame(one.body, other.body) ? undefined : "body";
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
