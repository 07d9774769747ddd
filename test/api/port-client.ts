/** A client over a transport of its own: a MessagePort, as between a page and its worker. */

import type { MessagePort } from "node:worker_threads";
import {
  type ClientClosing,
  type ClientOptions,
  type Connected,
  type ReceivedMessage,
  StompClient,
  type StompError,
} from "stomp-engine";

/** A message on the port is a chunk of bytes; null says that no more will come. */
export class PortClient extends StompClient {
  readonly messages: string[] = [];
  readonly errors: StompError[] = [];
  readonly #port: MessagePort;
  #opened: ((connected: Connected) => void) | undefined;
  #closed: ((closing: ClientClosing) => void) | undefined;

  constructor(port: MessagePort, options?: ClientOptions) {
    super(options);
    this.#port = port;
    port.on("message", (chunk: Uint8Array | null) => {
      if (chunk === null) this.receiveEnd();
      else this.receiveData(chunk);
    });
    port.on("close", () => this.receiveEnd());
  }

  open(): Promise<Connected> {
    this.connect();
    return new Promise((resolve) => {
      this.#opened = resolve;
    });
  }

  close(): Promise<ClientClosing> {
    this.disconnect();
    return new Promise((resolve) => {
      this.#closed = resolve;
    });
  }

  protected override sendData(data: Uint8Array<ArrayBuffer>): void {
    // A port clones the whole buffer behind a view; a copy has a buffer of its own size.
    const copy = data.slice();
    this.#port.postMessage(copy, [copy.buffer]);
  }

  protected override sendEnd(): void {
    this.#port.postMessage(null);
    this.#port.close();
  }

  protected override onConnected(connected: Connected): void {
    this.#opened?.(connected);
  }

  protected override onMessage(message: ReceivedMessage): void {
    this.messages.push(message.text());
  }

  protected override onReceipt(): void {}

  protected override onError(error: StompError): void {
    this.errors.push(error);
  }

  protected override onClose(closing: ClientClosing): void {
    this.#closed?.(closing);
  }
}
