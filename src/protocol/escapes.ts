/** Escaping of headers: a single pass in each direction. */

import { DIALECTS, type Dialect } from "./dialect.ts";

/**
 * A name or value without its escapes; undefined if one of them is not defined in the dialect.
 *
 * @see STOMP 1.2, "Value Encoding"
 */
export function unescaped(text: string, dialect: Dialect): string | undefined {
  const characters = CHARACTERS[dialect.version];
  let plain = "";
  let done = 0;
  for (let at = text.indexOf("\\"); at >= 0; at = text.indexOf("\\", done)) {
    const character = characters.get(text.charAt(at + 1));
    if (character === undefined) return undefined;
    plain += text.slice(done, at) + character;
    done = at + 2;
  }
  return plain + text.slice(done);
}

/** A name or value with its escapes. */
export function escaped(text: string, dialect: Dialect): string {
  return text.replace(TO_ESCAPE, (character) => {
    const letter = dialect.escapes.get(character);
    return letter === undefined ? character : `\\${letter}`;
  });
}

const TO_ESCAPE = /[\\\r\n:]/g;

const CHARACTERS = {
  "1.0": inverse(DIALECTS["1.0"]),
  "1.1": inverse(DIALECTS["1.1"]),
  "1.2": inverse(DIALECTS["1.2"]),
};

function inverse(dialect: Dialect): ReadonlyMap<string, string> {
  return new Map([...dialect.escapes].map(([character, letter]) => [letter, character]));
}
