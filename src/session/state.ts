/**
 * The life of a session, as a table.
 *
 * A session goes one way: from idle over connecting to connected, from there over disconnecting
 * to closed; and from everywhere straight to closed, because a link may break at any moment.
 * Two rules keep this file honest. Every change of state is a row here: nothing else decides
 * which state follows. And nothing here knows which side it is on: for a client CONNECT is what
 * it sends, for a server what it received, and the table is the same.
 */

import { ProtocolError } from "../errors.ts";

/** Where a session is in its life. */
export type State = "idle" | "connecting" | "connected" | "disconnecting" | "closed";

/** What moves a session on: a command that was sent or received, or the end, however it came. */
export type Step = "CONNECT" | "CONNECTED" | "DISCONNECT" | "ERROR" | "end";

const TRANSITIONS: Readonly<Record<State, Partial<Record<Step, State>>>> = {
  idle: { CONNECT: "connecting", ERROR: "disconnecting", end: "closed" },
  connecting: { CONNECTED: "connected", ERROR: "disconnecting", end: "closed" },
  connected: { DISCONNECT: "disconnecting", ERROR: "disconnecting", end: "closed" },
  disconnecting: { ERROR: "disconnecting", end: "closed" },
  closed: {},
};

/** The state that follows; undefined if the step is not possible now. */
export function next(state: State, step: Step): State | undefined {
  return TRANSITIONS[state][step];
}

/** What a caller did wrong whose command needs a connected session. */
export function notConnected(state: State, command: string): ProtocolError {
  if (state === "closed" || state === "disconnecting") {
    return new ProtocolError("closed", `${command} is not possible: the session has ended`, {
      command,
    });
  }
  return new ProtocolError("not-connected", `${command} needs a connected session`, { command });
}
