/** A frame: the unit of STOMP. */

import type { FrameHeaders } from "./headers.ts";
import { decodeText } from "./utf8.ts";

/** A frame as it was received. */
export class Frame {
  readonly command: string;
  readonly headers: FrameHeaders;
  /**
   * The octets of the body; empty if there is none. Unless the parser copies bodies, a view on the
   * bytes that were pushed.
   */
  readonly body: Uint8Array;

  constructor(command: string, headers: FrameHeaders, body: Uint8Array) {
    this.command = command;
    this.headers = headers;
    this.body = body;
  }

  /**
   * The body as text: in the `charset` of its content type where the platform knows it, in UTF-8
   * otherwise. What is not valid in it becomes U+FFFD.
   *
   * @see STOMP 1.2, "Header content-type"
   */
  text(): string {
    return decodeText(this.body, charsetOf(this.headers.get("content-type")));
  }

  /** The frame with its body as text, for JSON: for logs, say. */
  toJSON(): { command: string; headers: FrameHeaders; body: string } {
    return { command: this.command, headers: this.headers, body: this.text() };
  }

  /**
   * The body as JSON.
   *
   * @throws {SyntaxError} if it is none.
   */
  json(): unknown {
    return JSON.parse(this.text());
  }
}

const CHARSET = /;\s*charset\s*=\s*"?([^\s";]+)/i;

function charsetOf(contentType: string | undefined): string | undefined {
  return contentType === undefined ? undefined : CHARSET.exec(contentType)?.[1];
}
