/** What a run of the fuzzer has done so far. */
export interface Tally {
  /** Frames that the engine has read or written. */
  frames: number;
  cases: number;
}
