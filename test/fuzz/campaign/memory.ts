/** Whether memory stays flat: what is held after a forced collection, every million frames. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What is compared, in bytes. */
interface Held {
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
}

const SAMPLES = 5;
/** The first look that counts: compiling goes on for a while. */
const SETTLED = 2;
/** What the platform's own caches and compiled code may come to after it. */
const TOLERANCE_BYTES = 4_194_304;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

export class Memory {
  private readonly looks: Held[] = [];

  /** @returns What is wrong; undefined if nothing is. */
  look(): string | undefined {
    const samples = Array.from({ length: SAMPLES }, sample);
    const held = {
      heapUsed: median(samples.map(({ heapUsed }) => heapUsed)),
      external: median(samples.map(({ external }) => external)),
      arrayBuffers: median(samples.map(({ arrayBuffers }) => arrayBuffers)),
    };
    this.looks.push(held);
    const first = this.looks[Math.min(SETTLED, this.looks.length - 1)] as Held;
    for (const name of ["heapUsed", "external", "arrayBuffers"] as const) {
      const grown = held[name] - first[name];
      if (grown > TOLERANCE_BYTES) return `${name} has grown by ${grown} bytes: ${this.summary}`;
    }
    return undefined;
  }

  /** What was held at the first look that counts, at the last one, and at the most, in KiB. */
  get summary(): string {
    const looks = this.looks.slice(SETTLED);
    const [first, last] = [looks[0], looks.at(-1)];
    if (first === undefined || last === undefined) return "not looked at often enough";
    const words = (["heapUsed", "external", "arrayBuffers"] as const).map((name) => {
      const most = Math.max(...looks.map((held) => held[name]));
      return `${name} ${kibibytes(first[name])} -> ${kibibytes(last[name])} (at most ${kibibytes(most)})`;
    });
    return `${words.join(", ")} KiB, after ${this.looks.length} million frames`;
  }
}

function sample(): Held {
  collect();
  return process.memoryUsage();
}

function median(numbers: readonly number[]): number {
  const inOrder = [...numbers].sort((one, other) => one - other);
  return inOrder[Math.floor(inOrder.length / 2)] as number;
}

function kibibytes(bytes: number): number {
  return Math.round(bytes / 1024);
}
