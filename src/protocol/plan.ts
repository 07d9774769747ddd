/**
 * A header block as it came last, kept to be compared with the next one.
 *
 * Most header blocks differ from the one before them in a few values. So a block is kept as octets,
 * cut into runs: lines that stay the same, and then one value that changes. Comparing a run costs
 * little, and only a value that did change is decoded, its end being searched for from the first
 * octet that differs.
 *
 * A plan never judges. What is not plainly a block of the same kind, what comes near a limit and
 * what might be an error is left to the generic reader.
 */

import type { KnownCommand } from "./command-line.ts";
import { announcedLength, isContentLength } from "./content-length.ts";
import type { Dialect } from "./dialect.ts";
import { unescaped } from "./escapes.ts";
import { Head, mayHaveBody } from "./head.ts";
import type { HeaderBlock } from "./header-block.ts";
import type { HeaderShape } from "./header-shape.ts";
import { FrameHeaders } from "./headers.ts";
import {
  COLON,
  IS_BACKSLASH,
  IS_CARRIAGE_RETURN,
  IS_COLON,
  IS_LINE_FEED,
  IS_NUL,
  KINDS,
  LINE_FEED,
} from "./octets.ts";
import type { ReadingRules } from "./rules.ts";
import { octetsFor, Run } from "./run.ts";
import { decoded } from "./utf8.ts";

/** Bytes to be compared with plans. */
export interface Sight {
  bytes: Uint8Array;
  end: number;
  /** The same bytes in words of four octets; undefined where words are not to be used. */
  words: DataView | undefined;
  /** What ends before this position may be read in words, the last of which may reach beyond it. */
  wordEnd: number;
}

/** A kind of header block, and the last one of it. */
export class Plan {
  /** The plan that matched after this one the last time: traffic has its rhythm. */
  successor: Plan = this;
  /** How often it matched, as far as that still counts. */
  matches = 0;
  /** Octets of the block that matched last, and of the body that it announced; -1: none. */
  blockOctets = 0;
  bodyLength: number;
  readonly name: string;
  private readonly command: KnownCommand;
  private readonly shape: HeaderShape;
  private readonly dialect: Dialect;
  private readonly strict: boolean;
  /** The rules by which a block was read last, and what they allow for. */
  private rules: ReadingRules | undefined = undefined;
  private mostOctets = 0;
  private mostInBody = 0;
  private mostInFrame = 0;
  private readonly contentLengthLine: number;
  /** The lines whose values have been seen to change. */
  private readonly changing = new Set<number>();
  private values: string[];
  private runs: readonly Run[] = [];
  private octets: Uint8Array = new Uint8Array(0);
  /** The same memory as `octets`. */
  private words: Int32Array = new Int32Array(0);
  private pairs: Float64Array = new Float64Array(0);

  /** A plan for blocks like this one, which may contain no carriage return. */
  constructor(command: KnownCommand, block: HeaderBlock, bodyLength: number, octets: Uint8Array) {
    const { dialect, strict } = block.rules;
    this.name = command.name;
    this.command = command;
    this.shape = block.shape;
    this.dialect = dialect;
    this.strict = strict;
    this.contentLengthLine = this.shape.names.findIndex((name) => isContentLength(name, dialect));
    this.values = [...block.values];
    this.bodyLength = bodyLength;
    this.cut(octets);
  }

  /** Whether a block is of this kind. */
  isFor({ shape, rules }: HeaderBlock): boolean {
    return shape === this.shape && rules.dialect === this.dialect && rules.strict === this.strict;
  }

  /** Takes another block of the kind, which did not match; false if there is nothing to learn from it. */
  learn(values: readonly string[], bodyLength: number, octets: Uint8Array): boolean {
    const before = this.changing.size;
    for (const [line, value] of values.entries()) {
      if (value !== this.values[line]) this.changing.add(line);
    }
    if (this.changing.size === before) return false;
    this.values = [...values];
    this.bodyLength = bodyLength;
    this.cut(octets);
    return true;
  }

