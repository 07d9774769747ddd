/** What STOMP 1.0 leaves open and its examples do: spaces around header names and values. */

import { trimmed as bare } from "../protocol/dialect.ts";
import { Frame } from "../protocol/frame.ts";
import { headersOf } from "../protocol/headers.ts";

const PADDED = /^[ \t]|[ \t]$/;

/**
 * The frame without spaces and tabs around its header names and values. An entry whose name is
 * nothing else has no name, and is left out.
 */
export function trimmed(frame: Frame): Frame {
  const entries = frame.headers.all();
  if (!entries.some(([name, value]) => PADDED.test(name) || PADDED.test(value))) return frame;
  const named = entries
    .map(([name, value]) => [bare(name), bare(value)] as const)
    .filter(([name]) => name !== "");
  return new Frame(frame.command, headersOf(named), frame.body);
}
