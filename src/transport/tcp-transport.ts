/** The bytes of a session over a socket of `node:net` or `node:tls`. */

import { type Clock, systemClock } from "../session/clock.ts";
import type { Receiver, Transport } from "../session/link.ts";
import { closeTimeout, whenStuck } from "./stuck.ts";
import { TurnWriter } from "./turn-writer.ts";

/** What is used of a socket: those of `node:net` and `node:tls` are one. */
export interface SocketLike {
  allowHalfOpen: boolean;
  readonly destroyed: boolean;
  readonly writable: boolean;
  readonly writableLength: number;
  /** Of Node's own, what the system has not taken yet of a write that is under way. */
  readonly _handle?: { readonly writeQueueSize?: number } | null;
  /** A write costs nothing, as in memory: then nothing is kept for the end of the turn. */
  readonly immediate?: boolean | undefined;
  setNoDelay(noDelay: boolean): unknown;
  /** Calls `written` when it needs the memory of the data no more: it may be written to again then. */
  write(data: Uint8Array, written?: () => void): boolean;
  cork(): void;
  uncork(): void;
  pause(): unknown;
  resume(): unknown;
  end(): unknown;
  destroy(): unknown;
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "drain" | "end" | "close", listener: () => void): unknown;
}

/** How a socket is used. */
export interface TcpOptions {
  /** How long ending may make no progress before the socket is destroyed. Default 10 s; `Infinity`: for ever. */
  closeTimeoutMs?: number | undefined;
  /** The clock of the session. Default: the system's. */
  clock?: Clock | undefined;
}

/**
 * Options as they are, checked: a server that is made of wrong ones must not have begun to wait.
 *
 * @throws {ProtocolError} `invalid-option`
 */
export function checkedTcp<Options extends TcpOptions>(options: Options): Options {
  closeTimeout(options.closeTimeoutMs);
  return options;
}

/** Carries the bytes of one session over one socket. */
export class TcpTransport implements Transport {
  readonly #socket: SocketLike;
  readonly #writer: TurnWriter;
  readonly #session: Receiver;
  readonly #clock: Clock;
  readonly #closeTimeoutMs: number;
  #state: "open" | "closing" = "open";
  #stopWaiting: () => void = () => {};

  /**
   * @param socket Connecting or connected.
   * @throws {ProtocolError} `invalid-option`
   */
  constructor(socket: SocketLike, session: Receiver, options: TcpOptions = {}) {
    this.#socket = socket;
    this.#writer = new TurnWriter(socket);
    this.#session = session;
    this.#clock = options.clock ?? systemClock;
    this.#closeTimeoutMs = closeTimeout(options.closeTimeoutMs);
    // Frames are coalesced here, by the turn; Nagle's algorithm would hold back the last one.
    socket.setNoDelay(true);
    // A peer that has said all may still be waiting for answers; the session ends the socket.
    socket.allowHalfOpen = true;
    socket.on("data", (chunk) => this.#received(chunk));
    socket.on("drain", () => this.#drained());
    socket.on("end", () => this.#session.receiveEnd());
    socket.on("error", (error) => this.#session.receiveEnd(error));
    socket.on("close", () => this.#closed());
    // No event will come; and the session is still under construction.
    if (socket.destroyed) Promise.resolve().then(() => this.#closed());
  }

  /** What is given in one turn of the event loop goes out in one write. What is given after the end is dropped. */
  sendData(data: Uint8Array<ArrayBuffer>): boolean {
    return this.#state !== "open" || this.#writer.write(data);
  }

  /** A large body goes out beside its head, without being copied, in the same write. */
  sendParts(parts: readonly Uint8Array<ArrayBuffer>[]): boolean {
    let writable = true;
    for (const part of parts) writable = this.sendData(part);
    return writable;
  }

  sendEnd(how: "flush" | "now"): void {
    if (how === "now") this.#cut();
    else if (this.#state === "open") this.#close();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  #received(chunk: Uint8Array): void {
    if (!this.#session.receiveData(chunk)) this.#socket.pause();
  }

  #closed(): void {
    this.#stopWaiting();
    this.#session.receiveEnd(
      this.#state === "open" ? new Error("The socket was destroyed") : undefined,
    );
  }

  #drained(): void {
    this.#writer.drained();
    this.#session.drained();
  }

  #close(): void {
    this.#state = "closing";
    this.#writer.flush();
    const remaining = () => remainingBytes(this.#socket);
    this.#stopWaiting = whenStuck(this.#clock, this.#closeTimeoutMs, remaining, () => this.#cut());
    // While it is paused it does not see the peer's end, and never closes.
    this.#socket.resume();
    this.#socket.end();
  }

  #cut(): void {
    this.#stopWaiting();
    this.#state = "closing";
    this.#writer.drop();
    this.#socket.destroy();
  }
}

/**
 * How much is still to be sent. A write counts as waiting until all of it was taken, however long that
 * takes a slow peer; what the system has taken of it, only the handle tells: Node's own timeouts look
 * there too.
 */
function remainingBytes({ writableLength, _handle }: SocketLike): number {
  return writableLength + (_handle?.writeQueueSize ?? 0);
}
