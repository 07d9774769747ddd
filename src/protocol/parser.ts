/**
 * Chunks of bytes to frames.
 *
 * Frames are pulled one by one, because the version and the limits may change between two frames of
 * one chunk. The work is linear in the bytes, however they are cut; no more than one unfinished
 * frame is kept, in as much memory as its bytes need. After an error the parser is spent: what the
 * bytes behind it mean cannot be known, and guessing is how frames get smuggled.
 */

import { ProtocolError } from "../errors.ts";
import { dialectOf } from "./dialect.ts";
import { Frame } from "./frame.ts";
import { GrowingBytes } from "./growing.ts";
import type { Head, ReadingRules } from "./head.ts";
import { HeaderBlock } from "./header-block.ts";
import { type FrameLimits, frameLimits } from "./limits.ts";
import { CARRIAGE_RETURN, LINE_FEED, NUL } from "./octets.ts";
import { afterHit, afterMiss, PATIENCE, PREDICTOR, type Predictor } from "./prediction.ts";
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
  private position = 0;
  /** Chunks behind the current one. */
  private queue: Uint8Array[] = NO_CHUNKS;
  private dequeued = 0;
  private queuedOctets = 0;
  private endOfLines = 0;
  /** A carriage return outside frames whose line feed has not come yet. */
  private carriageReturn = false;
  /** The frame that has begun: its header block, */
  private block: HeaderBlock | undefined = undefined;
  /** or, when that is complete, its head, */
  private head: Head | undefined = undefined;
  /** and what has come of its body in earlier chunks. */
  private body: GrowingBytes | undefined = undefined;
  private readonly predictor: Predictor;
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
    this.predictor = predictor;
    this.rules = {
      dialect: dialectOf(options.version ?? "1.2"),
      limits: options.limits === undefined ? DEFAULT_LIMITS : frameLimits(options.limits),
      strict: options.strict === true,
      copyBodies: options.copyBodies === true,
      text,
    };
  }

  /** The version by which the next frame is read; may be changed between two frames. */
  get version(): Version {
    return this.rules.dialect.version;
  }

  set version(version: Version) {
    this.rules = { ...this.rules, dialect: dialectOf(version) };
  }

  /** The limits by which the next frame is read; may be changed between two frames. */
  get limits(): Readonly<FrameLimits> {
    return this.rules.limits;
  }

  set limits(limits: Readonly<FrameLimits>) {
    this.rules = { ...this.rules, limits };
  }

  /** End-of-lines seen outside frames: heart-beats, and those that follow a frame. */
  get heartbeats(): number {
    return this.endOfLines;
  }

  /** Whether a frame has begun and is not complete. */
  get unfinished(): boolean {
    return this.block !== undefined || this.head !== undefined;
  }

  /** Octets that were pushed and not looked at yet. */
  get unreadBytes(): number {
    return this.chunk.length - this.position + this.queuedOctets;
  }

  /**
   * Takes a chunk of any size; several may be pushed before they are read. It must not be written to
   * before everything in it was read, and unless `copyBodies` is set, not afterwards either.
   * After an error it is ignored.
   */
  push(chunk: Uint8Array): void {
    if (this.spent || chunk.length === 0) return;
    if (this.position === this.chunk.length) {
      this.chunk = plain(chunk);
      this.position = 0;
      return;
    }
    if (this.queue === NO_CHUNKS) this.queue = [];
    this.queue.push(chunk);
    this.queuedOctets += chunk.length;
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
        const frame = this.advance();
        if (frame !== undefined || !this.nextChunk()) return frame;
      }
    } catch (error) {
      this.spend();
      throw error;
    }
  }

  /** Reads the current chunk up to the end of a frame, or to its own end. */
  private advance(): Frame | undefined {
    const head = this.head ?? this.readHead();
    if (head === undefined) return undefined;
    if (this.position === this.chunk.length) {
      this.head = head;
      return undefined;
    }
    return head.bodyLength >= 0 ? this.countedBody(head) : this.terminatedBody(head);
  }

  /** Reads up to the body of a frame. */
  private readHead(): Head | undefined {
    const { chunk, block } = this;
    if (block === undefined) return this.skipEndOfLines() ? this.newHead() : undefined;
    const bodyStart = block.read(chunk, this.position, chunk.length);
    this.block = block.head === undefined ? block : undefined;
    this.position = bodyStart < 0 ? chunk.length : bodyStart;
    return block.head;
  }

  /** Reads the head of a frame that begins here, like an earlier one if it can. */
  private newHead(): Head | undefined {
    const { chunk, position, predictor, patience } = this;
    if (patience > 0) {
      const head = predictor.recognise(chunk, position, this.rules);
      if (head !== undefined) {
        this.position += head.octets;
        this.patience = afterHit(patience);
        return head;
      }
    }
    this.block = new HeaderBlock(this.rules);
    const head = this.readHead();
    const learnt = patience > 0 && head !== undefined && predictor.learn(head, chunk, position);
    this.patience = afterMiss(patience, learnt);
    return head;
  }

  /** Skips end-of-lines between frames; false if nothing else is there. */
  private skipEndOfLines(): boolean {
    const { chunk } = this;
    while (this.position < chunk.length) {
      const octet = chunk[this.position];
      if (octet === LINE_FEED) {
        this.endOfLines++;
        this.carriageReturn = false;
      } else if (this.carriageReturn) {
        throw new ProtocolError("malformed-frame", "A carriage return without its line feed");
      } else if (octet !== CARRIAGE_RETURN) {
        return true;
      } else if (this.rules.dialect.carriageReturns) {
        this.carriageReturn = true;
      } else {
        throw new ProtocolError(
          "malformed-frame",
          "A carriage return between frames: this version of STOMP has line feeds only",
        );
      }
      this.position++;
    }
    return false;
  }

  /** A body of announced length: the NUL behind it must be where it is expected. */
  private countedBody(head: Head): Frame | undefined {
    const { chunk, position, body } = this;
    const bodyEnd = position + head.bodyLength - (body?.length ?? 0);
    if (bodyEnd >= chunk.length) {
      this.keep(head, chunk.length, head.bodyLength);
      return undefined;
    }
    if (chunk[bodyEnd] !== NUL) {
      throw head.error("missing-nul", "The octet after a body of the announced length must be NUL");
    }
    return this.frame(head, bodyEnd);
  }

  /** A body that ends with the first NUL. */
  private terminatedBody(head: Head): Frame | undefined {
    const { chunk, position, body } = this;
    const nul = chunk[position] === NUL ? position : head.rules.text.indexOfNul(chunk, position);
    const bodyEnd = nul < 0 ? chunk.length : nul;
    const octets = bodyEnd - position + (body?.length ?? 0);
    if (octets > head.mostBodyOctets) throw head.bodyError();
    if (nul >= 0) return this.frame(head, bodyEnd);
    this.keep(head, bodyEnd, head.mostBodyOctets);
    return undefined;
  }

  /** Keeps the octets up to there for later chunks to complete. */
  private keep(head: Head, end: number, most: number): void {
    this.head = head;
    this.body ??= new GrowingBytes(most);
    this.body.append(this.chunk, this.position, end);
    this.position = end;
  }

  /** The frame whose body ends there, with a NUL. */
  private frame(head: Head, bodyEnd: number): Frame {
    const body = this.wholeBody(head.rules, bodyEnd);
    this.head = undefined;
    this.body = undefined;
    this.position = bodyEnd + 1;
    return new Frame(head.command, head.headers, body);
  }

  private wholeBody(rules: ReadingRules, end: number): Uint8Array {
    const { chunk, position, body } = this;
    if (body !== undefined) {
      body.append(chunk, position, end);
      const { bytes } = body;
      return rules.copyBodies && bytes.length < bytes.buffer.byteLength ? bytes.slice() : bytes;
    }
    if (end === position) return NOTHING;
    return rules.copyBodies
      ? chunk.slice(position, end)
      : new Uint8Array(chunk.buffer, chunk.byteOffset + position, end - position);
  }

  private nextChunk(): boolean {
    const chunk = this.queue[this.dequeued];
    this.position = 0;
    if (chunk === undefined) {
      this.chunk = NOTHING;
      this.queue = NO_CHUNKS;
      this.dequeued = 0;
      return false;
    }
    this.chunk = plain(chunk);
    this.queue[this.dequeued++] = NOTHING;
    this.queuedOctets -= chunk.length;
    return true;
  }

  private spend(): void {
    this.spent = true;
    this.chunk = NOTHING;
    this.position = 0;
    this.queue = NO_CHUNKS;
    this.dequeued = 0;
    this.queuedOctets = 0;
    this.block = undefined;
    this.head = undefined;
    this.body = undefined;
  }
}

const NOTHING = new Uint8Array(0);
const NO_CHUNKS: Uint8Array[] = [];
const DEFAULT_LIMITS = frameLimits();

/**
 * The chunk as a Uint8Array and nothing more: a loop that has seen Buffers as well is half as fast
 * for good.
 */
function plain(chunk: Uint8Array): Uint8Array {
  return chunk.constructor === Uint8Array
    ? chunk
    : new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
}
