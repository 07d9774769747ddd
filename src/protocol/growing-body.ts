/** The bytes of a body that come piece by piece. */

import { GROWTH, GrowingBytes, NO_ROOM } from "./growing.ts";
import { allocate } from "./memory.ts";
import { leaveRoom, spareRoom } from "./spare-rooms.ts";

/** Bytes that are handed over once all have come. */
export class GrowingBody extends GrowingBytes {
  private readonly most: number;

  /**
   * @param most How many there can be at most.
   */
  constructor(most: number) {
    super();
    this.most = most;
  }

  /** The bytes, in memory that has nothing else in it; none are left here. */
  handOver(): Uint8Array<ArrayBuffer> {
    const { bytes } = this;
    if (bytes === this.room && bytes !== NO_ROOM) {
      this.room = NO_ROOM;
      this.length = 0;
      return bytes;
    }
    // The room for no bytes is everybody's, and others are left to whoever needs one next.
    const own = allocate(bytes.length);
    own.set(bytes);
    this.release();
    return own;
  }

  /** Lets go of the bytes. */
  release(): void {
    leaveRoom(this.room);
    this.room = NO_ROOM;
    this.length = 0;
  }

  protected override roomFor(needed: number): Uint8Array<ArrayBuffer> {
    return needed * GROWTH >= this.most ? allocate(this.most) : spareRoom(needed);
  }

  protected override leave(room: Uint8Array<ArrayBuffer>): void {
    leaveRoom(room);
  }
}
