/** The bodies that a caller may give. */

import { ProtocolError } from "../errors.ts";

/** Strings and bytes go out as they are; any other value goes out as JSON. */
export type Body = string | Uint8Array | object | number | boolean | null;

/** A body as it goes out. */
export interface OutgoingBody {
  /** Text becomes bytes where it is written. */
  readonly content: Uint8Array | string;
  /** The content type of a body that comes without one; bytes have none. */
  readonly contentType: string | undefined;
}

/**
 * What a body is: text, or bytes. Every kind of array buffer or view counts as bytes; they are not copied.
 *
 * @throws {ProtocolError} `unencodable` for a value that has no JSON: a function, a cycle.
 */
export function outgoingBody(body: Body | undefined): OutgoingBody {
  if (body === undefined) return NO_BODY;
  if (typeof body === "string") return { content: body, contentType: "text/plain" };
  if (body instanceof Uint8Array) return { content: body, contentType: undefined };
  if (ArrayBuffer.isView(body)) {
    const content = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
    return { content, contentType: undefined };
  }
  if (isMemory(body)) return { content: new Uint8Array(body), contentType: undefined };
  return { content: json(body), contentType: "application/json" };
}

/** Whether it is memory itself: shared, or of another realm, it is no instance of our `ArrayBuffer`. */
function isMemory(body: unknown): body is ArrayBuffer {
  return body instanceof ArrayBuffer || MEMORY.has(Object.prototype.toString.call(body));
}

const MEMORY: ReadonlySet<string> = new Set(["[object ArrayBuffer]", "[object SharedArrayBuffer]"]);

const NO_BODY: OutgoingBody = {
  content: new Uint8Array(0),
  contentType: undefined,
};

function json(body: object | number | boolean | null): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(body);
  } catch (cause) {
    throw new ProtocolError("unencodable", "The body cannot be written as JSON", { cause });
  }
  if (text === undefined) {
    throw new ProtocolError("unencodable", "The body has no JSON: give a string, bytes or a value");
  }
  return text;
}
