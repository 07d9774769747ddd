/** Into what pieces bytes are cut on their way. */

/**
 * How the bytes under way arrive:
 *
 * - `whole`: as they were sent, frame by frame
 * - `bytes`: one by one
 * - a function that answers how many arrive next, such as {@link randomPieces}
 */
export type Chunking =
  | "whole"
  | "bytes"
  /**
   * @param pendingBytes How many are under way.
   * @param firstBytes How many of them are left of what was sent first.
   */
  | ((pendingBytes: number, firstBytes: number) => number);

/** How many bytes arrive next. */
export function nextPiece(chunking: Chunking, pendingBytes: number, firstBytes: number): number {
  if (chunking === "whole") return firstBytes;
  if (chunking === "bytes") return 1;
  const bytes = Math.floor(chunking(pendingBytes, firstBytes));
  // Not "less than 1", which NaN is not either.
  return bytes >= 1 ? Math.min(bytes, pendingBytes) : 1;
}

/**
 * Pieces of random length: many within a frame, some across several.
 *
 * @param seed Any number. Each has its own sequence, and it is the same every time.
 */
export function randomPieces(seed: number): (pendingBytes: number) => number {
  // A linear congruential generator; its low bits are poor, so only the upper ones are used.
  let state = seed >>> 0;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) / 0x100_0000;
  };
  return (pendingBytes) => 1 + Math.floor(random() ** 3 * pendingBytes);
}
