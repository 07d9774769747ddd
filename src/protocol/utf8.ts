/**
 * Text and bytes: strict UTF-8, and a fast path for ASCII.
 *
 * The only file that knows the platform's text codecs. Node's Buffer has faster ones; where it
 * exists, it is used on plain Uint8Arrays. Without it everything works the same.
 */

import { allocate } from "./memory.ts";
import { IS_WIDE } from "./octets.ts";

interface Decoder {
  decode(bytes: Uint8Array): string;
}
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean; ignoreBOM: boolean },
) => Decoder;
declare const TextEncoder: new () => {
  encodeInto(text: string, bytes: Uint8Array): { read: number; written: number };
};

/** What Node's Buffer can do with any Uint8Array as `this`. */
export interface Natives {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  utf8Slice(this: Uint8Array, start: number, end: number): string;
  indexOf(this: Uint8Array, octet: number, from: number): number;
}

/** Reading text out of bytes. */
export interface Text {
  /** Octets that are known to be ASCII. */
  ascii(bytes: Uint8Array, start: number, end: number): string;
  /** Undefined if the octets are not UTF-8. A byte order mark is text like any other. */
  utf8(bytes: Uint8Array, start: number, end: number): string | undefined;
  /** The position of the first NUL from there on; -1 if there is none. */
  indexOfNul(bytes: Uint8Array, from: number): number;
}

/** The same answers with natives and without. */
export function textWith(natives: Natives | undefined): Text {
  if (natives === undefined) {
    return {
      ascii: (bytes, start, end) =>
        end - start <= LONGEST_SHORT
          ? shortAscii(bytes, start, end - start)
          : LENIENT.decode(bytes.subarray(start, end)),
      utf8: strictUtf8,
      indexOfNul: (bytes, from) => bytes.indexOf(0, from),
    };
  }
  const { latin1Slice, utf8Slice, indexOf } = natives;
  return {
    ascii: (bytes, start, end) =>
      end - start <= LONGEST_SHORT
        ? shortAscii(bytes, start, end - start)
        : latin1Slice.call(bytes, start, end),
    utf8(bytes, start, end) {
      const text = utf8Slice.call(bytes, start, end);
      // It stands for what was sent, or for what could not be decoded: the strict decoder knows which.
      return text.includes(REPLACEMENT) ? strictUtf8(bytes, start, end) : text;
    },
    indexOfNul: (bytes, from) => indexOf.call(bytes, 0, from),
  };
}

/** Octets of these kinds as text; undefined if they are not UTF-8. */
export function decoded(
  text: Text,
  bytes: Uint8Array,
  start: number,
  end: number,
  kinds: number,
): string | undefined {
  return (kinds & IS_WIDE) === 0 ? text.ascii(bytes, start, end) : text.utf8(bytes, start, end);
}

/** The natives of a platform that has them all, and whose work on a plain Uint8Array. */
export function nativesOf(platform: object): Natives | undefined {
  const natives = (platform as { Buffer?: { prototype?: Natives } }).Buffer?.prototype;
  try {
    return natives !== undefined && work(natives) ? natives : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The bytes of a text, in memory of their own. A lone surrogate, which has none, becomes U+FFFD.
 *
 * Most text is ASCII; and to write bytes into memory that is there costs a fraction of what it costs to
 * be given some with the bytes in it.
 */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes = allocate(text.length);
  // So few lie in the heap of V8, where nobody else can write.
  if (text.length <= FEW) return writeFew(text, bytes) ? bytes : continued(NOTHING, text);
  const { read, written } = ENCODER.encodeInto(text, bytes);
  return read === text.length ? bytes : continued(bytes.subarray(0, written), text.slice(read));
}

/** Writes text, if it is ASCII, into as many octets; otherwise what was written is of no use. */
export function writeAscii(text: string, bytes: Uint8Array): boolean {
  return ENCODER.encodeInto(text, bytes).read === text.length;
}

function writeFew(text: string, bytes: Uint8Array): boolean {
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character > 0x7f) return false;
    bytes[at] = character;
  }
  return true;
}

function continued(bytes: Uint8Array, rest: string): Uint8Array<ArrayBuffer> {
  const room = allocate(bytes.length + BYTES_PER_UNIT * rest.length);
  room.set(bytes);
  return room.slice(0, bytes.length + writeUtf8(rest, room.subarray(bytes.length)));
}

/** Writes the bytes of a text, for which there has to be room. @returns How many they are. */
export function writeUtf8(text: string, bytes: Uint8Array): number {
  return ENCODER.encodeInto(text, bytes).written;
}

/**
 * The text of bytes in some encoding; UTF-8 if the platform does not know it. Octets that are not
 * valid become U+FFFD.
 */
export function decodeText(bytes: Uint8Array, charset = "utf-8"): string {
  return decoderFor(charset).decode(bytes);
}

const NOTHING = new Uint8Array(0);
const FEW = 64;
/** What a unit of UTF-16 becomes at the most. */
export const BYTES_PER_UNIT = 3;
const REPLACEMENT = "\ufffd";
const LENIENT: Decoder = new TextDecoder("utf-8", {
  fatal: false,
  ignoreBOM: true,
});
const STRICT: Decoder = new TextDecoder("utf-8", {
  fatal: true,
  ignoreBOM: true,
});
const ENCODER = new TextEncoder();

