/** A body that comes in more than one chunk. */

import { Frame } from "./frame.ts";
import type { Head } from "./head.ts";
import { NUL } from "./octets.ts";
import { Pieces } from "./pieces.ts";

/** A frame whose head is complete, and as much of its body as has come. */
export class UnfinishedBody {
  private readonly head: Head;
  private bytes: Pieces;

  constructor(head: Head) {
    this.head = head;
    // The chunks of those who want copies may be written to as soon as they were read.
    this.bytes = new Pieces(
      head.isCounted ? head.bodyLength : head.mostBodyOctets,
      !head.rules.copyBodies,
    );
  }

  /**
   * Reads on.
   *
   * @returns The position after the NUL that ends the frame; -1 if all octets were taken before.
   */
  read(chunk: Uint8Array, start: number): number {
    const { head, bytes } = this;
    const bodyEnd = head.isCounted
      ? start + head.bodyLength - bytes.length
      : head.rules.text.indexOfNul(chunk, start);
    const isWhole = bodyEnd >= 0 && bodyEnd < chunk.length;
    const end = isWhole ? bodyEnd : chunk.length;
    if (bytes.length + end - start > head.mostBodyOctets) throw head.bodyError();
    if (!isWhole) {
      bytes.append(chunk, start, end);
      return -1;
    }
    if (chunk[bodyEnd] !== NUL) throw head.missingNul();
    bytes.appendLast(chunk, start, end);
    return bodyEnd + 1;
  }

  /** Takes one octet; true if it is the NUL that ends the frame. */
  take(octet: number): boolean {
    const { head, bytes } = this;
    if (bytes.length === head.bodyLength) {
      if (octet !== NUL) throw head.missingNul();
      return true;
    }
    if (octet === NUL && !head.isCounted) return true;
    if (bytes.length >= head.mostBodyOctets) throw head.bodyError();
    bytes.push(octet);
    return false;
  }

  /** Lets go of what has come: whoever keeps an error, keeps what was at work when it was made. */
  release(): void {
    this.bytes = new Pieces(0, false);
  }

  /** The frame, once its body is complete. */
  get frame(): Frame {
    const { bytes, head } = this;
    return new Frame(head.command, head.headers, bytes.whole);
  }
}
