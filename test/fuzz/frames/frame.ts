/** Random frames: right ones, and ones with a single thing wrong with them. */

import type { Version } from "stomp-engine";
import { utf8 } from "../octets.ts";
import type { Random } from "../random.ts";
import {
  anything,
  CLIENT_COMMANDS,
  headerName,
  headerValue,
  letters,
  SERVER_COMMANDS,
} from "./words.ts";

/** A frame in its parts, before it is put together. */
interface Parts {
  command: string;
  lines: string[];
  body: string;
  terminator: string;
  endOfLine: string;
}

/** A frame that a parser of this version takes, as octets. */
export function rightFrame(random: Random, version: Version): string {
  return joined(rightParts(random, version), random);
}

/** A frame that a peer should not have sent, in one respect; some are right all the same. */
export function wrongFrame(random: Random, version: Version): string {
  const parts = rightParts(random, version);
  random.pick(FAULTS)(parts, random);
  return joined(parts, random);
}

function rightParts(random: Random, version: Version): Parts {
  const commands = random.chance(0.7) ? CLIENT_COMMANDS : SERVER_COMMANDS;
  // Most traffic is messages.
  const {
    name,
    required,
    body: hasBody,
  } = random.chance(0.4) ? (commands[0] as (typeof commands)[0]) : random.pick(commands);
  const lines = required.map((header) => `${header}:${requiredValue(header, random)}`);
  // Few frames have many headers, so that many frames can be read.
  const most = random.pick([1, 1, 1, 1, 2, 2, 2, 3, 4, random.chance(0.1) ? 100 : 6]);
  for (let count = random.below(most); count > 0; count--) {
    const line = `${headerName(random, version)}:${headerValue(random, version)}`;
    lines.splice(random.below(lines.length + 1), 0, line);
  }
  // Where escapes mean nothing, neither does this.
  const plain = name === "CONNECT" || name === "STOMP" || name === "CONNECTED";
  const body = hasBody && random.chance(0.8) ? randomBody(random) : "";
  if (body.includes("\0") || random.chance(0.4)) {
    lines.splice(random.below(lines.length + 1), 0, `content-length:${body.length}`);
  }
  const endOfLine = version === "1.2" && !plain && random.chance(0.1) ? "\r\n" : "\n";
  return { command: name, lines, body, terminator: "\0", endOfLine };
}

function requiredValue(header: string, random: Random): string {
  switch (header) {
    case "destination":
      return random.pick(["/queue/a", "/topic/b", utf8("/queue/ö")]);
    case "accept-version":
      return random.pick(["1.2", "1.0,1.1,1.2", "1.1", "1.0"]);
    case "version":
      return random.pick(["1.2", "1.1", "1.0"]);
    default:
      return `${letters(random, 1 + random.below(4))}${random.below(1000)}`;
  }
}

function randomBody(random: Random): string {
  const sort = random.below(100);
  if (sort < 60) return letters(random, random.below(16));
  if (sort < 80) return anything(random, random.below(16));
  if (sort < 98) return utf8('{"é":[1,2,null]}');
  return letters(random, 100 + random.below(500));
}

function joined({ command, lines, body, terminator, endOfLine }: Parts, random: Random): string {
  const head = [command, ...lines, ""].join(endOfLine);
  const after = random.chance(0.2) ? "\n".repeat(random.below(4)) : random.pick(["", "\n"]);
  return `${head}${endOfLine}${body}${terminator}${after}`;
}

const LENGTHS = [
  "abc",
  "-1",
  "+2",
  " 2",
  "2 ",
  "2x",
  "1e9",
  "0x10",
  "",
  "007",
  "9007199254740993",
  "99999999999999999999",
  "4294967296",
  "4194305",
];

const FAULTS: readonly ((parts: Parts, random: Random) => void)[] = [
  (parts, random) => insert(parts, random, `content-length:${random.pick(LENGTHS)}`),
  (parts, random) =>
    insert(parts, random, `content-length:${random.below(parts.body.length * 2 + 3)}`),
  (parts, random) => {
    insert(parts, random, `content-length:${parts.body.length}`);
    insert(parts, random, `content-length:${parts.body.length + random.below(2)}`);
  },
  (parts, random) => insert(parts, random, random.pick(["nothing", ":x", ":", "a\0b:c", "a:b\0c"])),
  (parts, random) => insert(parts, random, `a:${random.pick(["\\t", "\\", "\\N", "x\\", "\\r"])}`),
  (parts, random) => insert(parts, random, random.pick(["a\\t:b", "a\\:b", "\xff:b", "a\rb:c"])),
  (parts, random) =>
    insert(parts, random, `a:${random.pick(["\xc3", "\xed\xa0\x80", "\xc0\xaf", "\xf5"])}`),
  (parts, random) =>
    insert(parts, random, `a:${random.pick(["b\rc", "b\r", "\r", "b:c:d", "\r\r"])}`),
  (parts, random) => insert(parts, random, `${letters(random, 10)}:${letters(random, 9000)}`),
  (parts, random) => {
    for (let count = 90 + random.below(20); count > 0; count--) insert(parts, random, "r:1");
  },
  (parts, random) => {
    const names = ["send", "GET / HTTP/1.1", "constructor", "toString", "", "\x16\x03\x01", "ÉÉ"];
    parts.command = random.pick([...names, letters(random, 40), `${parts.command} `, utf8("é")]);
  },
  (parts, random) => {
    parts.body = anything(random, random.below(40));
  },
  (parts, random) => {
    parts.lines = parts.lines.filter(() => random.chance(0.5));
  },
  (parts, random) => {
    parts.terminator = random.pick(["", "\n", "\0\0", "\0\r", "\0\r\n", "x"]);
  },
  (parts, random) => {
    parts.endOfLine = random.pick(["\r\n", "\r", "\n\n", "\n\r"]);
  },
];

function insert({ lines }: Parts, random: Random, line: string): void {
  lines.splice(random.below(lines.length + 1), 0, line);
}
