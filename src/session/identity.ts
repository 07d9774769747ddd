/** Ids: those that must not be guessed, and those that only have to differ. */

declare const crypto: { getRandomValues(bytes: Uint8Array<ArrayBuffer>): unknown };

/** A session id of 128 random bits from a cryptographic source, in hexadecimal. */
export function randomSessionId(): string {
  const bytes = new Uint8Array(16);
  crypto.getRandomValues(bytes);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
