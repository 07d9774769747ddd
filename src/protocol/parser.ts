/**
 * Chunks of bytes to frames.
 *
 * Frames are pulled one by one, because the version and the limits may change between two frames of
 * one chunk. The work is linear in the bytes, however they are cut; no more than one unfinished
 * frame is kept, in as much memory as its bytes need. After an error the parser is spent: what the
 * bytes behind it mean cannot be known, and guessing is how frames get smuggled.
 */

import { ProtocolError } from "../errors.ts";
import { Chunks } from "./chunks.ts";
import { dialectOf, INTRODUCTION } from "./dialect.ts";
import { Frame } from "./frame.ts";
import { HeaderBlock } from "./header-block.ts";
import type { FrameHeaders } from "./headers.ts";
import { type FrameLimits, fixedLimits, frameLimits } from "./limits.ts";
import { CARRIAGE_RETURN, LINE_FEED, NUL } from "./octets.ts";
import { isBytes, plain } from "./plain-bytes.ts";
import type { Plan } from "./plan.ts";
import { afterHit, afterMiss, PATIENCE, PREDICTOR, type Predictor } from "./prediction.ts";
import { type ReadingRules, shared } from "./rules.ts";
import { UnfinishedBody } from "./unfinished-body.ts";
import { TEXT, type Text } from "./utf8.ts";
import type { Version } from "./version.ts";
import { forgetViewed, viewOn } from "./views.ts";

/** How a {@link FrameParser} reads. */
export interface FrameParserOptions {
  /** Default "1.2". */
  version?: Version | undefined;
  /** What may be held of one frame; defaults for those not given. */
  limits?: Partial<FrameLimits> | undefined;
  /**
   * Copies bodies out of the chunks. Without it a body is a view on the chunk that it came in: it
   * keeps the whole chunk alive, and changes when the chunk is written to again.
   */
  copyBodies?: boolean | undefined;
  /** Refuses a colon in a header value that should have been escaped. */
  strict?: boolean | undefined;
  /** @internal No version is agreed on until `version` is set. */
  introducing?: boolean | undefined;
}

/** Reads frames and heart-beats out of chunks of bytes. */
export class FrameParser {
  private rules: ReadingRules;
  private chunk: Uint8Array = NOTHING;
  private position = 0;
  /**
   * How many octets the chunk had when it began: once all were read it may be transferred, or resized,
   * and what is behind them then was never pushed.
   */
  private end = 0;
  /** Chunks behind the current one, if there ever were any. */
  private queue: Chunks | undefined = undefined;
  private endOfLines = 0;
  /** Of carriage returns outside frames: `PENDING`, if the line feed has not come yet, and `TOLERATED`. */
  private carriageReturn = 0;
  /** The frame that has begun in an earlier chunk: its header block, */
  private block: HeaderBlock | undefined = undefined;
  /** or, when that is complete, its body. */
  private body: UnfinishedBody | undefined = undefined;
  private patience = PATIENCE;
  private spent = false;

  /**
   * @param text What decodes headers; this and the next for tests of platforms other than this one.
   * @param predictor What recognises header blocks.
   * @throws {ProtocolError} `invalid-option`
   */
  constructor(
    options: FrameParserOptions = {},
    text: Text = TEXT,
    predictor: Predictor = PREDICTOR,
  ) {
    this.rules = shared({
      dialect: options.introducing === true ? INTRODUCTION : dialectOf(options.version ?? "1.2"),
      limits: options.limits === undefined ? DEFAULT_LIMITS : frameLimits(options.limits),
      strict: options.strict === true,
      copyBodies: options.copyBodies === true,
      text,
      predictor,
    });
  }

  /** The version by which the next frame is read; may be changed between two frames. */
  get version(): Version {
    return this.rules.dialect.version;
  }

  set version(version: Version) {
    // What the peer writes behind its introduction, it may write before it knows the version.
    if (this.rules.dialect === INTRODUCTION) this.carriageReturn |= TOLERATED;
    this.rules = shared({ ...this.rules, dialect: dialectOf(version) });
  }

  /** The limits by which the next frame is read; may be changed between two frames. */
  get limits(): Readonly<FrameLimits> {
    return this.rules.limits;
  }

  set limits(limits: Readonly<FrameLimits>) {
    this.rules = shared({ ...this.rules, limits: fixedLimits(limits) });
  }

  /** End-of-lines seen outside frames: heart-beats, and those that follow a frame. */
  get heartbeats(): number {
    return this.endOfLines;
  }

  /** Whether a frame has begun and is not complete. */
  get unfinished(): boolean {
    return this.block !== undefined || this.body !== undefined;
  }

  /** Octets that were pushed and not looked at yet. */
  get unreadBytes(): number {
    return this.end - this.position + (this.queue?.octets ?? 0);
  }

