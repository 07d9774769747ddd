/** Frames and bytes as a person reads them. */

import type { Frame } from "../protocol/frame.ts";
import { TEXT } from "../protocol/utf8.ts";
import { redacted } from "../session/observation.ts";

/** A body that is longer is cut. */
const LONGEST_TEXT = 60;

/** `SEND destination:/a content-type:text/plain "hello"` */
export function frameLine(frame: Frame): string {
  const { command, headers, body } = redacted(frame);
  const entries = headers.all().filter(([name]) => name !== "content-length");
  const words = entries.map(([name, value]) => `${quotedIfNeeded(name)}:${quotedIfNeeded(value)}`);
  return [command, ...words, ...quotedBody(body)].join(" ");
}

/** Nothing for an empty body. */
export function quotedBody(body: Uint8Array): string[] {
  return body.length === 0 ? [] : [quotedBytes(body)];
}

/** A text in quotation marks; only a size for what is no text. */
export function quotedBytes(bytes: Uint8Array): string {
  const text = TEXT.utf8(bytes, 0, bytes.length);
  if (text === undefined) return `<${bytes.length} bytes>`;
  if (text.length <= LONGEST_TEXT) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, LONGEST_TEXT))}… <${bytes.length} bytes>`;
}

function quotedIfNeeded(word: string): string {
  return /[\s"]/.test(word) ? JSON.stringify(word) : word;
}
