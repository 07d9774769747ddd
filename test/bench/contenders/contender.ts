/** What a library has to offer to be measured: one pass over a workload, again and again. */

/** A pass that is ready to be timed. */
export interface Prepared {
  /** What one pass gets through: frames, messages or deliveries. */
  readonly units: number;
  /** What each pass comes to, made of what was sent, or of what was delivered when that was verified. */
  readonly sum: number;
  /**
   * One pass; the sum over everything delivered. It counts its way through chunks: an iterator that the
   * compiler leaves alone by chance costs more than to read an octet.
   */
  readonly pass: () => number | Promise<number>;
  /** Where only a part of the pass is to be timed: the milliseconds of that part so far. */
  readonly clock?: { readonly ms: number };
}

/** A contender on one workload; preparing it verifies what it delivers. */
export interface Contender {
  readonly name: string;
  /** @throws {Absent} when it cannot take part. */
  prepare(): Prepared | Promise<Prepared>;
}

/** Why a contender does not take part in a workload; shown below the table. */
export class Absent extends Error {}
