/** What a session did, in order: bytes that it sent, hooks that it called, how it ended. */

/** One entry of a log. */
interface Entry {
  readonly kind: "sent" | "hook" | "end";
  readonly text: string;
}

export class Log {
  /** Every `sendEnd`. */
  readonly ends: ("flush" | "now")[] = [];
  /** Every octet that was sent, also those that were taken already. */
  sentBytes = 0;
  #entries: Entry[] = [];

  sent(bytes: Uint8Array): void {
    this.sentBytes += bytes.length;
    // Latin-1 keeps each octet apart; tests of text decode it themselves.
    this.#entries.push({ kind: "sent", text: Buffer.from(bytes).toString("latin1") });
  }

  /** A hook and what identifies its argument; empty words are left out. */
  hook(name: string, ...words: (string | undefined)[]): void {
    const text = [name, ...words].filter((word) => word !== undefined && word !== "").join(" ");
    this.#entries.push({ kind: "hook", text });
  }

  ended(how: "flush" | "now"): void {
    this.ends.push(how);
    this.#entries.push({ kind: "end", text: `(end ${how})` });
  }

  /** What was sent since the last time, as latin-1 text. */
  heard(): string {
    return this.#take("sent").join("");
  }

  /** The hooks since the last time. */
  hooks(): string[] {
    return this.#take("hook");
  }

  /** All of it since the last time, in order; what was sent is marked by `> `. */
  course(): string[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries.map(({ kind, text }) => (kind === "sent" ? `> ${text}` : text));
  }

  #take(kind: Entry["kind"]): string[] {
    const taken = this.#entries.filter((entry) => entry.kind === kind);
    this.#entries = this.#entries.filter((entry) => entry.kind !== kind);
    return taken.map(({ text }) => text);
  }
}
