/** The bodies that a caller may give. */

import { ProtocolError } from "../errors.ts";
import { encodeUtf8 } from "./utf8.ts";

/** Strings and bytes go out as they are; any other value goes out as JSON. */
export type Body = string | Uint8Array | object | number | boolean | null;

/** A body as it goes out. */
export interface EncodedBody {
  readonly bytes: Uint8Array;
  /** The content type of a body that comes without one; bytes have none. */
  readonly contentType: string | undefined;
}

/**
 * The bytes of a body. Every kind of array buffer or view counts as bytes; they are not copied.
 *
 * @throws {ProtocolError} `unencodable` for a value that has no JSON: a function, a cycle.
 */
export function encodeBody(body: Body | undefined): EncodedBody {
  if (body === undefined) return NO_BODY;
  if (typeof body === "string") return { bytes: encodeUtf8(body), contentType: "text/plain" };
  if (body instanceof Uint8Array) return { bytes: body, contentType: undefined };
  if (ArrayBuffer.isView(body)) {
    const bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
    return { bytes, contentType: undefined };
  }
  if (isMemory(body)) return { bytes: new Uint8Array(body), contentType: undefined };
  return { bytes: encodeUtf8(json(body)), contentType: "application/json" };
}

/** Whether it is memory itself: shared, or of another realm, it is no instance of our `ArrayBuffer`. */
function isMemory(body: unknown): body is ArrayBuffer {
  return body instanceof ArrayBuffer || MEMORY.has(Object.prototype.toString.call(body));
}

const MEMORY: ReadonlySet<string> = new Set(["[object ArrayBuffer]", "[object SharedArrayBuffer]"]);

const NO_BODY: EncodedBody = {
  bytes: new Uint8Array(0),
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
