/**
 * A server's session, as those see it who handle one kind of command: the files
 * `server-subscribing.ts`, `server-acknowledging.ts`, `server-transacting.ts`, `server-delivering.ts`.
 *
 * They are functions, not objects, because a session that does nothing must not weigh anything
 * for what it could do.
 */

import type { Dialect } from "../protocol/dialect.ts";
import type { Frame } from "../protocol/frame.ts";
import type { Outcome, Undo } from "./answers.ts";
import type { MaybePromise } from "./hooks.ts";
import type { Encoded } from "./outputs.ts";
import type { Books } from "./server-books.ts";
import type { ServerHooks } from "./server-hooks.ts";
import type { ServerSettings } from "./server-options.ts";
import type { State } from "./state.ts";

/** The session, as far as it goes for a command. */
export interface ServerSession<Token> {
  readonly hooks: ServerHooks<Token>;
  readonly settings: ServerSettings;
  readonly state: State;
  /** Whether it is decided how the session ends: then no hook is called for a command any more. */
  readonly isEnding: boolean;
  /** What was agreed on; undefined before that. */
  readonly dialect: Dialect | undefined;
  /** The dialect for what is sent: until one is agreed, the one that needs no understanding. */
  readonly spoken: Dialect;
  /** What is kept of the client. */
  readonly books: Books<Token>;
  /** Hands a frame to its hook. */
  ask(frame: Frame, hook: () => MaybePromise<unknown>, undo?: Undo): void;
  /** As `ask`, for a hook that was called without a closure, and answered. */
  answered(frame: Frame, answer: unknown, undo?: Undo): void;
  /** The same, for one that threw. */
  refused(frame: Frame, thrown: unknown, undo?: Undo): void;
  /** The outcome of a frame is known; it counts when those of all earlier frames do. */
  conclude(frame: Frame, outcome: Outcome, undo?: Undo): void;
  /** Sends one whole frame, or the pieces of one. */
  put(frame: Encoded): void;
}
