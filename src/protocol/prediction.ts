/**
 * The accelerator: recognises header blocks that are like earlier ones.
 *
 * It may only ever answer what the generic reader would say, or that it does not know. What it has
 * learnt is shared by all parsers of the process, because a connection alone would be too small for
 * it, and bounded. It never learns from CONNECT, STOMP and CONNECTED: what is kept of them could be
 * a passcode.
 */

import { knownCommand } from "./command-line.ts";
import { isContentLength } from "./content-length.ts";
import { HeadTemplates } from "./head-template.ts";
import type { HeaderBlock } from "./header-block.ts";
import type { HeaderShape } from "./header-shape.ts";
import type { FrameHeaders } from "./headers.ts";
import { CARRIAGE_RETURN } from "./octets.ts";
import { plain } from "./plain-bytes.ts";
import { Plan, type Sight } from "./plan.ts";
import type { ReadingRules } from "./rules.ts";

/** Recognises what it has seen before. */
export class Predictor {
  private enabled = true;
  private plans: Plan[] = [];
  /** The plan that matched last. */
  last: Plan | undefined = undefined;
  /** Shapes that were seen once, lately: what never comes again is not worth a plan. */
  private seen: HeaderShape[] = [];
  private readonly sight: Sight = { bytes: NOTHING, end: 0, words: undefined, wordEnd: 0 };
  /** Small chunks are copied here, which costs less than a view of their words. */
  private readonly scratch: Uint8Array;
  private readonly scratchWords: DataView | undefined;
  /** The chunk that is in sight: looking at it again is for free. */
  private chunk: Uint8Array = NOTHING;

  /**
   * @param byWords Whether to compare words: right where the lowest octet of a word comes first.
   */
  constructor(byWords: boolean) {
    this.scratch = new Uint8Array(byWords ? SMALL_CHUNK + WORD : 0);
    this.scratchWords = byWords ? new DataView(this.scratch.buffer) : undefined;
  }

  /** How many kinds of blocks are known. */
  get size(): number {
    return this.plans.length;
  }

  /**
   * The headers of the block that begins there, if all of it is there and it is like an earlier one;
   * `last` then tells what else there is to know of it.
   */
  recognise(chunk: Uint8Array, start: number, rules: ReadingRules): FrameHeaders | undefined {
    const { last } = this;
    if (last === undefined) return undefined;
    if (chunk !== this.chunk) {
      if (mayBeIntroduction(chunk, start)) return undefined;
      this.look(chunk);
    }
    const expected = last.successor;
    const headers = expected.match(this.sight, start, rules);
    if (headers === undefined) return this.recogniseOther(last, start, rules);
    expected.matches++;
    this.last = expected;
    return headers;
  }

  /**
   * Learns from a block that was not recognised.
   *
   * @returns Whether there was anything to learn, which costs more than to read the block.
   */
  learn(block: HeaderBlock, chunk: Uint8Array, start: number): boolean {
    const { head } = block;
    if (!this.enabled || head === undefined || !block.shape.shared) return false;
    const octets = chunk.subarray(start, start + head.octets);
    const command = knownCommand(octets, 0, head.command.length);
    // Not escaped are those of CONNECT, STOMP and CONNECTED.
    if (command?.rule.escaped !== true || !isWorthLearning(block, octets)) return false;
    const known = this.plans.find((plan) => plan.isFor(block));
    if (known !== undefined) return known.learn(block.values, head.bodyLength, octets);
    if (!this.wasSeen(block.shape)) return false;
    this.add(new Plan(command, block, head.bodyLength, octets));
    return true;
  }

  /** Turns it on, or off, in which case everything is forgotten. */
  set(on: boolean): void {
    this.enabled = on;
    if (!on) this.forget();
  }

  forget(): void {
    this.plans = [];
    this.last = undefined;
    this.seen = [];
    this.lookAway();
  }

  /** Lets go of a chunk that is in sight. */
  lookAway(): void {
    if (this.chunk === NOTHING) return;
    this.chunk = NOTHING;
    this.sight.bytes = NOTHING;
    this.sight.words = undefined;
  }

  /** Forgets what small chunks were copied: there was a passcode in one of them, or may have been. */
  wipe(): void {
    this.lookAway();
    this.scratch.fill(0);
  }