  /**
   * Takes a chunk of any size; several may be pushed before they are read. It must not be written
   * to, resized or transferred before everything in it was read, and unless `copyBodies` is set, not
   * afterwards either. After an error it is ignored.
   *
   * @throws {ProtocolError} `invalid-option` for what is no Uint8Array: it would be lost without a word.
   */
  push(chunk: Uint8Array): void {
    if (!isBytes(chunk)) throw new ProtocolError("invalid-option", "push() takes a Uint8Array");
    if (this.spent || chunk.length === 0) return;
    // Behind those that wait, also where a frame ended with the current chunk.
    const isRead = this.position === this.end;
    if (isRead && (this.queue === undefined || this.queue.octets === 0)) {
      if (chunk.length === 1 && this.absorbs(chunk[0] as number)) return;
      this.begin(chunk);
    } else {
      this.lineUp(chunk);
    }
  }

  /**
   * @internal Makes what is left of a chunk its own, so that whoever gave it may write to it. Of an
   * earlier chunk it is its own already, and not copied again with every one that comes.
   */
  keep(chunk: Uint8Array): void {
    if (this.position === this.end || this.chunk.buffer !== chunk.buffer) return;
    const left = plain(this.chunk).slice(this.position, this.end);
    this.begin(left);
  }

  /**
   * The next frame; undefined if more bytes are needed.
   *
   * @throws {ProtocolError} for what is no frame, or too long, with one of the codes
   * `malformed-frame`, `malformed-header`, `undefined-escape`, `invalid-utf8`,
   * `invalid-content-length`, `missing-nul`, `body-not-allowed`, `limit-exceeded`; from then on,
   * `closed`.
   */
  next(): Frame | undefined {
    if (this.spent) throw new ProtocolError("closed", "The parser is spent after an error");
    if (this.end === 0 && this.queue === undefined) return undefined;
    try {
      for (;;) {
        const frame = this.end < CRUMB ? this.advanceByOctets() : this.advance();
        if (frame !== undefined || !this.nextChunk()) return frame;
      }
    } catch (error) {
      this.spend();
      throw error;
    }
  }

  /** Lines a chunk up behind others: whoever wants copies may write to it meanwhile. */
  private lineUp(chunk: Uint8Array): void {
    this.queue ??= new Chunks();
    this.queue.add(this.rules.copyBodies ? plain(chunk).slice() : chunk);
  }

  /** Takes an octet at once that is within a frame and decides nothing: most of those that come alone. */
  private absorbs(octet: number): boolean {
    const { block, body } = this;
    return block === undefined ? body?.absorbs(octet) === true : block.absorbs(octet);
  }

  /** Reads the current chunk up to the end of a frame, or to its own end. */
  private advance(): Frame | undefined {
    const { body, block } = this;
    if (body !== undefined) return this.readBody(body);
    if (block !== undefined) return this.readBlock(block);
    return this.skipEndOfLines() ? this.readFrame() : undefined;
  }

  /** The same for chunks so small that anything done for all of it would cost more. */
  private advanceByOctets(): Frame | undefined {
    const { chunk } = this;
    while (this.position < this.end) {
      const octet = chunk[this.position++] as number;
      if (this.body !== undefined) {
        if (this.body.take(octet)) return this.endBody(this.body);
      } else if (this.block !== undefined || !this.isEndOfLine(octet)) {
        this.block ??= new HeaderBlock(this.rules);
        const head = this.block.take(octet);
        if (head === undefined) continue;
        this.block = undefined;
        this.body = new UnfinishedBody(head);
      }
    }
    return undefined;
  }

  /** Reads a frame that begins here. */
  private readFrame(): Frame | undefined {
    const { rules } = this;
    if (this.patience > 0) {
      const headers = rules.predictor.recognise(this.chunk, this.position, rules);
      if (headers !== undefined) return this.readAsPlanned(rules.predictor.last as Plan, headers);
    }
    return this.readAndLearn();
  }

  /** Reads on behind a block that was recognised. */
  private readAsPlanned(plan: Plan, headers: FrameHeaders): Frame | undefined {
    this.patience = afterHit(this.patience);
    this.position += plan.blockOctets;
    const { bodyLength } = plan;
    const isCounted = bodyLength >= 0;
    const most = isCounted ? bodyLength : plan.mostBodyOctets;
    return (
      this.wholeFrame(plan.name, headers, isCounted, most) ??
      this.readBody(new UnfinishedBody(plan.head(headers, this.rules)))
    );
  }

  private readAndLearn(): Frame | undefined {
    this.chunk = plain(this.chunk);
    const { chunk, patience, position, rules } = this;
    const block = new HeaderBlock(rules);
    const frame = this.readBlock(block);
    const learnt = patience > 0 && rules.predictor.learn(block, chunk, position);
    this.patience = afterMiss(patience, learnt);
    return frame;
  }

