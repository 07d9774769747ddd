/** A WebSocket like a browser's, driven by the test: for what `ws` cannot be made to do. */

import type {
  WebSocketCloseEvent,
  WebSocketErrorEvent,
} from "../../src/transport/websocket-like.ts";

interface Events {
  open: undefined;
  message: { readonly data: unknown };
  error: WebSocketErrorEvent;
  close: WebSocketCloseEvent;
}

export class ScriptedWebSocket {
  binaryType = "blob";
  readyState = 0;
  bufferedAmount = 0;
  protocol = "";
  /** What was sent, and the codes it was closed with. */
  readonly sent: (string | Uint8Array<ArrayBuffer>)[] = [];
  readonly closes: (number | undefined)[] = [];
  readonly #listeners = new Map<string, ((event: never) => void)[]>();

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.readyState === 0) throw new DOMException("Still connecting", "InvalidStateError");
    this.sent.push(data);
  }

  close(code?: number): void {
    this.closes.push(code);
    if (this.readyState < 2) this.readyState = 2;
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  /** Plays an event, with the state that the socket is in at that moment. */
  play<Type extends keyof Events>(type: Type, event: Events[Type]): void {
    if (type === "open") this.readyState = 1;
    if (type === "close") this.readyState = 3;
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never);
  }

  open(): this {
    this.play("open", undefined);
    return this;
  }
}
