/** Messages for many receivers, encoded once. */

import { ProtocolError } from "../errors.ts";
import { type Body, outgoingBody } from "./body.ts";
import { ruleOf } from "./commands.ts";
import { DIALECTS, type Dialect, dialectOf, trimmed } from "./dialect.ts";
import { headerLines } from "./encoder.ts";
import { canCarryName, canCarryValue } from "./escapes.ts";
import { checkedText, flatten, type HeaderInput } from "./headers.ts";
import { COLON, LINE_FEED, NUL } from "./octets.ts";
import { isPlain, writeIfPlain, writePlain } from "./plain.ts";
import { roomFor, roomWith } from "./room.ts";
import { encodeUtf8 } from "./utf8.ts";
import type { Version } from "./version.ts";

/** A message for subscribers. */
export interface OutgoingMessage {
  destination: string;
  /** Default: the session makes one. */
  messageId?: string | undefined;
  /** Strings and bytes go out as they are, any other value as JSON. Bytes must not change afterwards. */
  body?: Body | undefined;
  /** Default: "text/plain" for strings, "application/json" for JSON, none for bytes. */
  contentType?: string | undefined;
  /** Further headers. Those that STOMP owns for MESSAGE may not be among them. */
  headers?: HeaderInput | undefined;
}

/**
 * A message that is encoded once for each version, when it is first needed, and delivered any number
 * of times: to each receiver only `subscription`, `message-id` and `ack` are written.
 */
export class PreparedMessage {
  readonly destination: string;
  readonly messageId: string | undefined;
  /** Octets of the body. */
  readonly bodyBytes: number;
  /** What the body was made of, if that is text. */
  private readonly text: string | undefined;
  /** The body; that of text only until it is used for the first time: it is seldom needed again. */
  private body: Uint8Array;
  /** Flat: content-type and content-length, if there are any, and what the caller gave. */
  private readonly entries: readonly string[];
  /** What all versions write alike. Undefined until it is needed, and if they do not. */
  private plain: Form | undefined = undefined;
  private readonly isPlain: boolean;
  private forms: Map<Version, Form> | undefined = undefined;
  /** The last delivery by the message's own id: as long as nothing else is asked for, all are the same. */
  private latest: Uint8Array<ArrayBuffer> | undefined = undefined;
  private latestPrefix: Uint8Array | undefined = undefined;

  /**
   * @throws {ProtocolError} `owned-header` for a header that STOMP owns; `unencodable` for what no
   * version can carry; `invalid-header` for what is no text, and for an empty destination.
   */
  constructor(message: OutgoingMessage) {
    const { content, contentType } = outgoingBody(message.body);
    const type = textOrNone(message.contentType ?? contentType);
    const given = flatten(message.headers);
    checkOwned(given);
    this.destination = checkedText(message.destination);
    if (this.destination === "") {
      const text = "MESSAGE needs a destination that is not empty";
      throw new ProtocolError("invalid-header", text, { command: MESSAGE });
    }
    this.messageId = textOrNone(message.messageId);
    this.text = typeof content === "string" ? content : undefined;
    this.body = typeof content === "string" ? roomWith(content) : content;
    this.bodyBytes = this.body.length;
    const entries = contentEntries(type, this.bodyBytes);
    for (const part of given) entries.push(part);
    this.entries = entries;
    const { destination } = this;
    this.isPlain =
      isPlain(destination) && trimmed(destination) !== "" && isPlain(type ?? "") && arePlain(given);
    if (!this.isPlain) checkEntries(["destination", this.destination, ...entries]);
  }

  /** Names of entries that this version cannot carry; they are left out on delivery. */
  omitted(version: Version): readonly string[] {
    return this.form(dialectOf(version)).omitted;
  }

  /**
   * The MESSAGE for one receiver; not to be written to, because others may be given the same bytes.
   *
   * @param prefix Of its subscription, from {@link deliveryPrefix} for the same dialect.
   * @throws {ProtocolError} `unencodable` if the version cannot carry the destination or an id, or if
   * the body was transferred.
   */
  deliver(
    dialect: Dialect,
    prefix: Uint8Array,
    messageId: string,
    ackId: string | undefined,
  ): Uint8Array<ArrayBuffer> {
    if (ackId !== undefined || messageId !== this.messageId) {
      return addressed(dialect, prefix, messageId, ackId, this.tail(dialect));
    }
    if (this.latest === undefined || isLost(this.latest) || this.latestPrefix !== prefix) {
      this.latest = addressed(dialect, prefix, messageId, ackId, this.tail(dialect));
      this.latestPrefix = prefix;
    }
    return this.latest;
  }

