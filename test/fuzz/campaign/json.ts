/** Cases as JSON, for a person to read and for `--replay`. */

import { fromOctets, toOctets } from "../octets.ts";
import type { AnyCase } from "./kinds.ts";

/** Octets are written as text with one character for each. */
export function toJson(given: AnyCase): string {
  return JSON.stringify(given, (_name, value: unknown) =>
    value instanceof Uint8Array ? fromOctets(value) : value,
  );
}

export function fromJson(text: string): AnyCase {
  return JSON.parse(text, function (this: unknown, name, value: unknown) {
    const isInput = name === "input";
    const isStep = name === "1" && Array.isArray(this) && this[0] === "bytes";
    return (isInput || isStep) && typeof value === "string" ? toOctets(value) : value;
  }) as AnyCase;
}