  private recogniseOther(last: Plan, start: number, rules: ReadingRules): FrameHeaders | undefined {
    for (const plan of this.plans) {
      const headers = plan === last.successor ? undefined : plan.match(this.sight, start, rules);
      if (headers === undefined) continue;
      plan.matches++;
      last.successor = plan;
      this.last = plan;
      return headers;
    }
    return undefined;
  }

  private look(chunk: Uint8Array): void {
    const { sight } = this;
    const end = chunk.length;
    this.chunk = chunk;
    sight.end = end;
    if (this.scratchWords !== undefined && end <= SMALL_CHUNK) {
      this.scratch.set(chunk);
      sight.bytes = this.scratch;
      sight.words = this.scratchWords;
      sight.wordEnd = end + 1;
    } else {
      sight.bytes = plain(chunk);
      sight.wordEnd = end + 1 - WORD;
      sight.words =
        this.scratchWords && new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    }
  }

  private wasSeen(shape: HeaderShape): boolean {
    if (this.seen.includes(shape)) return true;
    if (this.seen.unshift(shape) > MOST_SEEN) this.seen.pop();
    return false;
  }

  /** A new plan takes the place of the one that was of least use, if there are enough. */
  private add(plan: Plan): void {
    if (this.plans.length < MOST_PLANS) {
      this.plans.push(plan);
    } else {
      const least = this.plans.reduce((one, other) => (other.matches < one.matches ? other : one));
      this.plans[this.plans.indexOf(least)] = plan;
      // What was of use long ago must not be for ever.
      for (const each of this.plans) each.matches >>= 1;
      for (const each of this.plans) if (each.successor === least) each.successor = plan;
    }
    if (this.last !== undefined) this.last.successor = plan;
    this.last = plan;
  }
}

/**
 * With how much patience a parser begins. It falls with every block that was not recognised, and
 * rises with every one that was. When it is used up, the next blocks are left to the generic reader
 * alone, so that nobody can make us guess in vain all the time. Below zero it counts these blocks.
 */
export const PATIENCE = 64;

/** Patience after a block that was recognised. */
export function afterHit(patience: number): number {
  return patience < PATIENCE ? patience + 1 : patience;
}

/** Patience after one that was not, or that was not tried. */
export function afterMiss(patience: number, learnt: boolean): number {
  if (patience < 0) return patience === -1 ? NEW_PATIENCE : patience + 1;
  const rest = patience - (learnt ? PATIENCE_TO_LEARN : 1);
  return rest > 0 ? rest : -PAUSE;
}

const NEW_PATIENCE = 16;
const PATIENCE_TO_LEARN = 8;
const PAUSE = 256;

const LETTER_N = 0x4e;
const LETTER_O = 0x4f;
const LETTER_T = 0x54;

const NOTHING = new Uint8Array(0);
const WORD = 4;
/** Up to this size a chunk is copied rather than viewed. */
const SMALL_CHUNK = 2_048;
const MOST_PLANS = 8;
const MOST_SEEN = 16;
/** Larger blocks are not learnt. */
const LARGEST_BLOCK = 4_096;
const MOST_LINES = 64;

/** Whether a CONNECT, CONNECTED or STOMP may begin there: what it says must not be copied. */
function mayBeIntroduction(chunk: Uint8Array, start: number): boolean {
  const second = chunk[start + 1];
  if (second === LETTER_O) return chunk[start + 2] === LETTER_N;
  return second === LETTER_T;
}

function isWorthLearning({ shape, rules }: HeaderBlock, octets: Uint8Array): boolean {
  return (
    octets.length <= LARGEST_BLOCK &&
    shape.length <= MOST_LINES &&
    !octets.includes(CARRIAGE_RETURN) &&
    // Whether two of them contradict each other is for the generic reader to say.
    shape.names.filter((name) => isContentLength(name, rules.dialect)).length < 2
  );
}

/** The predictor of this process. */
export const PREDICTOR: Predictor = new Predictor(isLowestFirst());

/** The heads that this process sent last. */
export const HEADS: HeadTemplates = new HeadTemplates();

/**
 * Turns prediction on or off, of what comes and of what goes out, for tests and measurements: it must
 * make no difference but in time.
 */
export function setPrediction(on: boolean): void {
  PREDICTOR.set(on);
  HEADS.set(on);
}

function isLowestFirst(): boolean {
  return new Uint8Array(new Int32Array([1]).buffer)[0] === 1;
}
