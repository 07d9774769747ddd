/** What can be wrong with a frame before its content is looked at, on either side. */

import { ProtocolError, type ProtocolErrorCode } from "../errors.ts";
import { ruleOf } from "../protocol/commands.ts";
import type { Dialect } from "../protocol/dialect.ts";
import type { Frame } from "../protocol/frame.ts";
import { redacted } from "./observation.ts";
import type { State } from "./state.ts";

/** What is wrong with a frame. It goes with the error, without the passcode that may be in it. */
export function fault(code: ProtocolErrorCode, text: string, frame: Frame): ProtocolError {
  return new ProtocolError(code, text, { frame: redacted(frame) });
}

/** What is wrong with a frame that the server sent. */
export function clientFault(
  frame: Frame,
  state: State,
  spoken: Dialect | undefined,
): ProtocolError | undefined {
  const { command } = frame;
  const rule = ruleOf(command);
  if (rule === undefined) {
    const text = "The server sent a command that STOMP does not have";
    return fault("unknown-command", text, frame);
  }
  // An ERROR may come at any time after CONNECT, CONNECTED only then, anything else only later.
  const expected = command === "ERROR" || (command === "CONNECTED") === (state === "connecting");
  if (rule.from === "client" || state === "idle" || !expected) {
    const text = `The server sent ${command} while the session was ${state}`;
    return fault("unexpected-command", text, frame);
  }
  return spoken === undefined
    ? undefined
    : headerFault(frame, rule.required[spoken.version], spoken);
}

/** What is wrong with a frame that the client sent. */
export function serverFault(
  frame: Frame,
  state: State,
  spoken: Dialect,
): ProtocolError | undefined {
  const { command } = frame;
  const connects = command === "CONNECT" || command === "STOMP";
  if (connects !== (state === "idle")) {
    const text = connects ? "The client is connected already" : "The first frame must be CONNECT";
    return new ProtocolError("unexpected-command", text, {
      command: connects ? command : undefined,
    });
  }
  const rule = ruleOf(command);
  if (rule?.from === "server") {
    const text = `${command} is for servers to send`;
    return fault("unexpected-command", text, frame);
  }
  const needed = rule?.required[spoken.version];
  if (needed === null) {
    const text = `STOMP ${spoken.version} has no ${command}`;
    return fault("unknown-command", text, frame);
  }
  return headerFault(frame, needed, spoken);
}

const NONE: readonly string[] = Object.freeze([]);

/**
 * What is wrong with the headers of a frame whose command the version has; undefined if nothing is.
 * A destination that is empty names nothing.
 *
 * @param needed What the command needs in that version.
 */
function headerFault(
  frame: Frame,
  needed: readonly string[] | null | undefined,
  spoken: Dialect,
): ProtocolError | undefined {
  const { command, headers } = frame;
  for (const name of needed ?? NONE) {
    const value = headers.get(name);
    if (value === undefined) {
      const text = `${command} needs header "${name}" in STOMP ${spoken.version}`;
      return fault("missing-header", text, frame);
    }
    if (value === "" && name === "destination") {
      const text = `${command} needs a destination that is not empty`;
      return fault("invalid-header", text, frame);
    }
  }
  return undefined;
}

/** A frame asks for more than is allowed. */
export function exceeded(frame: Frame, limit: string): ProtocolError {
  return fault("limit-exceeded", `There may be ${limit} at the most`, frame);
}

/** The value of a header that its side's fault check has found to be there. */
export function required(frame: Frame, name: string): string {
  return frame.headers.get(name) as string;
}