function decoderFor(charset: string): Decoder {
  if (/^utf-?8$/i.test(charset)) return LENIENT;
  try {
    return new TextDecoder(charset, { fatal: false, ignoreBOM: true });
  } catch {
    return LENIENT;
  }
}

function strictUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  try {
    return STRICT.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

function work(natives: Natives): boolean {
  const sample = new Uint8Array([0x61, 0xc3, 0xa9, 0]);
  return (
    natives.latin1Slice.call(sample, 0, 1) === "a" &&
    natives.utf8Slice.call(sample, 0, 3) === "a\u00e9" &&
    natives.indexOf.call(sample, 0, 1) === 3
  );
}

// Octets within the bounds of an array are numbers, which the compiler cannot see.
const fromCharCode = String.fromCharCode as (...codes: (number | undefined)[]) => string;

/** Above this length the platform's decoders are faster. */
const LONGEST_SHORT = 32;

/**
 * Short ASCII by one call with as many arguments as there are octets: several times faster than any
 * decoder, a loop, or an argument list made at run time.
 */
function shortAscii(bytes: Uint8Array, at: number, length: number): string {
  // biome-ignore format: one row a length
  switch (length) {
    case 1: return fromCharCode(bytes[at]);
    case 2: return fromCharCode(bytes[at], bytes[at + 1]);
    case 3: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2]);
    case 4: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
    case 5: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4]);
    case 6: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5]);
    case 7: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6]);
    case 8: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7]);
    case 9: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8]);
    case 10: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9]);
    case 11: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10]);
    case 12: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11]);
    case 13: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12]);
    case 14: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13]);
    case 15: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14]);
    case 16: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15]);
    case 17: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15], bytes[at + 16]);
    case 18: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15], bytes[at + 16], bytes[at + 17]);
    case 19: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15], bytes[at + 16], bytes[at + 17], bytes[at + 18]);
    case 20: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15], bytes[at + 16], bytes[at + 17], bytes[at + 18], bytes[at + 19]);
    case 21: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15], bytes[at + 16], bytes[at + 17], bytes[at + 18], bytes[at + 19], bytes[at + 20]);
    case 22: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15], bytes[at + 16], bytes[at + 17], bytes[at + 18], bytes[at + 19], bytes[at + 20], bytes[at + 21]);
    case 23: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15], bytes[at + 16], bytes[at + 17], bytes[at + 18], bytes[at + 19], bytes[at + 20], bytes[at + 21], bytes[at + 22]);
    case 24: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15], bytes[at + 16], bytes[at + 17], bytes[at + 18], bytes[at + 19], bytes[at + 20], bytes[at + 21], bytes[at + 22], bytes[at + 23]);
    case 25: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15], bytes[at + 16], bytes[at + 17], bytes[at + 18], bytes[at + 19], bytes[at + 20], bytes[at + 21], bytes[at + 22], bytes[at + 23], bytes[at + 24]);
    case 26: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15], bytes[at + 16], bytes[at + 17], bytes[at + 18], bytes[at + 19], bytes[at + 20], bytes[at + 21], bytes[at + 22], bytes[at + 23], bytes[at + 24], bytes[at + 25]);
    case 27: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15], bytes[at + 16], bytes[at + 17], bytes[at + 18], bytes[at + 19], bytes[at + 20], bytes[at + 21], bytes[at + 22], bytes[at + 23], bytes[at + 24], bytes[at + 25], bytes[at + 26]);
    case 28: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15], bytes[at + 16], bytes[at + 17], bytes[at + 18], bytes[at + 19], bytes[at + 20], bytes[at + 21], bytes[at + 22], bytes[at + 23], bytes[at + 24], bytes[at + 25], bytes[at + 26], bytes[at + 27]);
    case 29: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15], bytes[at + 16], bytes[at + 17], bytes[at + 18], bytes[at + 19], bytes[at + 20], bytes[at + 21], bytes[at + 22], bytes[at + 23], bytes[at + 24], bytes[at + 25], bytes[at + 26], bytes[at + 27], bytes[at + 28]);
    case 30: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15], bytes[at + 16], bytes[at + 17], bytes[at + 18], bytes[at + 19], bytes[at + 20], bytes[at + 21], bytes[at + 22], bytes[at + 23], bytes[at + 24], bytes[at + 25], bytes[at + 26], bytes[at + 27], bytes[at + 28], bytes[at + 29]);
    case 31: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15], bytes[at + 16], bytes[at + 17], bytes[at + 18], bytes[at + 19], bytes[at + 20], bytes[at + 21], bytes[at + 22], bytes[at + 23], bytes[at + 24], bytes[at + 25], bytes[at + 26], bytes[at + 27], bytes[at + 28], bytes[at + 29], bytes[at + 30]);
    case 32: return fromCharCode(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3], bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7], bytes[at + 8], bytes[at + 9], bytes[at + 10], bytes[at + 11], bytes[at + 12], bytes[at + 13], bytes[at + 14], bytes[at + 15], bytes[at + 16], bytes[at + 17], bytes[at + 18], bytes[at + 19], bytes[at + 20], bytes[at + 21], bytes[at + 22], bytes[at + 23], bytes[at + 24], bytes[at + 25], bytes[at + 26], bytes[at + 27], bytes[at + 28], bytes[at + 29], bytes[at + 30], bytes[at + 31]);
    default: return "";
  }
}

/** This platform's. */
export const TEXT: Text = textWith(nativesOf(globalThis));
