/**
 * A second reader, as plain as can be: all bytes are there, and nothing matters but that it is
 * evidently right. It shares no code with the parser.
 */

import type { Version } from "stomp-engine";

export interface ReferenceFrame {
  readonly command: string;
  readonly headers: readonly (readonly [string, string])[];
  /** One character for each octet. */
  readonly body: string;
}

/** All that there is to say about some bytes; no error where the last frame is only incomplete. */
export interface ReferenceOutcome {
  readonly frames: readonly ReferenceFrame[];
  readonly error: string | undefined;
}

const MOST = { command: 32, line: 8_192, headers: 100, block: 65_536, body: 4_194_304 };
const WITH_BODY = ["SEND", "MESSAGE", "ERROR"];
const NOT_ESCAPED = ["CONNECT", "STOMP", "CONNECTED"];
const LETTERS: Readonly<Record<Version, Readonly<Record<string, string>>>> = {
  "1.0": {},
  "1.1": { n: "\n", c: ":", "\\": "\\" },
  "1.2": { n: "\n", c: ":", "\\": "\\", r: "\r" },
};
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param wire One character for each octet. */
export function referenceRead(wire: string, version: Version, strict: boolean): ReferenceOutcome {
  const frames: ReferenceFrame[] = [];
  const reader = new ReferenceReader(wire, version, strict);
  try {
    for (let frame = reader.frame(); frame !== undefined; frame = reader.frame())
      frames.push(frame);
    return { frames, error: undefined };
  } catch (error) {
    if (error instanceof Fault) return { frames, error: error.code };
    throw error;
  }
}

class Fault extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

class ReferenceReader {
  private readonly wire: string;
  private readonly version: Version;
  private readonly strict: boolean;
  private at = 0;
  /** Where the header block began. */
  private begin = 0;

  constructor(wire: string, version: Version, strict: boolean) {
    this.wire = wire;
    this.version = version;
    this.strict = strict;
  }

  /** The next frame; undefined if it is not complete. */
  frame(): ReferenceFrame | undefined {
    if (!this.skipEndOfLines()) return undefined;
    this.begin = this.at;
    const command = this.line(MOST.command, "malformed-frame");
    if (command === undefined) return undefined;
    if ([...command].some(isNoCommand)) throw new Fault("malformed-frame");
    const name = decoded(command);
    const headers: [string, string][] = [];
    for (;;) {
      const line = this.line(MOST.line, "malformed-header");
      if (line === undefined) return undefined;
      if (line === "") break;
      if (headers.length === MOST.headers) throw new Fault("limit-exceeded");
      headers.push(this.header(line, name));
    }
    const body = this.body(name, headers);
    return body === undefined ? undefined : { command: name, headers, body };
  }

  private skipEndOfLines(): boolean {
    const rest = /^(?:\n|\r\n)*/.exec(
      this.version === "1.2" ? this.rest : this.rest.replace(/\r/g, "x"),
    );
    this.at += rest?.[0].length ?? 0;
    if (!this.rest.startsWith("\r")) return this.rest !== "";
    if (this.version === "1.2" && this.rest === "\r") return false;
    throw new Fault("malformed-frame");
  }

  /** A line without its end; undefined if it has none yet. */
  private line(most: number, code: string): string | undefined {
    const { wire, at } = this;
    const length = this.rest.search(/[\n\0]/);
    const text = length < 0 ? this.rest : wire.slice(at, at + length);
    const endsWithReturn = this.version === "1.2" && text.endsWith("\r");
    const end = wire[at + text.length];
    // A NUL is one more octet of the line that it breaks.
    const octets = text.length + (end === "\0" ? 1 : 0) - (endsWithReturn && end !== "\0" ? 1 : 0);
    if (octets > most) throw new Fault("limit-exceeded");
    if (at - this.begin + text.length + (end === undefined ? 0 : 1) > MOST.block) {
      throw new Fault("limit-exceeded");
    }
    if (end === undefined) return undefined;
    if (end === "\0") throw new Fault(code);
    this.at += text.length + 1;
    return endsWithReturn ? text.slice(0, -1) : text;
  }

  private header(line: string, command: string): [string, string] {
    if (this.version === "1.2" && line.includes("\r")) throw new Fault("malformed-header");
    const colon = line.indexOf(":");
    if (colon < 1) throw new Fault("malformed-header");
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1)];
    const escapes = this.version !== "1.0" && !NOT_ESCAPED.includes(command);
    if (escapes && this.strict && value.includes(":")) throw new Fault("malformed-header");
    const texts = [decoded(name), decoded(value)] as const;
    return escapes ? [this.unescaped(texts[0]), this.unescaped(texts[1])] : [...texts];
  }

  private unescaped(text: string): string {
    return text.replace(/\\([\s\S]?)/g, (_escape, letter: string) => {
      const character = LETTERS[this.version][letter];
      if (character === undefined) throw new Fault("undefined-escape");
      return character;
    });
  }

  private body(command: string, headers: readonly [string, string][]): string | undefined {
    const most = this.version === "1.0" || WITH_BODY.includes(command) ? MOST.body : 0;
    const tooLong = new Fault(most === 0 ? "body-not-allowed" : "limit-exceeded");
    const announced = this.announced(headers);
    if (announced !== undefined && announced > most) throw tooLong;
    const length = announced ?? this.rest.indexOf("\0");
    if (length < 0 || length > this.rest.length) {
      if (announced === undefined && this.rest.length > most) throw tooLong;
      return undefined;
    }
    if (length > most) throw tooLong;
    const body = this.rest.slice(0, length);
    const end = this.rest[length];
    if (end === undefined) return undefined;
    if (end !== "\0") throw new Fault("missing-nul");
    this.at += length + 1;
    return body;
  }

  /** What all content-lengths say alike. */
  private announced(headers: readonly [string, string][]): number | undefined {
    const trims = this.version === "1.0";
    const bare = (text: string) => (trims ? text.replace(/^[ \t]+|[ \t]+$/g, "") : text);
    const lengths = headers
      .filter(([name]) => bare(name) === "content-length")
      .map(([, value]) => bare(value));
    const [first] = lengths;
    if (first === undefined) return undefined;
    const numbers = new Set(
      lengths.map((text) => (/^[0-9]+$/.test(text) ? Number(text) : Number.NaN)),
    );
    const [length = Number.NaN] = numbers;
    if (numbers.size > 1 || !Number.isSafeInteger(length))
      throw new Fault("invalid-content-length");
    return length;
  }

  private get rest(): string {
    return this.wire.slice(this.at);
  }
}

/** A space, a control character, or a colon. */
function isNoCommand(octet: string): boolean {
  return octet <= " " || octet === "\x7f" || octet === ":";
}

function decoded(octets: string): string {
  try {
    return UTF8.decode(Buffer.from(octets, "latin1"));
  } catch {
    throw new Fault("invalid-utf8");
  }
}
