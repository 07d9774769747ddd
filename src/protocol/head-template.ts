/**
 * Heads of frames as they went out last, kept to be written again.
 *
 * Most frames differ from the one before them, of the same command, in a few header values. So the
 * head is kept as octets, and only the values that are different are written anew. Where a value
 * would have to be escaped, or anything else is not as it was, the encoder starts from scratch.
 */

import { ruleOf } from "./commands.ts";
import type { Dialect } from "./dialect.ts";
import type { HeaderObject } from "./headers.ts";
import { COLON, IS_BLANK, KINDS, LINE_FEED } from "./octets.ts";
import { isPlain } from "./plain.ts";

/** The last head of one command in one dialect. */
class HeadTemplate {
  readonly command: string;
  readonly dialect: Dialect;
  readonly mayHaveBody: boolean;
  /** The octets of the head. Not to be written to, and to be copied before the next update. */
  head: Uint8Array;
  /** How often in a row it was of no use. */
  misses = 0;
  /** How often it was to become the head of other headers. */
  private updates = 0;
  /** Names and values as they were given, flat. */
  private readonly headers: string[];
  /** The announced length of the body; -1: none. */
  private announced: number;
  private readonly memory: Uint8Array;
  /** Where the value of each line begins, and how many octets it has; that of content-length is the last. */
  private readonly starts: number[] = [];
  private readonly lengths: number[] = [];
  /** Whether the octets of the value are its characters. */
  private readonly plain: boolean[] = [];

  constructor(
    command: string,
    headers: readonly string[],
    announced: number,
    dialect: Dialect,
    head: Uint8Array,
  ) {
    this.command = command;
    this.dialect = dialect;
    this.mayHaveBody = dialect.bodiesEverywhere || ruleOf(command)?.body === true;
    this.headers = [...headers];
    this.announced = announced;
    this.memory = new Uint8Array(head.length + SPARE);
    this.memory.set(head);
    this.head = this.memory.subarray(0, head.length);
    for (let line = head.indexOf(LINE_FEED) + 1; line < head.length - 1; ) {
      const start = head.indexOf(COLON, line) + 1;
      const end = head.indexOf(LINE_FEED, start);
      this.starts.push(start);
      this.lengths.push(end - start);
      line = end + 1;
      this.plain.push(isPlain(headers[this.plain.length * 2 + 1] ?? ""));
    }
  }

  /** Makes it the head of these headers; false if it cannot be. It is right for what it has, then as well. */
  update(headers: readonly string[], announced: number): boolean {
    this.updates++;
    for (let at = 0; at < headers.length; at += 2) {
      if (!this.take(at, headers[at] as string, headers[at + 1] as string)) return false;
    }
    return this.complete(headers.length, announced);
  }

  /** The same for headers as an object, without making a list of them. */
  updateFrom(headers: HeaderObject, announced: number): boolean {
    const updates = ++this.updates;
    let at = 0;
    for (const name in headers) {
      if (!hasOwn.call(headers, name)) continue;
      if (!this.take(at, name, headers[name] as string)) return false;
      at += 2;
    }
    // A getter among them may have encoded a frame of its own, and written its headers here.
    return updates === this.updates && this.complete(at, announced);
  }

  /** Takes the next header; false if it is none that could stand there. */
  private take(at: number, name: string, value: string): boolean {
    const own = this.headers;
    if (name !== own[at]) return false;
    if (value === own[at + 1]) return true;
    // What is no text has no length either: all that is known here would be lost.
    if (typeof value !== "string" || !this.write(at >> 1, value)) return false;
    own[at + 1] = value;
    return true;
  }

  /** Whether so many names and values were all, with such a body behind them. */
  private complete(length: number, announced: number): boolean {
    if (length !== this.headers.length || announced < 0 !== this.announced < 0) return false;
    if (announced === this.announced) return true;
    if (!this.write(length >> 1, String(announced))) return false;
    this.announced = announced;
    return true;
  }

  /** The head, which was of use again. */
  again(): Uint8Array {
    this.misses = 0;
    return this.head;
  }

