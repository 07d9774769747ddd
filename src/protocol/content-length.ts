/** The one header that the wire itself depends on. */

import { type Dialect, trimmed } from "./dialect.ts";

/** Whether a header of this name announces the length of the body. */
export function isContentLength(name: string, dialect: Dialect): boolean {
  return name === CONTENT_LENGTH || (dialect.trims && trimmed(name) === CONTENT_LENGTH);
}

/** The number of octets that its value announces; NaN if it is not a number of octets, in digits. */
export function announcedLength(value: string, dialect: Dialect): number {
  const digits = dialect.trims ? trimmed(value) : value;
  let length = digits === "" ? Number.NaN : 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = digits.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    length = length * 10 + digit;
  }
  return Number.isSafeInteger(length) ? length : Number.NaN;
}

const CONTENT_LENGTH = "content-length";
const ZERO = 0x30;
