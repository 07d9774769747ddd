/** What single octets mean in a header block. */

export const NUL = 0;
export const LINE_FEED = 10;
export const CARRIAGE_RETURN = 13;
export const COLON = 58;
export const BACKSLASH = 92;

/** Kinds of octets, as bits, so that a loop over a line only has to collect them. */
export const IS_NUL = 1;
export const IS_LINE_FEED = 2;
export const IS_CARRIAGE_RETURN = 4;
export const IS_COLON = 8;
export const IS_BACKSLASH = 16;
/** A space or a control character that has no other kind: allowed in headers, not in commands. */
export const IS_BLANK = 32;
/** Part of a character that is not ASCII. */
export const IS_WIDE = 64;

/**
 * The kind of each octet. Loops take it, and every other import, into a variable of their own: an
 * import is looked up each time it is named.
 */
export const KINDS: Uint8Array = kinds();

function kinds(): Uint8Array {
  const table = new Uint8Array(256);
  table.fill(IS_BLANK, 0, 33);
  table.fill(IS_WIDE, 128);
  table[127] = IS_BLANK;
  table[NUL] = IS_NUL;
  table[LINE_FEED] = IS_LINE_FEED;
  table[CARRIAGE_RETURN] = IS_CARRIAGE_RETURN;
  table[COLON] = IS_COLON;
  table[BACKSLASH] = IS_BACKSLASH;
  return table;
}
