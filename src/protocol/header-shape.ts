/**
 * The names of header lines, shared by all frames that have the same ones in the same order.
 *
 * What is shared is bounded, and so is how fast it comes to be: a peer that invents names gets
 * shapes of their own for its frames, which are forgotten with them.
 */

import { COMMANDS } from "./commands.ts";

/** Stands for the name of a line that repeats an earlier one. */
const REPEATED = Symbol("repeated");

/** The name of each line that is the first with it. */
type Firsts = readonly (string | typeof REPEATED)[];

/**
 * The names of a sequence of header lines. Shapes form a tree: each knows the ones that followed it,
 * and which of them came last, which is nearly always the one that comes next.
 */
export class HeaderShape {
  /** The name of the last line; of one that is not shared, of the first one that made it so. */
  readonly name: string;
  /** How many lines there are, repeated names included. */
  length: number;
  /** Whether other frames may come to have it. */
  readonly shared: boolean;
  /** Of a shared one, whether the octets of the name are its characters. */
  readonly plain: boolean;
  /** The shape that followed last time. */
  successor: HeaderShape | undefined = undefined;
  private readonly parent: HeaderShape | undefined;
  private followers: Map<string, HeaderShape> | undefined = undefined;
  private ownNames: string[] | undefined = undefined;
  private ownPositions: ReadonlyMap<string, number> | undefined = undefined;
  private ownFirsts: Firsts | undefined = undefined;
  /** The line that is asked for next, if headers are asked for in their order, frame after frame. */
  private expected = 0;

  constructor(parent: HeaderShape | undefined, name: string, shared: boolean) {
    this.parent = parent;
    this.name = name;
    this.length = parent === undefined ? 0 : parent.length + 1;
    this.shared = shared;
    this.plain = shared && PLAIN.test(name);
  }

  /** The shape with one more line. */
  followedBy(name: string): HeaderShape {
    const successor = this.successor;
    if (successor !== undefined && successor.name === name) return successor;
    if (!this.shared) return this.extended(name);
    const follower = this.followers?.get(name);
    if (follower === undefined) return this.newFollower(name);
    this.successor = follower;
    return follower;
  }

  /** The name of every line. */
  get names(): readonly string[] {
    this.ownNames ??= this.collectNames();
    return this.ownNames;
  }

  /** The first line of each name. */
  get positions(): ReadonlyMap<string, number> {
    this.ownPositions ??= firstPositions(this.names);
    return this.ownPositions;
  }

  private get firsts(): Firsts {
    const { names, positions } = this;
    this.ownFirsts ??= names.map((name, line) => (positions.get(name) === line ? name : REPEATED));
    return this.ownFirsts;
  }

  /** The first line with this name; -1 if there is none. */
  positionOf(name: string): number {
    // What only one frame has is not worth preparing for.
    if (!this.shared || this.length === 0) return positionIn(this.names, name);
    const firsts = this.ownFirsts ?? this.firsts;
    const { expected } = this;
    const position = firsts[expected] === name ? expected : this.lookUp(firsts, name);
    if (position >= 0) this.expected = position + 1 < firsts.length ? position + 1 : 0;
    return position;
  }

  /** Forgets what followed. */
  forget(): void {
    this.successor = undefined;
    this.followers = undefined;
  }

  private lookUp(firsts: Firsts, name: string): number {
    return this.length > FEW_NAMES ? (this.positions.get(name) ?? -1) : positionIn(firsts, name);
  }

  private newFollower(name: string): HeaderShape {
    const isWorthSharing = name.length <= LONGEST_SHARED_NAME && this.length < MOST_SHARED_LINES;
    if (!isWorthSharing || allowance < FRAMES_A_SHAPE) return new HeaderShape(this, name, false);
    allowance -= FRAMES_A_SHAPE;
    if (shapes >= MOST_SHAPES) forgetShapes();
    shapes++;
    const follower = new HeaderShape(this, WELL_KNOWN.get(name) ?? copied(name), true);
    this.followers ??= new Map();
    this.followers.set(follower.name, follower);
    this.successor = follower;
    return follower;
  }

  /** This one with one more line: nobody else has it. */
  private extended(name: string): this {
    this.ownNames ??= this.collectNames();
    this.ownNames.push(name);
    this.length++;
    return this;
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

/** Lets more shapes be shared: once a frame, so that new names cannot keep us busy with sharing. */
export function allowShape(): void {
  if (allowance < MOST_ALLOWED) allowance++;
}

/** How many shapes are shared at the moment. */
export function sharedShapes(): number {
  return shapes;
}

/** Begins anew, for tests. */
export function resetShapes(): void {
  forgetShapes();
  allowance = MOST_ALLOWED;
}

/** Forgets all shapes; headers that have one keep it. The usual ones are soon known again. */
function forgetShapes(): void {
  UNKNOWN_COMMAND.forget();
  for (const root of ROOTS.values()) root.forget();
  shapes = 0;
}

/** So many shapes are shared; a peer that invents names must not make us keep them. */
const MOST_SHAPES = 4_096;
/** For one more that is shared there have to be so many frames; */
const FRAMES_A_SHAPE = 16;
/** as many as there have to be for so many shapes may be saved up. */
const MOST_ALLOWED = 256 * FRAMES_A_SHAPE;
/** Longer names, and lines further down, are not worth sharing. */
const LONGEST_SHARED_NAME = 64;
const MOST_SHARED_LINES = 64;
/** Up to so many names, looking at each of them is faster than a Map. */
const FEW_NAMES = 8;

/** ASCII with nothing in it that is ever escaped. */
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
let allowance = MOST_ALLOWED;

/** The shape without a line for frames that are of no known command, or of none. */
export const UNKNOWN_COMMAND: HeaderShape = new HeaderShape(undefined, "", true);
const ROOTS: ReadonlyMap<string, HeaderShape> = new Map(
  COMMANDS.map((command) => [command, new HeaderShape(undefined, "", true)]),
);

/** The same text in memory of its own: what was cut out of a line, by trimming, keeps all of that alive. */
function copied(name: string): string {
  return name.split("").join("");
}

function positionIn(names: Firsts, name: string): number {
  for (let position = 0; position < names.length; position++) {
    if (names[position] === name) return position;
  }
  return -1;
}

function firstPositions(names: readonly string[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  for (const [position, name] of names.entries()) {
    if (!positions.has(name)) positions.set(name, position);
  }
  return positions;
}