  /** The headers of the block there, if it is of this kind, complete, within all limits and correct. */
  match(
    { bytes, end, words, wordEnd }: Sight,
    start: number,
    rules: ReadingRules,
  ): FrameHeaders | undefined {
    if (rules !== this.rules && !this.suits(rules)) return undefined;
    const values = this.values.slice();
    const { runs } = this;
    let position = start;
    for (let index = 0; index < runs.length; index++) {
      const run = runs[index] as Run;
      const same =
        words !== undefined && position + run.known < wordEnd
          ? this.sameWords(run, words, position)
          : this.sameOctets(run, bytes, position, end);
      if (same === run.known && run.whole) {
        if (!run.current) values[run.line] = this.valueAgain(run, bytes, position, rules);
        position += same;
        continue;
      }
      if (same < run.fixed || run.line === NO_LINE) return undefined;
      position = this.changed(run, same, bytes, position, end, rules, values);
      if (position < 0) return undefined;
    }
    const octets = position - start;
    this.blockOctets = octets;
    return octets <= this.mostOctets && this.bodyLength <= this.mostBodyOctets
      ? new FrameHeaders(this.shape, values)
      : undefined;
  }

  /** The head of the block that matched last, which had these headers. */
  head(headers: FrameHeaders, rules: ReadingRules): Head {
    const { name, command, blockOctets, bodyLength } = this;
    return new Head(rules, command.rule, name, headers, blockOctets, bodyLength);
  }

  /** How many octets the body of the block that matched last may have. */
  get mostBodyOctets(): number {
    return Math.min(this.mostInBody, this.mostInFrame - this.blockOctets);
  }

  /** Whether blocks are read by rules that allow for this kind; takes their limits. */
  private suits(rules: ReadingRules): boolean {
    const { dialect, strict, limits } = rules;
    if (
      dialect !== this.dialect ||
      strict !== this.strict ||
      this.shape.length > limits.maxHeaders ||
      this.name.length > limits.maxCommandBytes
    ) {
      return false;
    }
    this.rules = rules;
    // A block that is no longer than a line may be has no line that is too long.
    const { maxLineBytes, maxHeaderBytes, maxFrameBytes, maxBodyBytes } = limits;
    this.mostOctets = word(Math.min(maxLineBytes, maxHeaderBytes, maxFrameBytes));
    this.mostInBody = mayHaveBody(rules, this.command.rule) ? word(maxBodyBytes) : 0;
    this.mostInFrame = word(maxFrameBytes);
    return true;
  }

  /** Reads a value that is not the last one; returns the position after its line, or -1. */
  private changed(
    run: Run,
    same: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    rules: ReadingRules,
    values: string[],
  ): number {
    const kindOf = KINDS;
    let position = start + same;
    let kinds = 0;
    while (position < end && (kinds & ENDS_LINE) === 0) {
      kinds |= kindOf[bytes[position++] as number] as number;
    }
    if ((kinds & (this.strict ? NOT_WHEN_STRICT : NOT_FOR_PLANS)) !== IS_LINE_FEED) return -1;
    // What stayed the same is of the kinds that were there, or fewer: that is for whoever decodes it.
    kinds |= same > run.fixed ? run.kinds : 0;
    const from = start + run.fixed;
    const value = decodedValue(bytes, from, position - 1, kinds, rules);
    if (value === undefined) return -1;
    if (run.line === this.contentLengthLine) {
      const length = announcedLength(value, this.dialect);
      if (Number.isNaN(length)) return -1;
      this.bodyLength = length;
    }
    values[run.line] = value;
    run.current = false;
    run.kinds = kinds;
    const length = position - start;
    run.whole = length <= run.room;
    const known = run.whole ? length : run.fixed;
    run.known = known;
    const { octets } = this;
    const { at } = run;
    for (let offset = same; offset < known; offset++) {
      octets[at + offset] = bytes[start + offset] as number;
    }
    return position;
  }

  /** The value of a run that came again as it was the last time: it is worth keeping. */
  private valueAgain(run: Run, bytes: Uint8Array, start: number, rules: ReadingRules): string {
    const end = start + run.known - 1;
    const value = decodedValue(bytes, start + run.fixed, end, run.kinds, rules) as string;
    this.values[run.line] = value;
    run.current = true;
    return value;
  }

