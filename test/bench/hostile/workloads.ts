/**
 * What a peer can send to make a parser slow: every kind of frame that nothing learnt helps with.
 *
 * There are more different names and shapes in one pass than any table could hold, so that coming
 * round to the first again finds nothing remembered.
 */

import { messages, type PlainFrame, richMessages } from "../workloads/frames.ts";
import { type ParsingWorkload, parsingOf } from "../workloads/parsing.ts";
import { inChunks, singleOctets } from "../workloads/wire.ts";

const CHUNK = 65_536;
const HEART_BEATS = Buffer.alloc(2000, 10);

interface Description {
  readonly title: string;
  readonly frames: () => PlainFrame[];
  readonly cut?: (wires: readonly Buffer[]) => Uint8Array[];
}

const DESCRIPTIONS: Readonly<Record<string, Description>> = {
  ordinary: { title: "W1, nothing hostile", frames: () => messages(4000, { bodyBytes: 64 }) },
  names: { title: "every header name new", frames: () => ordinary(8000).map(withNewNames) },
  shapes: { title: "every frame of another shape", frames: () => ordinary(8000).map(shuffled) },
  escapes: { title: "escapes everywhere", frames: () => ordinary(3000).map(escaping) },
  wide: { title: "three octets a character", frames: () => ordinary(3000).map(wide) },
  "heart-beats": {
    title: "2000 heart-beats before each frame",
    frames: () => ordinary(400),
    cut: (wires) =>
      inChunks(
        wires.flatMap((wire) => [HEART_BEATS, wire]),
        CHUNK,
      ),
  },
  octets: { title: "an octet at a time", frames: () => ordinary(400), cut: singleOctets },
  "octets, rich": {
    title: "20 headers, an octet at a time",
    frames: () => richMessages(150),
    cut: singleOctets,
  },
  "sixty-four kinds": {
    title: "64 kinds of frame in turn",
    frames: () => ordinary(4000).map(kindInTurn),
  },
};

/** The names of all of them; the first is what the others are compared with. */
export const HOSTILE: readonly string[] = Object.keys(DESCRIPTIONS);

export function hostileTitle(name: string): string {
  return describe(name).title;
}

/** One of them. Only the headers that every frame has are read: the others are different each time. */
export function hostileWorkload(name: string): ParsingWorkload {
  const { title, frames, cut = (wires) => inChunks(wires, CHUNK) } = describe(name);
  return parsingOf(title, frames(), cut, [
    { command: "MESSAGE", names: ["subscription", "message-id", "destination"] },
  ]);
}

function describe(name: string): Description {
  const description = DESCRIPTIONS[name];
  if (description === undefined) throw new Error(`There is no hostile workload ${name}`);
  return description;
}

function ordinary(count: number): PlainFrame[] {
  return messages(count, { bodyBytes: 64 });
}

function withHeaders(frame: PlainFrame, headers: [string, string][]): PlainFrame {
  return { command: frame.command, headers, body: frame.body };
}

function pairs(frame: PlainFrame): [string, string][] {
  return frame.headers.map(([name, value]) => [name, value]);
}

function withNewNames(frame: PlainFrame, index: number): PlainFrame {
  const news = Array.from({ length: 10 }, (_, at): [string, string] => [
    `x-${(index * 10 + at).toString(36)}-name`,
    `value-${at}`,
  ]);
  return withHeaders(frame, [...news.slice(0, 5), ...pairs(frame), ...news.slice(5)]);
}

/** The same fifteen names in an order of its own. */
function shuffled(frame: PlainFrame, index: number): PlainFrame {
  const headers = [
    ...pairs(frame),
    ...Array.from({ length: 10 }, (_, at): [string, string] => [`x-header-${at}`, `value-${at}`]),
  ];
  let state = index * 2_654_435_761 + 1;
  for (let at = headers.length - 1; at > 0; at--) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const other = (state >>> 8) % (at + 1);
    const [a, b] = [headers[at], headers[other]];
    if (a !== undefined && b !== undefined) [headers[at], headers[other]] = [b, a];
  }
  return withHeaders(frame, headers);
}

function escaping(frame: PlainFrame, index: number): PlainFrame {
  const text = "\\:\n\r".repeat(12);
  return withHeaders(frame, [
    ...pairs(frame),
    ...Array.from({ length: 10 }, (_, at): [string, string] => [
      `:${at}\\${index % 3}`,
      `${text}${index}`,
    ]),
  ]);
}

function wide(frame: PlainFrame, index: number): PlainFrame {
  return withHeaders(frame, [
    ...pairs(frame),
    ...Array.from({ length: 10 }, (_, at): [string, string] => [
      `題名${at}`,
      `${"日本語の題名".repeat(3)}${index}`,
    ]),
  ]);
}

/** Frames that begin alike, of more kinds than are worth remembering. */
function kindInTurn(frame: PlainFrame, index: number): PlainFrame {
  return withHeaders(frame, [...pairs(frame), [`x-kind-${index % 64}`, `value-${index}`]]);
}
