/** One direction of a connection in memory. */

import { encodeUtf8 } from "../protocol/utf8.ts";
import type { Receiver } from "../session/link.ts";
import { type Chunking, nextPiece } from "./chunking.ts";

/**
 * What is under way from one side to the other. Nothing arrives before the test says so; a test may
 * let it arrive in pieces, hold it back, or let it pile up.
 */
export class Lane {
  /** How the bytes under way arrive. */
  chunking: Chunking = "whole";
  /**
   * More bytes than these under way are saturation: `sendData` returns false, and `drained()` is
   * called when enough of them have arrived. Default: no limit.
   */
  capacityBytes: number = Number.POSITIVE_INFINITY;
  /** Whether the network is stuck: nothing arrives, and nothing is lost either. */
  held = false;
  /** Whether the receiver can stop reading; with a browser's WebSocket it cannot. */
  pausable = true;
  readonly #record: (bytes: Uint8Array) => void;
  #sender: Receiver | undefined;
  #receiver: Receiver | undefined;
  #queue: Uint8Array[] = [];
  #pendingBytes = 0;
  #sending: "free" | "saturated" | "ended" | "over" = "free";
  #reading: "free" | "paused" = "free";
  #reason: unknown;

  /** @internal */
  constructor(record: (bytes: Uint8Array) => void) {
    this.#record = record;
  }

  /** @internal The two ends come into being after the lane. */
  join(sender: Receiver, receiver: Receiver): void {
    this.#sender = sender;
    this.#receiver = receiver;
  }

  /** How many bytes are under way. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Sends bytes as if the side where this begins had: what a peer may do that is not this engine. */
  inject(data: string | Uint8Array): void {
    this.send(typeof data === "string" ? encodeUtf8(data) : data);
  }

  /**
   * Lets the next piece arrive, or after the last one the end.
   *
   * @returns Whether there was anything.
   */
  step(): boolean {
    if (this.held || this.#reading === "paused") return false;
    const first = this.#queue[0];
    if (first !== undefined) {
      this.deliver(nextPiece(this.chunking, this.#pendingBytes, first.length));
      return true;
    }
    if (this.#sending !== "ended") return false;
    this.#sending = "over";
    this.#receiver?.receiveEnd(this.#reason);
    return true;
  }

  /**
   * Lets so many bytes arrive, in one piece, though they be held or reading be paused.
   *
   * @param bytes Default: all that are under way.
   */
  deliver(bytes: number = this.#pendingBytes): void {
    const chunk = this.#take(Math.min(Math.floor(bytes), this.#pendingBytes));
    if (chunk.length === 0) return;
    const wantsMore = this.#receiver?.receiveData(chunk);
    if (wantsMore === false && this.pausable) this.#reading = "paused";
    if (this.#sending !== "saturated" || this.#pendingBytes > this.capacityBytes) return;
    this.#sending = "free";
    this.#sender?.drained();
  }

  /** @internal What a transport does with the bytes of its session. */
  send(data: Uint8Array): boolean {
    this.#record(data);
    if (this.#sending === "ended" || this.#sending === "over") return true;
    this.#queue.push(data);
    this.#pendingBytes += data.length;
    if (this.#pendingBytes > this.capacityBytes) this.#sending = "saturated";
    return this.#sending === "free";
  }

  /** @internal The receiver is told of the end after what is under way. */
  end(reason?: unknown): void {
    if (this.#sending === "over") return;
    this.#sending = "ended";
    this.#reason = reason;
  }

  /** @internal What is under way is lost; the receiver is told of it if there is a reason. */
  drop(reason?: unknown): void {
    this.#queue = [];
    this.#pendingBytes = 0;
    if (this.#sending !== "over") this.#sending = reason === undefined ? "over" : "ended";
    this.#reason = reason;
  }

  /** @internal */
  resumeReading(): void {
    this.#reading = "free";
  }

  #take(bytes: number): Uint8Array {
    const chunk = new Uint8Array(bytes);
    for (let at = 0; at < bytes; ) {
      const first = this.#queue[0] as Uint8Array;
      const part = first.subarray(0, bytes - at);
      chunk.set(part, at);
      at += part.length;
      if (part.length === first.length) this.#queue.shift();
      else this.#queue[0] = first.subarray(part.length);
    }
    this.#pendingBytes -= bytes;
    return chunk;
  }
}
