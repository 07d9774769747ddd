/** How much may be kept, in messages and in bytes. */

export class Budget {
  readonly maxMessages: number;
  readonly maxBytes: number;
  messages = 0;
  bytes = 0;
  #waiting: (() => void)[] = [];
  /** What this one is a part of: what is taken here is taken there too. */
  readonly whole: Budget | undefined;

  constructor(maxMessages: number, maxBytes: number, whole?: Budget) {
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
    this.whole = whole;
  }

  /** Whether so much more would fit, here and in the whole. */
  admits(messages: number, bytes: number): boolean {
    return this.fits(messages, bytes) && (this.whole?.admits(messages, bytes) ?? true);
  }

  /** Whether so much more, or less, would fit here. */
  fits(messages: number, bytes: number): boolean {
    return this.messages + messages <= this.maxMessages && this.bytes + bytes <= this.maxBytes;
  }

  take(bytes: number): void {
    this.messages += 1;
    this.bytes += bytes;
    this.whole?.take(bytes);
  }

  giveBack(bytes: number): void {
    this.messages -= 1;
    this.bytes -= bytes;
    this.whole?.giveBack(bytes);
    if (this.#waiting.length > 0 && !this.pressing) {
      for (const relieved of this.#waiting.splice(0)) relieved();
    }
  }

  /** Whether more than half of it is taken. */
  get pressing(): boolean {
    return this.messages * 2 > this.maxMessages || this.bytes * 2 > this.maxBytes;
  }

  /** Settles as soon as no more than half of it is taken. */
  relieved(): Promise<void> {
    return new Promise((resolve) => {
      if (this.pressing) this.#waiting.push(resolve);
      else resolve();
    });
  }
}
