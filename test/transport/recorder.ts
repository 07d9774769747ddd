/** A session that does nothing but write down what its transport calls. */

import type { Receiver } from "../../src/session/link.ts";

export class Recorder implements Receiver {
  /** What `receiveData` answers. */
  wantsMore = true;
  readonly chunks: (Uint8Array | string)[] = [];
  /** The reasons given to `receiveEnd`. */
  readonly ends: unknown[] = [];
  drains = 0;
  #waiting: { holds: () => boolean; resolve: () => void }[] = [];

  receiveData(chunk: Uint8Array | string): boolean {
    this.chunks.push(chunk);
    this.#look();
    return this.wantsMore;
  }

  receiveEnd(reason?: unknown): void {
    this.ends.push(reason);
    this.#look();
  }

  drained(): void {
    this.drains += 1;
    this.#look();
  }

  /** The first of them, which is the one that counts. */
  get reason(): unknown {
    if (this.ends.length === 0) throw new Error("The transport has not ended");
    return this.ends[0];
  }

  /** All that was received, as Latin-1 text. */
  get text(): string {
    return this.chunks.map((chunk) => Buffer.from(chunk as Uint8Array).toString("latin1")).join("");
  }

  /** Resolves when something that this recorder was told makes it true. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ holds, resolve });
      this.#look();
    });
  }

  ended(): Promise<void> {
    return this.until(() => this.ends.length > 0);
  }

  received(text: string): Promise<void> {
    return this.until(() => this.text.includes(text));
  }

  #look(): void {
    const due = this.#waiting.filter(({ holds }) => holds());
    this.#waiting = this.#waiting.filter((waiting) => !due.includes(waiting));
    for (const { resolve } of due) resolve();
  }
}

/** Bytes as a session hands them out. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
