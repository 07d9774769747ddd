/** The ACKs for a chunk of messages, made out of their octets and written at once. */

const ACK_LINE = Buffer.from("\nack:");
const LINE_FEED = 10;
const FRAME_START = Buffer.from("ACK\nid:");
const FRAME_END = Buffer.from("\n\n\0");
/** A message that is masked with zeros and shorter than 126 octets. */
const MESSAGE_HEAD_BYTES = 6;
const SHORT = 125;

/** Of one connection. */
export class Acknowledgements {
  readonly #webSocket: boolean;
  // An ACK is much shorter than its MESSAGE: those of what a socket reads at once have room enough.
  readonly #memory: Buffer = Buffer.alloc(65_536);
  #length = 0;

  constructor(webSocket: boolean) {
    this.#webSocket = webSocket;
  }

  /** Acknowledges the MESSAGE that stands there. */
  add(bytes: Buffer, start: number, end: number): void {
    const line = bytes.indexOf(ACK_LINE, start);
    if (line < 0 || line >= end) return;
    const id = line + ACK_LINE.length;
    const idEnd = bytes.indexOf(LINE_FEED, id);
    const octets = FRAME_START.length + idEnd - id + FRAME_END.length;
    if (this.#webSocket) this.#begin(octets);
    this.#append(FRAME_START, 0, FRAME_START.length);
    this.#append(bytes, id, idEnd);
    this.#append(FRAME_END, 0, FRAME_END.length);
  }

  /** What was added since the last time. */
  take(): Buffer | undefined {
    if (this.#length === 0) return undefined;
    const taken = Buffer.from(this.#memory.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  #begin(octets: number): void {
    if (octets > SHORT) throw new RangeError("An ACK is longer than expected");
    this.#memory.fill(0, this.#length, this.#length + MESSAGE_HEAD_BYTES);
    this.#memory[this.#length] = 0x82;
    this.#memory[this.#length + 1] = 0x80 | octets;
    this.#length += MESSAGE_HEAD_BYTES;
  }

  /** For so few octets a loop is faster than a copy. */
  #append(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end; at++) this.#memory[this.#length++] = bytes[at] as number;
  }
}
