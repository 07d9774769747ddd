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
/** What the platform's own caches and compiled code may come to after the first look. */
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
    // Compiling goes on for a while.
    const first = this.looks[Math.min(2, this.looks.length - 1)] as Held;
    for (const name of ["heapUsed", "external", "arrayBuffers"] as const) {
      const grown = held[name] - first[name];
      if (grown > TOLERANCE_BYTES) return `${name} has grown by ${grown} bytes: ${this.summary}`;
    }
    return undefined;
  }

  /** What was held at the beginning and at the end, in KiB. */
  get summary(): string {
    const [first, last] = [this.looks[0], this.looks.at(-1)];
    if (first === undefined || last === undefined) return "not looked at";
    const words = (["heapUsed", "external", "arrayBuffers"] as const).map(
      (name) => `${name} ${kibibytes(first[name])} -> ${kibibytes(last[name])}`,
    );
    return `${words.join(", ")} KiB (${this.looks.length} looks)`;
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