  /** Reads on in a block that has begun, and behind it. */
  private readBlock(block: HeaderBlock): Frame | undefined {
    this.chunk = plain(this.chunk);
    const { chunk, position, end } = this;
    const bodyStart = block.read(chunk, position, end);
    this.block = block.head === undefined ? block : undefined;
    this.position = bodyStart < 0 ? end : bodyStart;
    const { head } = block;
    if (head === undefined) return undefined;
    if (head.isIntroduction) this.cutOff();
    const { command, headers, isCounted, bodyLength } = head;
    const most = isCounted ? bodyLength : head.mostBodyOctets;
    return (
      this.wholeFrame(command, headers, isCounted, most) ?? this.readBody(new UnfinishedBody(head))
    );
  }

  /** Cuts off what was read: who looks at the rest of the chunk may copy it, but no passcode. */
  private cutOff(): void {
    this.letGoOfSecrets();
    this.chunk = this.chunk.subarray(this.position);
    this.end -= this.position;
    this.position = 0;
  }

  /** Skips end-of-lines between frames; false if nothing else is there. */
  private skipEndOfLines(): boolean {
    const { chunk, end } = this;
    while (this.position < end) {
      const octet = chunk[this.position] as number;
      if ((octet > CARRIAGE_RETURN && this.carriageReturn === 0) || !this.isEndOfLine(octet))
        return true;
      this.position++;
    }
    return false;
  }

  /** Whether an octet between frames is, or may become, an end-of-line. */
  private isEndOfLine(octet: number): boolean {
    if (octet === LINE_FEED) {
      this.endOfLines++;
      this.carriageReturn &= TOLERATED;
      return true;
    }
    if ((this.carriageReturn & PENDING) !== 0) {
      throw new ProtocolError("malformed-frame", "A carriage return without its line feed");
    }
    if (octet !== CARRIAGE_RETURN) {
      this.carriageReturn = 0;
      return false;
    }
    if (!this.rules.dialect.carriageReturns && this.carriageReturn !== TOLERATED) {
      throw new ProtocolError(
        "malformed-frame",
        "A carriage return between frames: this version of STOMP has line feeds only",
      );
    }
    this.carriageReturn |= PENDING;
    return true;
  }

  /** The frame, if all of its body is in this chunk and there is nothing wrong with it. */
  private wholeFrame(
    command: string,
    headers: FrameHeaders,
    isCounted: boolean,
    most: number,
  ): Frame | undefined {
    const { chunk, position, end } = this;
    const bodyEnd = isCounted ? position + most : this.indexOfNul();
    if (bodyEnd < 0 || bodyEnd >= end || bodyEnd - position > most) return undefined;
    if (chunk[bodyEnd] !== NUL) return undefined;
    this.position = bodyEnd + 1;
    const length = bodyEnd - position;
    return new Frame(command, headers, this.bodyAt(position, length));
  }

  private indexOfNul(): number {
    const { chunk, position } = this;
    return chunk[position] === NUL ? position : this.rules.text.indexOfNul(chunk, position);
  }

  private bodyAt(start: number, length: number): Uint8Array {
    // The slices of Buffers are views; and what is left behind an introduction may be a crumb, which
    // nobody lets go of.
    if (this.rules.copyBodies || this.end < CRUMB) {
      return plain(this.chunk).slice(start, start + length);
    }
    return length === 0 ? NOTHING : viewOn(this.chunk, start, length);
  }

  /** Reads on in a body that is not all in one chunk. */
  private readBody(body: UnfinishedBody): Frame | undefined {
    const frameEnd = body.read(this.chunk, this.position, this.end);
    this.position = frameEnd < 0 ? this.end : frameEnd;
    if (frameEnd >= 0) return this.endBody(body);
    this.body = body;
    return undefined;
  }

  private endBody(body: UnfinishedBody): Frame {
    this.body = undefined;
    return body.handOver();
  }

  private nextChunk(): boolean {
    const chunk = this.queue?.take();
    this.begin(chunk ?? NOTHING);
    return chunk !== undefined;
  }

  private begin(chunk: Uint8Array): void {
    if (this.end >= CRUMB || chunk.length >= CRUMB) this.letGo();
    this.chunk = chunk;
    this.position = 0;
    this.end = chunk.length;
  }

  /** Nobody is to keep a chunk because we do; and when it comes again, to whomever, its size may be another. */
  private letGo(): void {
    forgetViewed();
    this.rules.predictor.lookAway();
  }

  /** The same, where there was a passcode, or may have been one. */
  private letGoOfSecrets(): void {
    this.letGo();
    this.rules.predictor.wipe();
  }

  /** @internal Reads nothing any more, and keeps nothing of what came: there may be a passcode in it. */
  spend(): void {
    this.spent = true;
    this.letGoOfSecrets();
    this.begin(NOTHING);
    this.queue = undefined;
    this.block = undefined;
    this.body?.release();
    this.body = undefined;
  }
}

const NOTHING = new Uint8Array(0);
const DEFAULT_LIMITS = frameLimits();
const PENDING = 1;
/** Until the next frame begins, one may come in any version. */
const TOLERATED = 2;
/** Smaller chunks are read octet by octet. */
const CRUMB = 16;
