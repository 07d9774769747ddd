/**
 * How a server says that something is wrong: by an ERROR, which ends the session.
 *
 * What an ERROR says is in `error-frame.ts`; here is that there always is one, whatever the
 * application wanted to say in it, and what becomes of the session.
 *
 * @see STOMP 1.2, "ERROR"
 */

import { ApplicationError, ConnectionError, ProtocolError, StompError } from "../errors.ts";
import type { Body } from "../protocol/body.ts";
import { DIALECTS, type Dialect } from "../protocol/dialect.ts";
import type { Frame } from "../protocol/frame.ts";
import type { HeaderInput } from "../protocol/headers.ts";
import type { Ending } from "./closing.ts";
import { errorContent, hookFailure, refusal } from "./error-frame.ts";
import { redacted } from "./observation.ts";
import type { Encoded } from "./outputs.ts";
import type { ServerHooks } from "./server-hooks.ts";
import type { ServerSettings } from "./server-options.ts";
import { SessionCore } from "./session-core.ts";
import { notConnected } from "./state.ts";

const NOTHING = new Uint8Array(0);

/** How a server's session fails. */
export abstract class Refusing<Token> extends SessionCore<ServerHooks<Token>> {
  declare readonly settings: ServerSettings;

  get spoken(): Dialect {
    return this.dialect ?? DIALECTS["1.0"];
  }

  error(
    error: StompError | string,
    options: { headers?: HeaderInput | undefined; body?: Body | undefined } = {},
  ): void {
    if (this.isEnding) throw notConnected("closed", "ERROR");
    const refusal = typeof error === "string" ? new ApplicationError(error, options) : error;
    if (!(refusal instanceof StompError)) {
      // Whatever was caught anywhere: its text is not for the client.
      const text = "error() takes a text, or an error of this package";
      throw new ProtocolError("invalid-option", text, { command: "ERROR" });
    }
    const frame = this.encodeContent(refusal, undefined, options);
    this.finish({ reason: "error", how: "flush", error: refusal }, frame);
  }

  protected override failed(failure: StompError, frame?: Frame): void {
    const { error, encoded } = this.sayable(failure, frame);
    const link = error instanceof ConnectionError && error.code !== "hook-failed";
    const ending: Ending = {
      reason: link ? "lost" : "error",
      // A dead link that is full as well would never be flushed.
      how: link && !this.writable ? "now" : "flush",
      error,
      reported: true,
      frame: frame === undefined ? undefined : redacted(frame),
    };
    this.finish(ending, encoded);
  }

  protected override hookFailed(cause: unknown): void {
    if (this.hasEnded) this.tooLate(cause);
    else this.failed(refusal(cause));
  }

  protected encodeFrame(
    command: string,
    headers: readonly string[],
    body: Uint8Array | string = NOTHING,
  ): Encoded {
    // The line feed behind the NUL is what some clients wait for.
    return this.encode(command, headers, body, this.spoken, "always", true);
  }

  /** An ERROR in any case: if what a hook wants to say cannot be said, it is a hook that failed. */
  private sayable(
    error: StompError,
    frame: Frame | undefined,
  ): { error: StompError; encoded: Encoded } {
    try {
      return { error, encoded: this.encodeContent(error, frame) };
    } catch (cause) {
      // Not a refusal, which would speak for itself, and might fail as well.
      const failure = hookFailure(cause);
      return { error: failure, encoded: this.encodeContent(failure, frame) };
    }
  }

  private encodeContent(
    error: StompError,
    frame: Frame | undefined,
    extra?: { headers?: HeaderInput | undefined; body?: Body | undefined },
  ): Encoded {
    const { versions } = this.settings;
    const { headers, body } = errorContent(error, frame, this.spoken, versions, extra);
    return this.encodeFrame("ERROR", headers, body);
  }
}