  /** The same in pieces. The last one is the same bytes for all receivers of a version. */
  deliverParts(
    dialect: Dialect,
    prefix: Uint8Array,
    messageId: string,
    ackId: string | undefined,
  ): Uint8Array<ArrayBuffer>[] {
    const tail = this.tail(dialect);
    return [addressed(dialect, prefix, messageId, ackId, NOTHING), tail];
  }

  private tail(dialect: Dialect): Uint8Array<ArrayBuffer> {
    const { tail } = this.form(dialect);
    if (tail !== undefined) return tail;
    throw new ProtocolError(
      "unencodable",
      `STOMP ${dialect.version} cannot carry the destination of this MESSAGE`,
      { command: MESSAGE },
    );
  }

  private form(dialect: Dialect): Form {
    if (this.isPlain) {
      if (this.plain === undefined || isLost(this.plain.tail)) {
        this.plain = { omitted: NO_NAMES, tail: this.encodePlain() };
      }
      return this.plain;
    }
    this.forms ??= new Map();
    let form = this.forms.get(dialect.version);
    if (form === undefined || isLost(form.tail)) {
      form = this.encode(dialect);
      this.forms.set(dialect.version, form);
    }
    return form;
  }

  private takeBody(): Uint8Array {
    const { text, body, bodyBytes } = this;
    if (text !== undefined) this.body = NOTHING;
    if (body.length === bodyBytes) return body;
    if (text !== undefined) return roomWith(text);
    throw new ProtocolError(
      "unencodable",
      "The body of this MESSAGE is not there any more: its memory was transferred",
      { command: MESSAGE },
    );
  }

  /** What `encode` would write in any dialect. */
  private encodePlain(): Uint8Array<ArrayBuffer> {
    const { destination, entries } = this;
    const body = this.takeBody();
    let octets = DESTINATION.length + destination.length + body.length + 4;
    for (const part of entries) octets += part.length + 1;
    const tail = roomFor(octets);
    writePlain(tail, 0, DESTINATION);
    writePlain(tail, DESTINATION.length, destination);
    let at = DESTINATION.length + destination.length;
    tail[at++] = LINE_FEED;
    for (let part = 0; part < entries.length; part++) {
      const text = entries[part] as string;
      writePlain(tail, at, text);
      at += text.length;
      tail[at++] = part % 2 === 0 ? COLON : LINE_FEED;
    }
    tail[at++] = LINE_FEED;
    if (body.length > 0) tail.set(body, at);
    tail[octets - 2] = NUL;
    tail[octets - 1] = LINE_FEED;
    return tail;
  }

  private encode(dialect: Dialect): Form {
    const omitted: string[] = [];
    let lines = "";
    for (const [name, value] of pairs(this.entries)) {
      if (isCarried(name, value, dialect)) lines += headerLines(MESSAGE, [name, value], dialect);
      else omitted.push(name);
    }
    if (!canCarryValue(this.destination, MESSAGE, dialect)) return { omitted, tail: undefined };
    if (dialect.trims && trimmed(this.destination) === "") return { omitted, tail: undefined };
    const destination = headerLines(MESSAGE, ["destination", this.destination], dialect);
    const head = encodeUtf8(`${destination}${lines}\n`);
    return { omitted, tail: join(head, this.takeBody(), END) };
  }
}

/**
 * The beginning of every MESSAGE for a subscription, up to its message-id. Clients choose the same
 * few ids, so those who chose alike share one: what is made for one of them is right for all.
 *
 * @param subscription Its id; undefined in 1.0, if the client gave none.
 * @throws {ProtocolError} `unencodable`
 */
export function deliveryPrefix(
  dialect: Dialect,
  subscription: string | undefined,
): Uint8Array<ArrayBuffer> {
  const headers = subscription === undefined ? [] : ["subscription", subscription];
  const text = `${MESSAGE}\n${headerLines(MESSAGE, headers, dialect)}message-id:`;
  const prefixes = PREFIXES[dialect.version];
  let prefix = prefixes.get(text);
  if (prefix === undefined) {
    prefix = encodeUtf8(text);
    if (text.length > LONGEST_SHARED_PREFIX) return prefix;
    if (prefixes.size >= MOST_SHARED_PREFIXES) prefixes.clear();
    prefixes.set(text, prefix);
  }
  return prefix;
}

/** What receivers of one version share. */
interface Form {
  readonly omitted: readonly string[];
  /** All from the destination on; undefined if the version cannot carry that. */
  readonly tail: Uint8Array<ArrayBuffer> | undefined;
}

