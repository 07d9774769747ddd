/** One line per check on stdout, and the count at the end. */

export class Report {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  #interrupted = false;
  readonly #only: string | undefined;

  /** @param only Leaves out every check whose line does not contain this. */
  constructor(only?: string) {
    this.#only = only;
  }

  /** Runs a check; whatever it throws, or taking longer than `timeoutMs`, fails it. */
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
    if (this.#interrupted) return false;
    return this.#only === undefined || name.toLowerCase().includes(this.#only.toLowerCase());
  }

  /** Nothing more is run or said: the peers are being stopped under the checks. */
  interrupt(): void {
    this.#interrupted = true;
  }

  passed(name: string): void {
    if (this.#interrupted) return;
    this.#passed++;
    console.log(`ok ${name}`);
  }

  failed(name: string, why: string): void {
    if (this.#interrupted) return;
    this.#failed++;
    console.log(`failed ${name}: ${why}`);
  }

  skipped(name: string, why: string): void {
    this.#skipped++;
    console.log(`skipped: ${name}: ${why}`);
  }

  /** Prints the closing line; answers the exit code. */
  close(): number {
    console.log(`${this.#passed} passed, ${this.#failed} failed, ${this.#skipped} skipped`);
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
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
