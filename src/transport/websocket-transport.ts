/** The bytes of a session over a WebSocket. */

import { ProtocolError } from "../errors.ts";
import { TEXT } from "../protocol/utf8.ts";
import { type Clock, systemClock } from "../session/clock.ts";
import type { Receiver, Transport } from "../session/link.ts";
import { atLeast } from "../session/settings.ts";
import { closeTimeout, whenStuck } from "./stuck.ts";
import {
  WebSocketCloseError,
  type WebSocketCloseEvent,
  type WebSocketErrorEvent,
  type WebSocketLike,
} from "./websocket-like.ts";

/** How a WebSocket is used. */
export interface WebSocketOptions {
  /** As what frames are sent. One that is not UTF-8 is sent as binary in any case. Default "binary". */
  messages?: "binary" | "text" | undefined;
  /** More octets than these waiting in the socket are saturation, until half of them are gone. Default 1 MiB. */
  highWaterMarkBytes?: number | undefined;
  /**
   * How long closing may make no progress before the socket is cut. Default 10 s; `Infinity`: for ever.
   * That of `ws` tells of no progress within one message: a large last one takes a slow peer longer.
   */
  closeTimeoutMs?: number | undefined;
  /** The clock of the session. Default: the system's. */
  clock?: Clock | undefined;
}

/** The `readyState` of a WebSocket that is not open yet. */
export const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;

const NORMAL_CLOSURE = 1000;
const LOST = { code: 1006, reason: "" };
/** Closed as intended, a page left or a server stopped, closed without a code. */
const PEACEFUL: readonly number[] = [NORMAL_CLOSURE, 1001, 1005];

const DRAIN_INTERVAL_MS = 20;

/** What they come to. */
interface Checked {
  readonly isText: boolean;
  readonly highWaterMarkBytes: number;
  readonly closeTimeoutMs: number;
}

/**
 * Options, checked: a server that is made of wrong ones must not have begun to wait.
 *
 * @throws {ProtocolError} `invalid-option`
 */
export function checkedWebSocket(options: WebSocketOptions): Checked {
  const { messages = "binary", highWaterMarkBytes = 1_048_576 } = options;
  if (messages !== "binary" && messages !== "text") {
    throw new ProtocolError("invalid-option", 'messages must be "binary" or "text"');
  }
  return {
    isText: messages === "text",
    highWaterMarkBytes: atLeast(0, "highWaterMarkBytes", highWaterMarkBytes),
    closeTimeoutMs: closeTimeout(options.closeTimeoutMs),
  };
}

/** Carries the bytes of one session over one WebSocket. */
export class WebSocketTransport implements Transport {
  readonly #socket: WebSocketLike;
  readonly #session: Receiver;
  readonly #clock: Clock;
  readonly #text: boolean;
  readonly #highWaterMarkBytes: number;
  readonly #closeTimeoutMs: number;
  #state: "open" | "saturated" | "closing" | "ended" = "open";
  #paused = false;
  /** Given to us before the socket was open. */
  readonly #early: Uint8Array<ArrayBuffer>[] = [];
  #stopWaiting: () => void = () => {};

