/** A flow as lines: what a test compares, and what a person reads when it fails. */

import type { StompSession } from "../session/session.ts";
import { SentBytes } from "./sent-bytes.ts";
import { SUMMARIES } from "./summaries.ts";

/**
 * Writes down frames and calls of hooks, of any number of sessions.
 *
 * ```
 * C> SUBSCRIBE id:0 destination:/a receipt:7     the client sends
 * S! onSubscribe 0                               a hook of the server is called
 * S> RECEIPT receipt-id:7                        the server sends
 * C! onReceipt 7
 * C> ⏎                                           a heart-beat
 * C> "GET / HTTP/1.1\r\n"                        no frame at all
 * ```
 *
 * Passcodes are hidden, `content-length` is left out, a value with white space in it is quoted, and
 * a long body is cut.
 */
export class Transcript {
  readonly #lines: string[] = [];
  readonly #sides = new Map<string, SentBytes>();
  #taken = 0;

  /** All lines so far. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** The lines since the last time, or since the beginning. */
  take(): string[] {
    const lines = this.#lines.slice(this.#taken);
    this.#taken = this.#lines.length;
    return lines;
  }

  /** All lines as one text, to be printed. */
  toString(): string {
    return this.#lines.join("\n");
  }

  /** Adds a line of the test's own. */
  note(line: string): void {
    this.#lines.push(line);
  }

  /**
   * Writes down what one side sends: each frame once it is complete, heart-beats, and what cannot be
   * a frame. The version is that of the last CONNECTED.
   *
   * @param side What the lines begin with.
   */
  sent(side: string, bytes: Uint8Array): void {
    const sent = this.#sides.get(side) ?? new SentBytes();
    this.#sides.set(side, sent);
    for (const line of sent.read(bytes)) this.note(`${side}> ${line}`);
    if (sent.version === undefined) return;
    for (const other of this.#sides.values()) other.version = sent.version;
  }

  /**
   * Writes down each call of a hook of this session from now on, before the hook runs.
   *
   * @param side What the lines begin with.
   */
  watch(side: string, session: StompSession): void {
    for (const [name, summary] of Object.entries(SUMMARIES) as [string, Summary][]) {
      const hook: unknown = Reflect.get(session, name);
      if (typeof hook !== "function") continue;
      const watched = (...given: unknown[]): unknown => {
        this.note([`${side}! ${name}`, ...summary(given[0])].join(" "));
        return Reflect.apply(hook, session, given);
      };
      Object.defineProperty(session, name, { value: watched, configurable: true, writable: true });
    }
  }
}

/** Each takes what its own hook is called with. */
type Summary = (given: unknown) => string[];
