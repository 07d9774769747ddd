/** One line per check, and the count at the end. Nothing here belongs to a platform. */

/** Takes checks. */
export interface Checks {
  /** Runs a check; whatever it throws, or taking longer than `timeoutMs`, fails it. */
  check(name: string, body: () => Promise<void>, timeoutMs?: number): Promise<void>;
}

/** Runs none of the checks, and keeps their names. */
export class Listing implements Checks {
  readonly names: string[] = [];

  async check(name: string): Promise<void> {
    this.names.push(name);
  }
}

export class Report implements Checks {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  #interrupted = false;
  readonly #wanted: (name: string) => boolean;
  readonly #say: (line: string) => void;

  /**
   * @param wanted Leaves out every check that this does not want.
   * @param say Takes the lines. Default: they are printed.
   */
  constructor(wanted: (name: string) => boolean, say: (line: string) => void = console.log) {
    this.#wanted = wanted;
    this.#say = say;
  }

  async check(name: string, body: () => Promise<void>, timeoutMs = 15_000): Promise<void> {
    if (!this.wanted(name)) return;
    try {
      await withinTime(body(), timeoutMs);
      this.passed(name);
    } catch (error) {
      this.failed(name, reasonOf(error));
    }
  }

  wanted(name: string): boolean {
    return !this.#interrupted && this.#wanted(name);
  }

  /** Nothing more is run or said: the peers are being stopped under the checks. */
  interrupt(): void {
    this.#interrupted = true;
  }

  passed(name: string): void {
    if (this.#interrupted) return;
    this.#passed++;
    this.#say(`ok ${name}`);
  }

  failed(name: string, why: string): void {
    if (this.#interrupted) return;
    this.#failed++;
    this.#say(`failed ${name}: ${why}`);
  }

  skipped(name: string, why: string): void {
    this.#skipped++;
    this.#say(`skipped: ${name}: ${why}`);
  }

  /** Prints the closing line; answers the exit code. */
  close(): number {
    this.#say(`${this.#passed} passed, ${this.#failed} failed, ${this.#skipped} skipped`);
    return this.#failed === 0 ? 0 : 1;
  }
}

/** An error on one line, with what caused it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : ` (${reasonOf(error.cause)})`;
  return `${error.message}${cause}`.replaceAll("\n", " ").trim();
}

async function withinTime(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
