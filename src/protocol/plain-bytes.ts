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

/** Whether something is bytes: not an ArrayBuffer, and nothing whose numbers are larger than octets. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || areForeignBytes(value);
}

/** The same for what comes from another realm, or has other numbers of eight bits. */
function areForeignBytes(value: unknown): boolean {
  return ArrayBuffer.isView(value) && (value as Uint8Array).BYTES_PER_ELEMENT === 1;
}
