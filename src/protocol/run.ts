/** The pieces of a header block that is kept to be compared with. */

/** Lines that stay the same, and after them a value that changes. */
export class Run {
  /** Where its octets begin among those of the plan: at a whole pair of words. */
  readonly at: number;
  /** How many octets must be the same: all before the value. */
  readonly fixed: number;
  /** The line whose value changes. */
  readonly line: number;
  /** How many octets there is room for. */
  readonly room: number;
  /** How many octets can be compared: those before the value, or with the value to the end of its line. */
  known: number;
  /** Whether the value is among them. */
  whole = true;
  /** The kinds of the octets of the value, and maybe more. */
  kinds: number;
  /** Whether the value of the plan is the one that came last. */
  current = true;
  /** How many octets of the block it was cut from. */
  readonly length: number;

  constructor(at: number, fixed: number, length: number, kinds: number, line: number) {
    this.at = at;
    this.fixed = fixed;
    this.length = length;
    this.line = line;
    this.room = length + SPARE;
    this.kinds = kinds;
    this.known = length;
  }
}

/** The octets that a run of so many takes, with room to grow, in whole pairs of words. */
export function octetsFor(length: number): number {
  return (length + SPARE + 11) & ~7;
}

/** By so many octets a value may grow without being compared worse. */
const SPARE = 60;
