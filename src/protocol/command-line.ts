/** Commands by their octets. */

import { COMMANDS, type CommandRule, ruleOf } from "./commands.ts";
import { type HeaderShape, shapeOf } from "./header-shape.ts";

/** A command of STOMP, and all that a reader looks up by it. */
export interface KnownCommand {
  readonly name: string;
  readonly rule: CommandRule;
  /** The shape of its frames without headers. */
  readonly shape: HeaderShape;
}

/** The command that stands there; undefined if STOMP has no such command. */
export function knownCommand(
  bytes: Uint8Array,
  start: number,
  end: number,
): KnownCommand | undefined {
  for (const command of BY_LENGTH[end - start] ?? NONE) {
    if (standsAt(bytes, start, command.name)) return command;
  }
  return undefined;
}

/** Whether a text of ASCII stands there; the octets must be there to be compared. */
export function standsAt(bytes: Uint8Array, start: number, text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (bytes[start + at] !== text.charCodeAt(at)) return false;
  }
  return true;
}

const NONE: readonly KnownCommand[] = [];
const BY_LENGTH: readonly (readonly KnownCommand[])[] = byLength();

function byLength(): KnownCommand[][] {
  const table: KnownCommand[][] = [];
  for (const name of COMMANDS) {
    table[name.length] ??= [];
    table[name.length]?.push({ name, rule: ruleOf(name), shape: shapeOf(name) });
  }
  return table;
}
