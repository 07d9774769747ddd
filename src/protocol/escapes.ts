/** Escaping of headers: a single pass in each direction, and what cannot be escaped. */

import { ruleOf } from "./commands.ts";
import { DIALECTS, type Dialect } from "./dialect.ts";
import { BACKSLASH } from "./octets.ts";
import { decoded, type Text } from "./utf8.ts";

/**
 * A name or value without its escapes; undefined if one of them is not defined in the dialect, or if
 * it is not UTF-8.
 *
 * @param kinds Of its octets.
 * @see STOMP 1.2, "Value Encoding"
 */
export function unescaped(
  text: Text,
  bytes: Uint8Array,
  start: number,
  end: number,
  kinds: number,
  dialect: Dialect,
): string | undefined {
  const octets = OCTETS[dialect.version];
  const plain = end - start > SCRATCH.length ? new Uint8Array(end - start) : SCRATCH;
  const backslash = BACKSLASH;
  let length = 0;
  for (let at = start; at < end; at++) {
    let octet = bytes[at] as number;
    if (octet === backslash) {
      octet = ++at < end ? (octets[bytes[at] as number] as number) : UNDEFINED;
      if (octet === UNDEFINED) return undefined;
    }
    plain[length++] = octet;
  }
  return decoded(text, plain, 0, length, kinds);
}

/** A name or value with its escapes. */
export function escaped(text: string, dialect: Dialect): string {
  return text.replace(TO_ESCAPE, (character) => {
    const letter = dialect.escapes.get(character);
    return letter === undefined ? character : `\\${letter}`;
  });
}

/** Whether the headers of a command are escaped in the dialect; those of commands STOMP does not know are. */
export function isEscaped(command: string, dialect: Dialect): boolean {
  return dialect.escapes.size > 0 && ruleOf(command)?.escaped !== false;
}

/** Whether a header of the command may have this name in the dialect. */
export function canCarryName(name: string, command: string, dialect: Dialect): boolean {
  if (name === "" || !isCarriable(name)) return false;
  return isEscaped(command, dialect) || !(name.includes(":") || breaksLine(name, command, dialect));
}

/** Whether a header of the command may have this value in the dialect. */
export function canCarryValue(value: string, command: string, dialect: Dialect): boolean {
  if (!isCarriable(value)) return false;
  return isEscaped(command, dialect) || !breaksLine(value, command, dialect);
}

/** Whether there is a character that ends a line where nothing is escaped. */
function breaksLine(text: string, command: string, dialect: Dialect): boolean {
  if (text.includes("\n")) return true;
  // Commands that are never escaped are read before the version is known: a carriage return may end a line.
  const carriageReturns = dialect.carriageReturns || ruleOf(command)?.escaped === false;
  return carriageReturns && text.includes("\r");
}

// No version escapes a NUL.
function isCarriable(text: string): boolean {
  return !text.includes("\0") && isWellFormed(text);
}

/** Whether UTF-8 can carry it: it has no lone surrogate. */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

const LONE_SURROGATE = /\p{Surrogate}/u;

const TO_ESCAPE = /[\\\r\n:]/g;

/** Where octets are put together, for a moment: new memory would cost more than all the rest. */
const SCRATCH = new Uint8Array(1_024);

/** Nothing: no escape stands for a NUL. */
const UNDEFINED = 0;

/** The octets that the letters behind a backslash stand for. */
const OCTETS = {
  "1.0": byLetter(DIALECTS["1.0"]),
  "1.1": byLetter(DIALECTS["1.1"]),
  "1.2": byLetter(DIALECTS["1.2"]),
};

function byLetter({ escapes }: Dialect): Uint8Array {
  const octets = new Uint8Array(256).fill(UNDEFINED);
  for (const [character, letter] of escapes) octets[letter.charCodeAt(0)] = character.charCodeAt(0);
  return octets;
}
