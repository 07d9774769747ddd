/** A header block that was read: all that is known of a frame before its body. */

import { ProtocolError, type ProtocolErrorCode } from "../errors.ts";
import type { CommandRule } from "./commands.ts";
import type { FrameHeaders } from "./headers.ts";
import type { FrameLimits } from "./limits.ts";
import type { ReadingRules } from "./rules.ts";

/** A command and its headers, and what follows from them for the body. */
export class Head {
  readonly command: string;
  readonly headers: FrameHeaders;
  /** Octets of the block, its blank line included. */
  readonly octets: number;
  /** The announced octets of the body; -1 if it ends with the first NUL, NaN if that cannot be known. */
  readonly bodyLength: number;
  readonly rules: ReadingRules;
  private readonly rule: CommandRule | undefined;

  constructor(
    rules: ReadingRules,
    rule: CommandRule | undefined,
    command: string,
    headers: FrameHeaders,
    octets: number,
    bodyLength: number,
  ) {
    this.rules = rules;
    this.rule = rule;
    this.command = command;
    this.headers = headers;
    this.octets = octets;
    this.bodyLength = bodyLength;
  }

  /** Whether it introduces one side to the other, maybe with a passcode: only such are never escaped. */
  get isIntroduction(): boolean {
    return this.rule?.escaped === false;
  }

  /** Whether the length of the body was announced. */
  get isCounted(): boolean {
    return this.bodyLength >= 0;
  }

  /** How many octets the body may have. */
  get mostBodyOctets(): number {
    if (!mayHaveBody(this.rules, this.rule)) return 0;
    const { maxBodyBytes, maxFrameBytes } = this.rules.limits;
    return Math.min(maxBodyBytes, maxFrameBytes - this.octets);
  }

  /** The error of a body that has more. */
  bodyError(): ProtocolError {
    if (!mayHaveBody(this.rules, this.rule)) {
      return this.error(
        "body-not-allowed",
        "This frame may not have a body in this version of STOMP: only SEND, MESSAGE and ERROR may",
      );
    }
    const { maxBodyBytes, maxFrameBytes } = this.rules.limits;
    return maxBodyBytes <= maxFrameBytes - this.octets
      ? limitError("maxBodyBytes", maxBodyBytes, "octets in a body", this.command)
      : limitError("maxFrameBytes", maxFrameBytes, "octets in a frame", this.command);
  }

  /** The error of a body that does not end where it was to end. */
  missingNul(): ProtocolError {
    return this.error("missing-nul", "The octet after a body of the announced length must be NUL");
  }

  private error(code: ProtocolErrorCode, message: string): ProtocolError {
    return new ProtocolError(code, message, { command: this.command });
  }
}

/** Whether a frame of this kind may have a body. */
export function mayHaveBody({ dialect }: ReadingRules, rule: CommandRule | undefined): boolean {
  return dialect.bodiesEverywhere || rule?.body === true;
}

/** The error of a limit that was passed. */
export function limitError(
  limit: keyof FrameLimits,
  most: number,
  what: string,
  command: string | undefined,
): ProtocolError {
  return new ProtocolError("limit-exceeded", `More than ${most} ${what} (${limit})`, { command });
}
