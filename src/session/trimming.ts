/** What STOMP 1.0 leaves open and its examples do: spaces around header names and values. */

import { Frame } from "../protocol/frame.ts";
import { headersOf } from "../protocol/headers.ts";

const PADDED = /^[ \t]|[ \t]$/;
const PADDING = /^[ \t]+|[ \t]+$/g;

/** The frame without spaces and tabs around its header names and values. */
export function trimmed(frame: Frame): Frame {
  const entries = frame.headers.all();
  if (!entries.some(([name, value]) => PADDED.test(name) || PADDED.test(value))) return frame;
  const bare = entries.map(
    ([name, value]) => [name.replace(PADDING, ""), value.replace(PADDING, "")] as const,
  );
  return new Frame(frame.command, headersOf(bare), frame.body);
}
