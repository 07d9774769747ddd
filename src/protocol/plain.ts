/** Text whose octets are its characters. */

import { IS_BLANK, KINDS } from "./octets.ts";

/** Whether a header value is ASCII with nothing in it that any version escapes, or cannot carry. */
export function isPlain(value: string): boolean {
  const kindOf = KINDS;
  const blank = IS_BLANK;
  for (let at = 0; at < value.length; at++) {
    const kind = kindOf[value.charCodeAt(at)];
    if (kind !== 0 && kind !== blank) return false;
  }
  return true;
}

/** Writes text if it is such; otherwise what was written there is of no use. */
export function writeIfPlain(bytes: Uint8Array, start: number, text: string): boolean {
  const kindOf = KINDS;
  const blank = IS_BLANK;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    const kind = kindOf[character];
    if (kind !== 0 && kind !== blank) return false;
    bytes[start + at] = character;
  }
  return true;
}

/** Writes such text; for short text faster than any encoder. */
export function writePlain(bytes: Uint8Array, start: number, text: string): void {
  for (let at = 0; at < text.length; at++) bytes[start + at] = text.charCodeAt(at);
}
