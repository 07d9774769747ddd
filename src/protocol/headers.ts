/**
 * The headers of a frame: ordered, repeated entries kept, the first of them counts.
 *
 * Frames of one kind repeat the same names in the same order, so the names live in a shape that all
 * of them share, and a frame's own headers are no more than an array of values. Nothing is ever
 * keyed by what a peer sent, except in a Map: a header may be called `__proto__`.
 */

import { ProtocolError } from "../errors.ts";
import { allowShape, type HeaderShape, UNKNOWN_COMMAND } from "./header-shape.ts";

/** Headers as a caller gives them: an object, or entries in the order in which they are to be sent. */
export type HeaderInput = HeaderObject | Iterable<readonly [string, string]>;

/** Headers by name, in the order of the object. */
export type HeaderObject = Readonly<Record<string, string>>;

/** The headers of a frame that was received. Iterating gives each name once, with the value that counts. */
export class FrameHeaders implements Iterable<[string, string]> {
  // Private to the engine, so that a log shows what came, and not what other frames look like.
  readonly #shape: HeaderShape;
  readonly #values: readonly string[];

  /** For the parser; {@link headersOf} makes headers of entries. */
  constructor(shape: HeaderShape, values: readonly string[]) {
    this.#shape = shape;
    this.#values = values;
  }

  /** The value of a header; of a repeated one, the first (STOMP 1.2, "Repeated Header Entries"). */
  get(name: string): string | undefined {
    const position = this.#shape.positionOf(name);
    return position < 0 ? undefined : this.#values[position];
  }

  /** Whether there is such a header. */
  has(name: string): boolean {
    return this.#shape.positionOf(name) >= 0;
  }

  /** How many different names there are. */
  get size(): number {
    return this.#shape.positions.size;
  }

  /** Each name once, in wire order, with the value that counts. */
  *entries(): IterableIterator<[string, string]> {
    for (const [name, position] of this.#shape.positions) {
      yield [name, this.#values[position] as string];
    }
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }

  /** Every entry in wire order, repeated ones included; of one name if given. */
  all(name?: string): readonly (readonly [string, string])[] {
    const entries = this.#shape.names.map(
      (given, position) => [given, this.#values[position] as string] as const,
    );
    return name === undefined ? entries : entries.filter(([given]) => given === name);
  }

  /** Every entry, for JSON. */
  toJSON(): readonly (readonly [string, string])[] {
    return this.all();
  }
}

/** Headers made of entries, in their order. */
export function headersOf(entries: Iterable<readonly [string, string]>): FrameHeaders {
  allowShape();
  let shape = UNKNOWN_COMMAND;
  const values: string[] = [];
  for (const [name, value] of entries) {
    shape = shape.followedBy(name);
    values.push(value);
  }
  return new FrameHeaders(shape, values);
}

/**
 * Headers as a caller gave them, flat: name, value, name, value, in their order, repeated ones too.
 *
 * @throws {ProtocolError} `invalid-header` for a name or value that is not a string.
 */
export function flatten(input: HeaderInput | undefined): string[] {
  const flat: string[] = [];
  if (input === undefined) return flat;
  if (isObject(input)) {
    for (const name in input) {
      if (hasOwn.call(input, name)) flat.push(name, checkedText(input[name]));
    }
  } else {
    for (const [name, value] of input) flat.push(checkedText(name), checkedText(value));
  }
  return flat;
}

/** Whether headers are given by name. */
export function isObject(input: HeaderInput): input is HeaderObject {
  return !(Symbol.iterator in input);
}

// With this one in a loop over the names of an object, compilers know where each value lies; with its
// younger siblings, or with one that was imported, they look it up by its name.
const hasOwn = Object.prototype.hasOwnProperty;

/**
 * A name or value, as long as it is text: what has no length would be written without any.
 *
 * @throws {ProtocolError} `invalid-header` for anything else.
 */
export function checkedText(part: unknown): string {
  if (typeof part === "string") return part;
  throw new ProtocolError("invalid-header", "Headers must be strings, or entries of two strings");
}
