/** Guesses that save work when they are right. */

/** Something that is mostly so; where it was not, it mostly is not the next time either. */
export class Guess {
  private pause = 0;

  /** Whether to try it this time. */
  try(): boolean {
    if (this.pause > 0) this.pause--;
    return this.pause === 0;
  }

  /** It was wrong: the next times it is not tried. */
  fail(): void {
    this.pause = PAUSE;
  }
}

const PAUSE = 16;
