/** C03, C12: what it costs to read what a peer sends, in memory and in work. */

import { expect, vi } from "vitest";
import { FrameParser } from "../../src/protocol/parser.ts";
import { Predictor } from "../../src/protocol/prediction.ts";
import { TEXT, type Text } from "../../src/protocol/utf8.ts";
import type { Version } from "../../src/protocol/version.ts";
import { ALL, frame } from "./frames.ts";
import { growthBeyond, MEGABYTE } from "./memory.ts";
import { parse } from "./parse.ts";
import { rule } from "./rule.ts";
import { server } from "./server.ts";

function utf8(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

rule(
  "C03",
  ALL,
  "parser",
  "a thousand announced bodies of 4 MiB take the room of what came",
  (version) => {
    const growth = growthBeyond(0, () =>
      Array.from({ length: 1_000 }, () => {
        const parser = new FrameParser({ version });
        parser.push(utf8("SEND\ncontent-length:4194304\n\n"));
        parser.next();
        parser.push(utf8("abc"));
        parser.next();
        expect(parser.unfinished).toBe(true);
        return parser;
      }),
    );
    expect(growth).toBeLessThan(MEGABYTE);
  },
);

/** Octets that were looked at or moved while the parser read. */
class Work {
  octets = 0;
  readonly text: Text = {
    ascii: (bytes, start, end) => this.counted(end - start, TEXT.ascii(bytes, start, end)),
    utf8: (bytes, start, end) => this.counted(end - start, TEXT.utf8(bytes, start, end)),
    indexOfNul: (bytes, from) => {
      const nul = TEXT.indexOfNul(bytes, from);
      return this.counted((nul < 0 ? bytes.length : nul) - from, nul);
    },
  };

  counted<T>(octets: number, result: T): T {
    this.octets += octets;
    return result;
  }
}

/** How much is done for so many octets in chunks of one. */
function workOf(version: Version, text: string): number {
  const work = new Work();
  const set = Uint8Array.prototype.set;
  const counting = vi.spyOn(Uint8Array.prototype, "set").mockImplementation(function (
    this: Uint8Array,
    source,
    offset,
  ) {
    work.octets += source.length;
    set.call(this, source, offset);
  });
  try {
    const parser = new FrameParser({ version }, work.text, new Predictor(false));
    for (const octet of utf8(text)) {
      parser.push(Uint8Array.of(octet));
      parser.next();
    }
    expect(parser.unfinished).toBe(false);
  } finally {
    counting.mockRestore();
  }
  return work.octets;
}

rule(
  "C12",
  ALL,
  "parser",
  "a slow header costs each octet a few times, a slow body too",
  (version) => {
    const header = frame("SEND", Array(12).fill(`x:${"y".repeat(8_000)}`)).slice(0, 60_000);
    const headers = `${header.slice(0, header.lastIndexOf("\n"))}\n\n\0`;
    expect(workOf(version, headers)).toBeLessThan(6 * headers.length);
    const body = frame("SEND", [], "x".repeat(100_000));
    expect(workOf(version, body)).toBeLessThan(6 * body.length);
    const counted = frame("SEND", ["content-length:100000"], "x".repeat(100_000));
    expect(workOf(version, counted)).toBeLessThan(6 * counted.length);
  },
);

rule(
  "C12",
  ALL,
  "parser",
  "twenty thousand frames and two hundred thousand line feeds take no stack",
  (version) => {
    const frames = parse(frame("SEND", ["a:1"]).repeat(20_000) + "\n".repeat(200_000), { version });
    expect(frames.frames).toHaveLength(20_000);
    expect(frames).toMatchObject({ error: undefined, heartbeats: 200_000 });
  },
);

rule(
  "C12",
  ALL,
  "server",
  "twenty thousand frames in a chunk are twenty thousand hooks and receipts",
  (version) => {
    const peer = server(version);
    peer.says(frame("SEND", ["destination:/a", "receipt:1"]).repeat(20_000) + "\n".repeat(200_000));
    expect(peer.session.messages).toHaveLength(20_000);
    expect(peer.heard()).toHaveLength(20_000 * "RECEIPT\nreceipt-id:1\n\n\0\n".length);
    peer.expectAlive();
  },
);

rule(
  "C12",
  ["1.0"],
  "server",
  "no pattern that would go back and forth runs over a value",
  (version) => {
    const spaces = " ".repeat(5_000);
    const peer = server(version);
    const replace = vi.spyOn(String.prototype, "replace");
    try {
      peer.says(frame("SEND", [`destination: a${spaces}b`]));
      expect(replace).not.toHaveBeenCalled();
    } finally {
      replace.mockRestore();
    }
    expect(peer.session.messages[0]?.destination).toBe(`a${spaces}b`);
  },
);
