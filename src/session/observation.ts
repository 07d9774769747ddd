/** Frames as an observer may see them. */

import type { Dialect } from "../protocol/dialect.ts";
import { Frame } from "../protocol/frame.ts";
import { headersOf } from "../protocol/headers.ts";
import { type FrameLimits, frameLimits } from "../protocol/limits.ts";
import { FrameParser } from "../protocol/parser.ts";

/** What stands for a passcode. */
const HIDDEN = "***";
/** For our own frames, which are as large as the application makes them. */
export const UNLIMITED: Readonly<FrameLimits> = frameLimits({
  maxCommandBytes: Number.POSITIVE_INFINITY,
  maxLineBytes: Number.POSITIVE_INFINITY,
  maxHeaders: Number.POSITIVE_INFINITY,
  maxHeaderBytes: Number.POSITIVE_INFINITY,
  maxBodyBytes: Number.POSITIVE_INFINITY,
});

/** The frame without the passcode that may be in it. */
export function redacted(frame: Frame): Frame {
  const entries = frame.headers.all();
  if (!entries.some(isPasscode)) return frame;
  const harmless = entries.map((entry) =>
    isPasscode(entry) ? ([entry[0], HIDDEN] as const) : entry,
  );
  return new Frame(frame.command, headersOf(harmless), frame.body);
}

/**
 * A frame that is being sent, read back: an observer sees what is on the wire.
 *
 * @param dialect What it was encoded in; undefined before one is agreed, when nothing is escaped.
 */
export function decoded(bytes: Uint8Array, dialect: Dialect | undefined): Frame | undefined {
  const parser = new FrameParser({ version: dialect?.version ?? "1.0", limits: UNLIMITED });
  parser.push(bytes);
  return parser.next();
}

function isPasscode([name]: readonly [string, string]): boolean {
  // STOMP 1.0 may pad the name.
  return name.trim() === "passcode";
}