  /** Writes a value; of one that begins like the last one, only the rest. */
  private write(line: number, value: string): boolean {
    const { memory } = this;
    const kindOf = KINDS;
    const blank = IS_BLANK;
    const start = this.starts[line] as number;
    const length = this.lengths[line] as number;
    let same = 0;
    if (this.plain[line] === true) {
      const most = Math.min(length, value.length);
      while (same < most && memory[start + same] === value.charCodeAt(same)) same++;
    }
    for (let at = same; at < value.length; at++) {
      const kind = kindOf[value.charCodeAt(at)];
      if (kind !== 0 && kind !== blank) return false;
    }
    if (value.length !== length && !this.resize(line, value.length - length)) return false;
    for (let at = same; at < value.length; at++) memory[start + at] = value.charCodeAt(at);
    this.plain[line] = true;
    return true;
  }

  private resize(line: number, growth: number): boolean {
    const { memory, starts, lengths, head } = this;
    if (head.length + growth > memory.length) return false;
    const end = (starts[line] as number) + (lengths[line] as number);
    memory.copyWithin(end + growth, end, head.length);
    this.head = memory.subarray(0, head.length + growth);
    lengths[line] = (lengths[line] as number) + growth;
    for (let later = line + 1; later < starts.length; later++) {
      starts[later] = (starts[later] as number) + growth;
    }
    return true;
  }
}

/** The last heads, by command and dialect. */
export class HeadTemplates {
  private enabled = true;
  private readonly templates = new Map<Dialect, Map<string, HeadTemplate>>();
  /** The one that was asked for last: most frames are of the kind of the one before. */
  private last: HeadTemplate | undefined = undefined;

  /**
   * The head of a frame, if it is like the last one of its command.
   *
   * @param hasBody Whether it has a body, which not every command may have.
   * @param announced The length of the body for the content-length line; -1: no such line.
   * @returns Octets that must be copied at once.
   */
  recall(
    command: string,
    headers: readonly string[],
    hasBody: boolean,
    announced: number,
    dialect: Dialect,
  ): Uint8Array | undefined {
    const template = this.templateOf(command, hasBody, dialect);
    return template?.update(headers, announced) === true ? template.again() : undefined;
  }

  /** The same for headers as an object. */
  recallFrom(
    command: string,
    headers: HeaderObject,
    hasBody: boolean,
    announced: number,
    dialect: Dialect,
  ): Uint8Array | undefined {
    const template = this.templateOf(command, hasBody, dialect);
    return template?.updateFrom(headers, announced) === true ? template.again() : undefined;
  }

  /** Remembers a head that could not be recalled; never one of CONNECT, which may have a passcode. */
  remember(
    command: string,
    headers: readonly string[],
    announced: number,
    dialect: Dialect,
    head: Uint8Array,
  ): void {
    if (!this.enabled || head.length > LARGEST_HEAD || ruleOf(command)?.escaped !== true) return;
    let templates = this.templates.get(dialect);
    if (templates === undefined) {
      templates = new Map();
      this.templates.set(dialect, templates);
    }
    const known = templates.get(command);
    // One odd frame in between does not make the others odd.
    if (known !== undefined && ++known.misses < MISSES) return;
    templates.set(command, new HeadTemplate(command, headers, announced, dialect, head));
    this.last = undefined;
  }

  /** Turns it on, or off, in which case everything is forgotten. */
  set(on: boolean): void {
    this.enabled = on;
    if (on) return;
    this.templates.clear();
    this.last = undefined;
  }

  private templateOf(
    command: string,
    hasBody: boolean,
    dialect: Dialect,
  ): HeadTemplate | undefined {
    const { last } = this;
    const template =
      last !== undefined && last.command === command && last.dialect === dialect
        ? last
        : this.templates.get(dialect)?.get(command);
    this.last = template;
    return hasBody && template?.mayHaveBody === false ? undefined : template;
  }
}

// As in headers.ts.
const hasOwn = Object.prototype.hasOwnProperty;

/** By so many octets a head may grow. */
const SPARE = 256;
/** Larger heads are not kept. */
const LARGEST_HEAD = 4_096;
/** After so many misses in a row a head is replaced. */
const MISSES = 2;
