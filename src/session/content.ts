/** What clients and servers get of a message: the view on its frame that an application works with. */

import { NOT_PASSED_ON } from "../protocol/commands.ts";
import type { Frame } from "../protocol/frame.ts";
import type { FrameHeaders } from "../protocol/headers.ts";

/** Headers and body of a message. */
export interface Content {
  readonly headers: FrameHeaders;
  /** Unless `copyBodies` is set, a view on the chunk that it came in. */
  readonly body: Uint8Array;
  /** The `content-type` header. Without one, the body is a binary blob. */
  readonly contentType: string | undefined;
  /** The headers that STOMP does not own, in order, repeated ones too: what a relay passes on. */
  readonly userHeaders: Iterable<readonly [string, string]>;
  /** The body as text, in the charset of its content type. */
  text(): string;
  /** The body as JSON. @throws {SyntaxError} if it is none. */
  json(): unknown;
}

/** A message on top of its frame; costs no more than that. */
export class FrameContent implements Content {
  protected readonly frame: Frame;

  constructor(frame: Frame) {
    this.frame = frame;
  }

  get headers(): FrameHeaders {
    return this.frame.headers;
  }

  get body(): Uint8Array {
    return this.frame.body;
  }

  get contentType(): string | undefined {
    return this.frame.headers.get("content-type");
  }

  get userHeaders(): Iterable<readonly [string, string]> {
    return userHeaders(this.frame.headers);
  }

  /** The `destination` header, which every message has. */
  get destination(): string {
    return this.frame.headers.get("destination") as string;
  }

  text(): string {
    return this.frame.text();
  }

  json(): unknown {
    return this.frame.json();
  }
}

/** The entries that STOMP does not own. */
export function userHeaders(headers: FrameHeaders): Iterable<readonly [string, string]> {
  return hasOthers(headers) ? headers.all().filter(([name]) => !NOT_PASSED_ON.has(name)) : NONE;
}

/** Most messages have none of their own, and finding that out is cheaper than making a list of nothing. */
function hasOthers(headers: FrameHeaders): boolean {
  let others = headers.size;
  for (const name of NOT_PASSED_ON_NAMES) if (headers.has(name)) others--;
  return others > 0;
}

const NONE: readonly (readonly [string, string])[] = Object.freeze([]);
const NOT_PASSED_ON_NAMES: readonly string[] = [...NOT_PASSED_ON];
