/** One end of a pair in the shape of a WebSocket. */

import { encodeUtf8 } from "../protocol/utf8.ts";
import type { Receiver } from "../session/link.ts";
import type { PairEnd } from "./end.ts";

interface Events {
  open: { readonly type: string };
  message: { readonly type: string; readonly data: unknown };
  error: { readonly type: string; readonly error?: unknown };
  close: { readonly type: string; readonly code: number; readonly reason: string };
}

const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** An open WebSocket whose other end is the peer in the pair. */
export class MemoryWebSocket implements Receiver {
  binaryType = "arraybuffer";
  /** What was negotiated. */
  readonly protocol: string;
  readonly #end: PairEnd;
  readonly #listeners = new Map<string, ((event: never) => void)[]>();
  #readyState = OPEN;
  #reading: "free" | "paused" = "free";

  /** @internal */
  constructor(end: PairEnd, protocol: string) {
    this.#end = end;
    this.protocol = protocol;
  }

  get readyState(): number {
    return this.#readyState;
  }

  get bufferedAmount(): number {
    return this.#end.pendingBytes;
  }

  addEventListener<Type extends keyof Events>(
    type: Type,
    listener: (event: Events[Type]) => void,
  ): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#readyState !== OPEN) return;
    this.#end.sendData(typeof data === "string" ? encodeUtf8(data) : data);
  }

  close(): void {
    if (this.#readyState !== OPEN) return;
    this.#readyState = CLOSING;
    this.#end.sendEnd("flush");
  }

  terminate(): void {
    if (this.#readyState === CLOSED) return;
    this.#end.sendEnd("now");
    this.#closed(1006);
  }

  pause(): void {
    this.#reading = "paused";
  }

  resume(): void {
    this.#reading = "free";
    this.#end.resumeReading();
  }

  /** @internal */
  receiveData(chunk: Uint8Array | string): boolean {
    const data = typeof chunk === "string" ? chunk : chunk.slice().buffer;
    this.#dispatch("message", { type: "message", data });
    return this.#reading === "free";
  }

  /** @internal */
  receiveEnd(reason?: unknown): void {
    // A peer's close is answered by the WebSocket itself.
    this.close();
    this.#closed(reason === undefined ? 1000 : 1006);
  }

  /** @internal A WebSocket tells nobody. */
  drained(): void {}

  #closed(code: number): void {
    this.#readyState = CLOSED;
    this.#dispatch("close", { type: "close", code, reason: "" });
  }

  #dispatch<Type extends keyof Events>(type: Type, event: Events[Type]): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never);
  }
}
