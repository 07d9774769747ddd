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
import { dialectOf } from "./dialect.ts";
import { Frame } from "./frame.ts";
import type { Head } from "./head.ts";
import { HeaderBlock } from "./header-block.ts";
import { type FrameLimits, frameLimits } from "./limits.ts";
import { CARRIAGE_RETURN, LINE_FEED, NUL } from "./octets.ts";
import { plain } from "./plain-bytes.ts";
import { afterHit, afterMiss, PATIENCE, PREDICTOR, type Predictor } from "./prediction.ts";
import { type ReadingRules, shared } from "./rules.ts";
import { UnfinishedBody } from "./unfinished-body.ts";
import { TEXT, type Text } from "./utf8.ts";
import type { Version } from "./version.ts";

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
}

/** Reads frames and heart-beats out of chunks of bytes. */
export class FrameParser {
  private rules: ReadingRules;
  private chunk: Uint8Array = NOTHING;
  /** Its memory, once a body was seen in it: asking for that costs as much as a body. */
  private buffer: ArrayBufferLike | undefined = undefined;
  private position = 0;
  /** Chunks behind the current one, if there ever were any. */
  private queue: Chunks | undefined = undefined;
  private endOfLines = 0;
  /** A carriage return outside frames whose line feed has not come yet. */
  private carriageReturn = false;
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
      dialect: dialectOf(options.version ?? "1.2"),
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
    this.rules = shared({ ...this.rules, dialect: dialectOf(version) });
  }

  /** The limits by which the next frame is read; may be changed between two frames. */
  get limits(): Readonly<FrameLimits> {
    return this.rules.limits;
  }

  set limits(limits: Readonly<FrameLimits>) {
    this.rules = shared({ ...this.rules, limits });
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
    return this.chunk.length - this.position + (this.queue?.octets ?? 0);
  }

  /**
   * Takes a chunk of any size; several may be pushed before they are read. It must not be written to
   * before everything in it was read, and unless `copyBodies` is set, not afterwards either.
   * After an error it is ignored.
   */
  push(chunk: Uint8Array): void {
    if (this.spent || chunk.length === 0) return;
    // Behind those that wait, also where a frame ended with the current chunk.
    if (this.unreadBytes === 0) this.begin(chunk);
    else {
      this.queue ??= new Chunks();
      this.queue.add(chunk);
    }
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
    try {
      for (;;) {
        const frame = this.chunk.length < CRUMB ? this.advanceByOctets() : this.advance();
        if (frame !== undefined || !this.nextChunk()) return frame;
      }
    } catch (error) {
      this.spend();
      throw error;
    }
  }

  /** Reads the current chunk up to the end of a frame, or to its own end. */
  private advance(): Frame | undefined {
    const { body } = this;
    if (body !== undefined) return this.readBody(body);
    const head = this.readHead();
    if (head === undefined) return undefined;
    return this.wholeFrame(head) ?? this.readBody(new UnfinishedBody(head));
  }

  /** The same for chunks so small that anything done for all of it would cost more. */
  private advanceByOctets(): Frame | undefined {
    const { chunk } = this;
    while (this.position < chunk.length) {
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

  /** Reads up to the body of a frame. */
  private readHead(): Head | undefined {
    const { block } = this;
    if (block === undefined) return this.skipEndOfLines() ? this.newHead() : undefined;
    const chunk = plain(this.chunk);
    this.chunk = chunk;
    const bodyStart = block.read(chunk, this.position, chunk.length);
    this.block = block.head === undefined ? block : undefined;
    this.position = bodyStart < 0 ? chunk.length : bodyStart;
    return block.head;
  }

  /** Reads the head of a frame that begins here, like an earlier one if it can. */
  private newHead(): Head | undefined {
    const { position, patience, rules } = this;
    const { predictor } = rules;
    if (patience > 0) {
      const head = predictor.recognise(this.chunk, position, rules);
      if (head !== undefined) {
        this.position += head.octets;
        this.patience = afterHit(patience);
        return head;
      }
    }
    this.block = new HeaderBlock(this.rules);
    const head = this.readHead();
    const learnt =
      patience > 0 && head !== undefined && predictor.learn(head, this.chunk, position);
    this.patience = afterMiss(patience, learnt);
    return head;
  }

  /** Skips end-of-lines between frames; false if nothing else is there. */
  private skipEndOfLines(): boolean {
    const { chunk } = this;
    while (this.position < chunk.length) {
      if (!this.isEndOfLine(chunk[this.position] as number)) return true;
      this.position++;
    }
    return false;
  }

  /** Whether an octet between frames is, or may become, an end-of-line. */
  private isEndOfLine(octet: number): boolean {
    if (octet === LINE_FEED) {
      this.endOfLines++;
      this.carriageReturn = false;
      return true;
    }
    if (this.carriageReturn) {
      throw new ProtocolError("malformed-frame", "A carriage return without its line feed");
    }
    if (octet !== CARRIAGE_RETURN) return false;
    if (!this.rules.dialect.carriageReturns) {
      throw new ProtocolError(
        "malformed-frame",
        "A carriage return between frames: this version of STOMP has line feeds only",
      );
    }
    this.carriageReturn = true;
    return true;
  }

  /** The frame, if all of its body is in this chunk. */
  private wholeFrame(head: Head): Frame | undefined {
    const { chunk, position } = this;
    const bodyEnd = head.isCounted ? position + head.bodyLength : this.indexOfNul();
    if (bodyEnd < 0 || bodyEnd >= chunk.length) return undefined;
    if (chunk[bodyEnd] !== NUL) throw head.missingNul();
    this.position = bodyEnd + 1;
    const length = bodyEnd - position;
    if (length === 0) return new Frame(head.command, head.headers, NOTHING);
    // An announced length was within the limits, or the head would not be there.
    if (!head.isCounted && length > head.mostBodyOctets) throw head.bodyError();
    return new Frame(head.command, head.headers, this.bodyAt(position, length));
  }

  private indexOfNul(): number {
    const { chunk, position, rules } = this;
    return chunk[position] === NUL ? position : rules.text.indexOfNul(chunk, position);
  }

  private bodyAt(start: number, length: number): Uint8Array {
    const { chunk, rules } = this;
    return rules.copyBodies ? chunk.slice(start, start + length) : this.viewAt(start, length);
  }

  private viewAt(start: number, length: number): Uint8Array {
    this.buffer ??= this.chunk.buffer;
    return new Uint8Array(this.buffer, this.chunk.byteOffset + start, length);
  }

  /** Reads on in a body that is not all in one chunk. */
  private readBody(body: UnfinishedBody): Frame | undefined {
    const end = body.read(this.chunk, this.position);
    this.position = end < 0 ? this.chunk.length : end;
    if (end >= 0) return this.endBody(body);
    this.body = body;
    return undefined;
  }

  private endBody(body: UnfinishedBody): Frame {
    this.body = undefined;
    return body.frame;
  }

  private nextChunk(): boolean {
    const chunk = this.queue?.take();
    this.begin(chunk ?? NOTHING);
    return chunk !== undefined;
  }

  private begin(chunk: Uint8Array): void {
    this.chunk = chunk;
    this.buffer = undefined;
    this.position = 0;
  }

  private spend(): void {
    this.spent = true;
    this.begin(NOTHING);
    this.queue = undefined;
    this.block = undefined;
    this.body?.release();
    this.body = undefined;
  }
}

const NOTHING = new Uint8Array(0);
const DEFAULT_LIMITS = frameLimits();
/** Smaller chunks are read octet by octet. */
const CRUMB = 16;
