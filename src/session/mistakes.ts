/** What a caller can do wrong with any command. */

import { ProtocolError } from "../errors.ts";
import { type Command, ruleOf } from "../protocol/commands.ts";
import { trimmed } from "../protocol/dialect.ts";

/**
 * Headers that a caller gave, flat, if none of them is owned by STOMP.
 *
 * @param trims Whether the peer may trim names: then one with spaces around it is the same as without.
 * @throws {ProtocolError} `owned-header`
 */
export function unowned(
  command: Command,
  headers: readonly string[],
  trims: boolean,
): readonly string[] {
  const { owned } = ruleOf(command);
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    if (!owned.includes(trims ? trimmed(name) : name)) continue;
    const text = `${command} writes its header ${JSON.stringify(name)} itself`;
    throw new ProtocolError("owned-header", text, { command });
  }
  return headers;
}

/** Something was named that is not there. */
export function unknown(what: "subscription" | "transaction", command: string): ProtocolError {
  const text = `${command} names a ${what} that is not there`;
  return new ProtocolError(`unknown-${what}`, text, { command });
}

/** Something was named that is there already. */
export function duplicate(what: "subscription" | "transaction", command: string): ProtocolError {
  const text = `${command} names a ${what} that is there already: ids have to differ`;
  return new ProtocolError(`duplicate-${what}`, text, { command });
}
