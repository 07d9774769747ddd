/** Chunks that wait to be read. */

/** First in, first out; a chunk that was taken out is not kept. */
export class Chunks {
  /** How many octets wait. */
  octets = 0;
  private chunks: (Uint8Array | undefined)[] = [];
  private taken = 0;

  add(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.octets += chunk.length;
  }

  take(): Uint8Array | undefined {
    const chunk = this.chunks[this.taken];
    if (chunk === undefined) return undefined;
    this.octets -= chunk.length;
    this.chunks[this.taken++] = undefined;
    // Moving the others up only when they are fewer than those that are gone costs each of them little.
    if (this.taken * 2 > this.chunks.length) {
      this.chunks = this.chunks.slice(this.taken);
      this.taken = 0;
    }
    return chunk;
  }
}