const MESSAGE = "MESSAGE";
const OWNED: ReadonlySet<string> = new Set(ruleOf(MESSAGE).owned);
const DESTINATION = "destination:";
const ACK = "ack:";
const END = new Uint8Array([NUL, LINE_FEED]);
const NOTHING = new Uint8Array(0);
const NO_NAMES: readonly string[] = [];

/** So many prefixes are shared; clients that invent ids must not make us keep them. */
const MOST_SHARED_PREFIXES = 1_024;
const LONGEST_SHARED_PREFIX = 128;
/** By version, because a message may look different in each. */
const PREFIXES: Readonly<Record<Version, Map<string, Uint8Array<ArrayBuffer>>>> = {
  "1.0": new Map(),
  "1.1": new Map(),
  "1.2": new Map(),
};

function textOrNone(part: string | undefined): string | undefined {
  return part === undefined ? undefined : checkedText(part);
}

/** The arrays are made as large as they are: an empty one grows in leaps. */
function contentEntries(type: string | undefined, bodyBytes: number): string[] {
  if (bodyBytes === 0) return type === undefined ? [] : ["content-type", type];
  const length = String(bodyBytes);
  return type === undefined
    ? ["content-length", length]
    : ["content-type", type, "content-length", length];
}

function checkOwned(headers: readonly string[]): void {
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    if (!OWNED.has(name)) continue;
    throw new ProtocolError(
      "owned-header",
      `The header ${JSON.stringify(name)} of a MESSAGE is written by the session`,
      { command: MESSAGE },
    );
  }
}

/** Whether every version carries all of these, and writes them as they are. */
function arePlain(entries: readonly string[]): boolean {
  for (let at = 0; at < entries.length; at += 2) {
    const name = entries[at] as string;
    if (name === "" || !isPlain(name) || !isPlain(entries[at + 1] as string)) return false;
    if (!OWNED.has(name) && OWNED.has(trimmed(name))) return false;
  }
  return true;
}

/** What STOMP 1.2 cannot carry, no version can. */
function checkEntries(entries: readonly string[]): void {
  headerLines(MESSAGE, entries, DIALECTS["1.2"]);
}

function isCarried(name: string, value: string, dialect: Dialect): boolean {
  // Whoever trims would take a padded name for one that the session writes, and believe it.
  if (dialect.trims && !OWNED.has(name) && OWNED.has(trimmed(name))) return false;
  return canCarryName(name, MESSAGE, dialect) && canCarryValue(value, MESSAGE, dialect);
}

/** A frame, or the head of one, for one receiver. */
function addressed(
  dialect: Dialect,
  prefix: Uint8Array,
  messageId: string,
  ackId: string | undefined,
  tail: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const idsStart = prefix.length;
  const idsEnd = idsStart + messageId.length + 1;
  const tailStart = ackId === undefined ? idsEnd : idsEnd + ACK.length + ackId.length + 1;
  const frame = roomFor(tailStart + tail.length);
  if (!writeIds(frame, idsStart, messageId, ackId)) {
    return join(prefix, encodeUtf8(identification(dialect, messageId, ackId)), tail);
  }
  frame.set(prefix);
  if (tail.length > 0) frame.set(tail, tailStart);
  return frame;
}

/** Writes the ids of a delivery, if they can be written as they are. */
function writeIds(
  frame: Uint8Array,
  start: number,
  messageId: string,
  ackId: string | undefined,
): boolean {
  if (!writeIfPlain(frame, start, messageId)) return false;
  const end = start + messageId.length;
  frame[end] = LINE_FEED;
  if (ackId === undefined) return true;
  const ackStart = end + 1 + ACK.length;
  writePlain(frame, end + 1, ACK);
  frame[ackStart + ackId.length] = LINE_FEED;
  return writeIfPlain(frame, ackStart, ackId);
}

/** The same lines for ids that have to be escaped, or refused. */
function identification(dialect: Dialect, messageId: string, ackId: string | undefined): string {
  const ack = ackId === undefined ? "" : headerLines(MESSAGE, ["ack", ackId], dialect);
  // The name stands in the prefix already.
  return headerLines(MESSAGE, ["message-id", messageId], dialect).slice("message-id:".length) + ack;
}

/** Whether octets that were handed out, and are never none, were transferred: against what was asked. */
function isLost(octets: Uint8Array | undefined): boolean {
  return octets?.length === 0;
}

function* pairs(flat: readonly string[]): Iterable<readonly [string, string]> {
  for (let at = 0; at < flat.length; at += 2) yield [flat[at] as string, flat[at + 1] as string];
}

function join(first: Uint8Array, second: Uint8Array, third: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = roomFor(first.length + second.length + third.length);
  whole.set(first);
  whole.set(second, first.length);
  whole.set(third, first.length + second.length);
  return whole;
}
