/** Random numbers that are the same every time. */

/** A sequence that depends on its seed alone. */
export class Random {
  private state: number;

  /** @param seed Any number, and whatever else tells one sequence from another. */
  constructor(...seed: readonly number[]) {
    this.state = 0x9e37_79b9;
    for (const part of seed) this.state = (this.word() ^ part) >>> 0;
    this.word();
  }

  /** 32 random bits. */
  word(): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    let word = this.state;
    // The low bits of such a generator are poor by themselves.
    word = Math.imul(word ^ (word >>> 16), 0x21f0_aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a_2d97);
    return (word ^ (word >>> 15)) >>> 0;
  }

  /** A whole number from 0 up to, and without, `end`. */
  below(end: number): number {
    return Math.floor((this.word() / 0x1_0000_0000) * end);
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.word() < probability * 0x1_0000_0000;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}
