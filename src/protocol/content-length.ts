/** The one header that the wire itself depends on. */

import { type Dialect, trimmed } from "./dialect.ts";

/** Whether a header of this name announces the length of the body. */
export function isContentLength(name: string, dialect: Dialect): boolean {
  return name === CONTENT_LENGTH || (dialect.trims && trimmed(name) === CONTENT_LENGTH);
}

/** The number of octets that its value announces; NaN if it is not a number of octets. */
export function announcedLength(value: string, dialect: Dialect): number {
  const digits = dialect.trims ? trimmed(value) : value;
  if (!DIGITS.test(digits)) return Number.NaN;
  const length = Number(digits);
  return Number.isSafeInteger(length) ? length : Number.NaN;
}

const CONTENT_LENGTH = "content-length";
const DIGITS = /^[0-9]+$/;
