/** One end of a pair in the shape of a socket of `node:net`. */

import type { Receiver } from "../session/link.ts";
import type { PairEnd } from "./end.ts";

interface Events {
  data: Uint8Array;
  error: Error;
  drain: undefined;
  end: undefined;
  close: undefined;
}

/** A connected socket whose other end is the peer in the pair. What is written is not coalesced. */
export class MemorySocket implements Receiver {
  allowHalfOpen = false;
  readonly immediate = true;
  readonly #end: PairEnd;
  readonly #listeners = new Map<string, ((argument: never) => void)[]>();
  #reading: "free" | "paused" = "free";
  #peer: "open" | "ended" = "open";
  #state: "open" | "ended" | "destroyed" = "open";

  /** @internal */
  constructor(end: PairEnd) {
    this.#end = end;
  }

  get destroyed(): boolean {
    return this.#state === "destroyed";
  }

  get writable(): boolean {
    return this.#state === "open";
  }

  get writableLength(): number {
    return this.#end.pendingBytes;
  }

  on<Type extends keyof Events>(event: Type, listener: (argument: Events[Type]) => void): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  cork(): void {}

  uncork(): void {}

  write(data: Uint8Array): boolean {
    return this.#end.sendData(data);
  }

  end(): this {
    if (this.#state !== "open") return this;
    this.#state = "ended";
    this.#end.sendEnd("flush");
    this.#closeIfOver();
    return this;
  }

  destroy(): this {
    if (this.#state === "destroyed") return this;
    this.#state = "destroyed";
    this.#end.sendEnd("now");
    this.#emit("close", undefined);
    return this;
  }

  pause(): this {
    this.#reading = "paused";
    return this;
  }

  resume(): this {
    this.#reading = "free";
    this.#end.resumeReading();
    return this;
  }

  /** @internal */
  receiveData(chunk: Uint8Array): boolean {
    this.#emit("data", chunk);
    return this.#reading === "free";
  }

  /** @internal */
  receiveEnd(reason?: unknown): void {
    if (this.#state === "destroyed") return;
    if (reason === undefined) {
      this.#peer = "ended";
      this.#emit("end", undefined);
      if (!this.allowHalfOpen) this.end();
      this.#closeIfOver();
    } else {
      this.#state = "destroyed";
      this.#emit("error", reason as Error);
      this.#emit("close", undefined);
    }
  }

  /** @internal */
  drained(): void {
    this.#emit("drain", undefined);
  }

  #closeIfOver(): void {
    if (this.#peer !== "ended" || this.#state !== "ended") return;
    this.#state = "destroyed";
    this.#emit("close", undefined);
  }

  #emit<Type extends keyof Events>(event: Type, argument: Events[Type]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(argument as never);
  }
}
