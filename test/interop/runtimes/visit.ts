/** The checks that a place is asked to run, held against what it says of them. */

import { type Checks, Listing, type Report } from "../report.ts";

const FAILED_WHOLLY = "failed: ";

export class Visit {
  readonly wanted: readonly string[];
  /** When the place has said all that it has to say, or is not waited for any more. */
  readonly done: Promise<void>;
  readonly #report: Report;
  readonly #title: string;
  readonly #lines: string[] = [];
  #end: () => void = () => undefined;

  private constructor(report: Report, title: string, wanted: readonly string[]) {
    this.wanted = wanted;
    this.#report = report;
    this.#title = title;
    this.done = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /**
   * @param title Of the place, in the lines of the report.
   * @param list Names the checks that the place will run: not to be learnt from the place itself.
   */
  static async prepare(
    report: Report,
    title: string,
    list: (checks: Checks) => Promise<void>,
  ): Promise<Visit> {
    const listing = new Listing();
    await list(listing);
    const wanted = listing.names.filter((name) => report.wanted(`${title}: ${name}`));
    return new Visit(report, title, wanted);
  }

  hear(line: string): void {
    this.#lines.push(line);
  }

  end(): void {
    this.#end();
  }

  /** Reports every check that was wanted; one that nothing was said of fails, for the reason given. */
  settle(otherwise: string): void {
    const outcomes = new Map(this.#lines.map((line) => this.#outcomeIn(line)));
    for (const name of this.wanted) {
      const why = outcomes.get(name) ?? otherwise;
      if (why === "") this.#report.passed(`${this.#title}: ${name}`);
      else this.#report.failed(`${this.#title}: ${name}`, why);
    }
    for (const line of this.#lines) {
      if (!line.startsWith(FAILED_WHOLLY)) continue;
      this.#report.failed(this.#title, line.slice(FAILED_WHOLLY.length).replaceAll("\n", " "));
    }
  }

  /** Which check a line is about, and why it failed, if it did. */
  #outcomeIn(line: string): readonly [string | undefined, string] {
    if (line.startsWith("ok ")) return [line.slice("ok ".length), ""];
    const name = this.wanted.find((each) => line.startsWith(`failed ${each}: `));
    return [name, line.slice(`failed ${name}: `.length)];
  }
}
