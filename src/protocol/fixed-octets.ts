/** Octets that are sent again and again, and always the same. */

/**
 * Hands out the same octets every time: others like them, once somebody has transferred those after
 * all.
 */
export class FixedOctets {
  readonly #values: readonly number[];
  #octets: Uint8Array<ArrayBuffer>;

  constructor(...values: number[]) {
    this.#values = values;
    this.#octets = Uint8Array.from(values);
  }

  get octets(): Uint8Array<ArrayBuffer> {
    if (this.#octets.length === 0) this.#octets = Uint8Array.from(this.#values);
    return this.#octets;
  }
}