  /**
   * @param socket Connecting or open; its `binaryType` is set.
   * @throws {ProtocolError} `invalid-option`
   */
  constructor(socket: WebSocketLike, session: Receiver, options: WebSocketOptions = {}) {
    this.#socket = socket;
    this.#session = session;
    this.#clock = options.clock ?? systemClock;
    const { isText, highWaterMarkBytes, closeTimeoutMs } = checkedWebSocket(options);
    this.#text = isText;
    this.#highWaterMarkBytes = highWaterMarkBytes;
    this.#closeTimeoutMs = closeTimeoutMs;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => this.#opened());
    socket.addEventListener("message", (event) => this.#received(event.data));
    socket.addEventListener("error", (event) => this.#failed(event));
    socket.addEventListener("close", (event) => this.#closed(event));
    // No event will come; and the session is still under construction.
    if (socket.readyState === CLOSED) Promise.resolve().then(() => this.#closed(LOST));
  }

  /**
   * Bytes given before the socket is open wait for it. Those given after its end are dropped: `send`
   * would count them as waiting for ever.
   */
  sendData(data: Uint8Array<ArrayBuffer>): boolean {
    if (this.#socket.readyState === CONNECTING) this.#early.push(data);
    else if (this.#socket.readyState === OPEN) this.#send(data);
    return this.#state !== "saturated";
  }

  sendEnd(how: "flush" | "now"): void {
    if (how === "now") this.#cut();
    else if (!this.#ending) this.#close();
  }

  resumeReading(): void {
    // That of `ws` throws when the handshake has failed, which is when it was never paused.
    if (this.#paused) this.#socket.resume?.();
    this.#paused = false;
  }

  get #ending(): boolean {
    return this.#state === "closing" || this.#state === "ended";
  }

  #opened(): void {
    for (const data of this.#early.splice(0)) this.#send(data);
    if (this.#ending) this.#socket.close(NORMAL_CLOSURE);
  }

  #received(data: unknown): void {
    const chunk = typeof data === "string" ? data : bytesOf(data);
    if (chunk === undefined) {
      this.#failed({ type: "message", error: new TypeError("The WebSocket delivers no bytes") });
    } else if (!this.#session.receiveData(chunk)) {
      this.#paused = true;
      this.#socket.pause?.();
    }
  }

  /** A close event should follow, but not everyone's does. */
  #failed(event: WebSocketErrorEvent): void {
    if (!this.#ending) this.#close();
    this.#end(event.error ?? new WebSocketCloseError(LOST.code, LOST.reason));
  }

  #closed({ code, reason }: WebSocketCloseEvent): void {
    const peaceful = this.#ending || PEACEFUL.includes(code);
    this.#stopWaiting();
    this.#end(peaceful ? undefined : new WebSocketCloseError(code, reason));
  }

  #end(reason: unknown): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#session.receiveEnd(reason);
  }

  #send(data: Uint8Array<ArrayBuffer>): void {
    this.#socket.send(this.#text ? (TEXT.utf8(data, 0, data.length) ?? data) : data);
    if (this.#state !== "open" || this.#socket.bufferedAmount <= this.#highWaterMarkBytes) return;
    this.#state = "saturated";
    this.#awaitDrain();
  }

  /** No event tells that a WebSocket has sent what it held: one has to look. */
  #awaitDrain(): void {
    const timer = this.#clock.setTimeout(() => {
      if (this.#socket.bufferedAmount > this.#highWaterMarkBytes / 2) {
        this.#awaitDrain();
      } else {
        this.#state = "open";
        this.#session.drained();
      }
    }, DRAIN_INTERVAL_MS);
    this.#stopWaiting = () => this.#clock.clearTimeout(timer);
  }

  #close(): void {
    this.#stopWaiting();
    this.#state = "closing";
    const remaining = () => this.#socket.bufferedAmount;
    this.#stopWaiting = whenStuck(this.#clock, this.#closeTimeoutMs, remaining, () => this.#cut());
    // While it is paused it does not see the peer's close.
    this.resumeReading();
    if (this.#socket.readyState !== CONNECTING) this.#socket.close(NORMAL_CLOSURE);
  }

  #cut(): void {
    this.#stopWaiting();
    if (this.#state !== "ended") this.#state = "closing";
    if (this.#socket.terminate === undefined) this.#socket.close();
    else this.#socket.terminate();
  }
}

/** Undefined for a Blob: what comes from a socket that knows no other binary type. */
function bytesOf(data: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  // Not `instanceof`: it may come from another realm.
  return "byteLength" in Object(data) ? new Uint8Array(data as ArrayBuffer) : undefined;
}
