/**
 * The headers of a frame: ordered, repeated entries kept, the first of them counts.
 *
 * Frames of one kind repeat the same names in the same order, so the names live in a shape that all
 * of them share, and a frame's own headers are no more than an array of values. Nothing is ever
 * keyed by what a peer sent, except in a Map: a header may be called `__proto__`.
 */

import { ProtocolError } from "../errors.ts";
import { COMMANDS } from "./commands.ts";

/** Headers as a caller gives them: an object, or entries in the order in which they are to be sent. */
export type HeaderInput = Readonly<Record<string, string>> | Iterable<readonly [string, string]>;

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
  if (Symbol.iterator in input) {
    for (const [name, value] of input) flat.push(text(name), text(value));
  } else {
    for (const name of Object.keys(input)) flat.push(name, text(input[name]));
  }
  return flat;
}

function text(part: string | undefined): string {
  if (typeof part === "string") return part;
  throw new ProtocolError("invalid-header", "Headers must be strings, or entries of two strings");
}

/** So many shapes are shared; a peer that invents names must not make us keep them. */
const MOST_SHAPES = 4_096;
/** Longer names, and lines further down, are not worth sharing. */
const LONGEST_SHARED_NAME = 64;
const MOST_SHARED_LINES = 64;
/** Up to so many names, looking at each of them is faster than a Map. */
const FEW_NAMES = 8;

/**
 * The names of a sequence of header lines. Shapes form a tree: each knows the ones that followed it,
 * and which of them came last, which is nearly always the one that comes next.
 */
export class HeaderShape {
  /** The name of the last line. */
  readonly name: string;
  /** How many lines there are, repeated names included. */
  readonly length: number;
  /** Whether the bytes of the name are its characters: ASCII with nothing that is ever escaped. */
  readonly plain: boolean;
  /** The shape that followed last time. */
  successor: HeaderShape | undefined = undefined;
  private readonly parent: HeaderShape | undefined;
  private readonly shared: boolean;
  /** The names, if they are few. */
  private readonly few: readonly string[] | undefined;
  private followers: Map<string, HeaderShape> | undefined = undefined;
  private ownNames: readonly string[] | undefined = undefined;
  private ownPositions: ReadonlyMap<string, number> | undefined = undefined;

  constructor(parent?: HeaderShape, name = "") {
    this.parent = parent;
    this.name = WELL_KNOWN.get(name) ?? name;
    this.length = parent === undefined ? 0 : parent.length + 1;
    this.few = this.length > FEW_NAMES ? undefined : this.collectNames();
    this.plain = PLAIN.test(name);
    this.shared =
      parent === undefined ||
      (parent.shared && name.length <= LONGEST_SHARED_NAME && this.length <= MOST_SHARED_LINES);
  }

  /** The shape with one more line. */
  followedBy(name: string): HeaderShape {
    const successor = this.successor;
    if (successor !== undefined && successor.name === name) return successor;
    const follower = this.followers?.get(name) ?? this.newFollower(name);
    if (follower.shared) this.successor = follower;
    return follower;
  }

  /** The name of every line. */
  get names(): readonly string[] {
    this.ownNames ??= this.few ?? this.collectNames();
    return this.ownNames;
  }

  /** The first line of each name. */
  get positions(): ReadonlyMap<string, number> {
    this.ownPositions ??= firstPositions(this.names);
    return this.ownPositions;
  }

  /** The first line with this name; -1 if there is none. */
  positionOf(name: string): number {
    const { few } = this;
    if (few === undefined) return this.positions.get(name) ?? -1;
    for (let position = 0; position < few.length; position++) {
      if (few[position] === name) return position;
    }
    return -1;
  }

  /** Forgets what followed. */
  forget(): void {
    this.successor = undefined;
    this.followers = undefined;
  }

  private newFollower(name: string): HeaderShape {
    const follower = new HeaderShape(this, name);
    if (follower.shared) {
      if (shapes >= MOST_SHAPES) resetShapes();
      shapes++;
      this.followers ??= new Map();
      this.followers.set(follower.name, follower);
    }
    return follower;
  }

  private collectNames(): string[] {
    const names = new Array<string>(this.length);
    for (let shape: HeaderShape = this; shape.parent !== undefined; shape = shape.parent) {
      names[shape.length - 1] = shape.name;
    }
    return names;
  }
}

/**
 * The shape without a line, from which all others of a command grow: headers are alike within a
 * command, and the successor of a line is easier to guess there.
 */
export function shapeOf(command: string): HeaderShape {
  return ROOTS.get(command) ?? UNKNOWN_COMMAND;
}

/** How many shapes are shared at the moment. */
export function sharedShapes(): number {
  return shapes;
}

/** Forgets all shapes. Headers that have one keep it. */
export function resetShapes(): void {
  UNKNOWN_COMMAND.forget();
  for (const root of ROOTS.values()) root.forget();
  shapes = 0;
}

const PLAIN = /^[\x20-\x39\x3b-\x5b\x5d-\x7e]+$/;

// Programs ask for these by literals, and comparing a literal with itself is comparing pointers.
const WELL_KNOWN: ReadonlyMap<string, string> = new Map(
  [
    "accept-version",
    "ack",
    "content-length",
    "content-type",
    "destination",
    "heart-beat",
    "host",
    "id",
    "login",
    "message",
    "message-id",
    "passcode",
    "receipt",
    "receipt-id",
    "server",
    "session",
    "subscription",
    "transaction",
    "version",
  ].map((name) => [name, name]),
);

let shapes = 0;

/** The shape without a line for frames that are of no known command, or of none. */
export const UNKNOWN_COMMAND: HeaderShape = new HeaderShape();
const ROOTS: ReadonlyMap<string, HeaderShape> = new Map(
  COMMANDS.map((command) => [command, new HeaderShape()]),
);

function firstPositions(names: readonly string[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  for (const [position, name] of names.entries()) {
    if (!positions.has(name)) positions.set(name, position);
  }
  return positions;
}
