/** Bytes as loops want them. */

/**
 * The same bytes as a Uint8Array and nothing more: a loop that has seen Buffers as well is half as
 * fast for good.
 */
export function plain(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
