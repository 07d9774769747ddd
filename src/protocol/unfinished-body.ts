/** A body that comes in more than one chunk. */

import { Frame } from "./frame.ts";
import type { Head } from "./head.ts";
import { NUL } from "./octets.ts";
import { Pieces } from "./pieces.ts";

/** A frame whose head is complete, and as much of its body as has come. */
export class UnfinishedBody {
  private readonly head: Head;
  /** How many octets there are to be, if that was announced; otherwise, how many there may be. */
  private readonly most: number;
  private readonly isCounted: boolean;
  private bytes: Pieces;

  constructor(head: Head) {
    this.head = head;
    this.isCounted = head.isCounted;
    this.most = this.isCounted ? head.bodyLength : head.mostBodyOctets;
    // The chunks of those who want copies may be written to as soon as they were read.
    this.bytes = new Pieces(this.most, !head.rules.copyBodies);
  }

  /**
   * Reads on.
   *
   * @returns The position after the NUL that ends the frame; -1 if all octets were taken before.
   */
  read(chunk: Uint8Array, start: number, chunkEnd: number): number {
    const { head, bytes, most } = this;
    const bodyEnd = this.isCounted
      ? start + most - bytes.length
      : head.rules.text.indexOfNul(chunk, start);
    const isWhole = bodyEnd >= 0 && bodyEnd < chunkEnd;
    const end = isWhole ? bodyEnd : chunkEnd;
    if (bytes.length + end - start > most) throw head.bodyError();
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
    if (this.absorbs(octet)) return false;
    if (octet === NUL) return true;
    throw this.isCounted ? this.head.missingNul() : this.head.bodyError();
  }

  /** Takes one octet, if it belongs to the body. */
  absorbs(octet: number): boolean {
    const { bytes } = this;
    if (bytes.length + 1 > this.most || (octet === NUL && !this.isCounted)) return false;
    bytes.push(octet);
    return true;
  }

  /** Lets go of what has come: whoever keeps an error, keeps what was at work when it was made. */
  release(): void {
    this.bytes = new Pieces(0, false);
  }

  /** The frame, once its body is complete; nothing is left of it here. */
  handOver(): Frame {
    const { bytes, head } = this;
    return new Frame(head.command, head.headers, bytes.handOver());
  }
}