  /** How many octets are the same as in the run, in words: it may be up to three more. */
  private sameWords(run: Run, words: DataView, position: number): number {
    const { fixed, known } = run;
    const own = this.words;
    const first = run.at >> 2;
    const end = known & ~3;
    let same = this.samePairs(run, words, position);
    while (same < end && words.getInt32(position + same, true) === own[first + (same >> 2)]) {
      same += 4;
    }
    const difference = words.getInt32(position + same, true) ^ (own[first + (same >> 2)] as number);
    if (same === end && (difference & (FIRST_OCTETS[known - same] as number)) === 0) return known;
    const rest = fixed - same;
    const restIsSame = rest > 0 && rest < 4 && (difference & (FIRST_OCTETS[rest] as number)) === 0;
    return restIsSame ? fixed : same;
  }

  /**
   * How many octets are the same in pairs of words, read as numbers: none of those that consist of
   * other than NULs is equal to any but itself.
   */
  private samePairs({ at, known }: Run, words: DataView, position: number): number {
    const own = this.pairs;
    const first = at >> 3;
    const end = known & ~7;
    let same = 0;
    while (same < end && words.getFloat64(position + same, true) === own[first + (same >> 3)]) {
      same += 8;
    }
    return same;
  }

  /** The same octet by octet: where a word would reach beyond the bytes, or is not to be used. */
  private sameOctets(run: Run, bytes: Uint8Array, position: number, end: number): number {
    const { octets } = this;
    const { at } = run;
    const most = Math.min(run.known, end - position);
    let same = 0;
    while (same < most && bytes[position + same] === octets[at + same]) same++;
    return same;
  }

  /** Cuts a block into runs. */
  private cut(block: Uint8Array): void {
    const runs: Run[] = [];
    let room = 0;
    let from = 0;
    let lineStart = block.indexOf(LINE_FEED) + 1;
    for (let line = 0; line < this.values.length; line++) {
      const lineEnd = block.indexOf(LINE_FEED, lineStart) + 1;
      if (this.changing.has(line)) {
        const fixed = block.indexOf(COLON, lineStart) + 1 - from;
        const kinds = kindsOf(block, from + fixed, lineEnd);
        runs.push(new Run(room, fixed, lineEnd - from, kinds, line));
        room += octetsFor(lineEnd - from);
        from = lineEnd;
      }
      lineStart = lineEnd;
    }
    runs.push(new Run(room, block.length - from, block.length - from, 0, NO_LINE));
    room += octetsFor(block.length - from);
    this.runs = runs;
    this.pairs = new Float64Array(room >> 3);
    this.words = new Int32Array(this.pairs.buffer);
    this.octets = new Uint8Array(this.pairs.buffer);
    let copied = 0;
    for (const { at, length } of runs) {
      this.octets.set(block.subarray(copied, copied + length), at);
      copied += length;
    }
  }
}

/** Of the last run, after which no value comes. */
const NO_LINE = -1;
/** What covers the first octets of a word, by their number, on machines that put the lowest first. */
const FIRST_OCTETS = [0, 0xff, 0xffff, 0xffffff];

const ENDS_LINE = IS_LINE_FEED | IS_NUL;
const NOT_FOR_PLANS = ENDS_LINE | IS_CARRIAGE_RETURN;
const NOT_WHEN_STRICT = NOT_FOR_PLANS | IS_COLON;

/** A limit, or a lower one that fits into a word, which is faster to compare with. */
function word(limit: number): number {
  return Math.min(limit, 0x7fff_ffff) | 0;
}

function kindsOf(octets: Uint8Array, start: number, end: number): number {
  let kinds = 0;
  for (let at = start; at < end; at++) kinds |= KINDS[octets[at] as number] as number;
  return kinds;
}

/** A value of these kinds of octets; undefined if there is something wrong with it. */
function decodedValue(
  bytes: Uint8Array,
  start: number,
  end: number,
  kinds: number,
  { text, dialect }: ReadingRules,
): string | undefined {
  return (kinds & IS_BACKSLASH) === 0 || dialect.escapes.size === 0
    ? decoded(text, bytes, start, end, kinds)
    : unescaped(text, bytes, start, end, kinds, dialect);
}
