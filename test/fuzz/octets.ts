/** Octets as text that a person can read: one character for each octet. */

export function toOctets(text: string): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) octets[at] = text.charCodeAt(at);
  return octets;
}

export function fromOctets(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("latin1");
}

/** Text as the octets that UTF-8 has for it. */
export function utf8(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
