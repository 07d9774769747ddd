/** What bytes suffer on their way to a fuzzed session. */

import type { Random } from "../random.ts";

const TELLING = [0, 10, 13, 58, 92, 32, 48, 57, 0x7f, 0x80, 0xc3, 0xff];
const MOST_OCTETS = 1_000_000;

/** The same bytes with a few things changed, by whatever comes to mind. */
export function mutated(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  let changed = bytes.slice();
  for (let count = 1 + random.below(3); count > 0 && changed.length > 0; count--) {
    changed = random.pick(MUTATIONS)(changed, random);
  }
  return changed;
}

type Bytes = Uint8Array<ArrayBuffer>;

const MUTATIONS: readonly ((bytes: Bytes, random: Random) => Bytes)[] = [
  function flip(bytes, random) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
    return bytes;
  },
  function replace(bytes, random) {
    bytes[random.below(bytes.length)] = random.pick(TELLING);
    return bytes;
  },
  function insert(bytes, random) {
    return splice(bytes, random.below(bytes.length), 0, Uint8Array.of(random.pick(TELLING)));
  },
  function leaveOut(bytes, random) {
    const at = random.below(bytes.length);
    return splice(bytes, at, 1 + random.below(Math.min(40, bytes.length - at)), NOTHING);
  },
  function repeat(bytes, random) {
    const at = random.below(bytes.length);
    const part = bytes.slice(at, at + 1 + random.below(200));
    return splice(bytes, random.below(bytes.length), 0, part);
  },
  function move(bytes, random) {
    const at = random.below(bytes.length);
    const part = bytes.slice(at, at + 1 + random.below(60));
    return splice(bytes, random.below(bytes.length), part.length, part);
  },
  function truncate(bytes, random) {
    return bytes.slice(0, random.below(bytes.length));
  },
];

const NOTHING = new Uint8Array(0);

function splice(bytes: Bytes, at: number, removed: number, inserted: Uint8Array): Bytes {
  const rest = Math.min(at + removed, bytes.length);
  const length = bytes.length - (rest - at) + inserted.length;
  if (length > MOST_OCTETS) return bytes;
  const changed = new Uint8Array(length);
  changed.set(bytes.subarray(0, at));
  changed.set(inserted, at);
  changed.set(bytes.subarray(rest), at + inserted.length);
  return changed;
}
