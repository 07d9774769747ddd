import type { MessagePort } from "node:worker_threads";
import { type ClientOptions, StompClient } from "stomp-engine";

/** A client whose bytes travel over a MessagePort; null is the end. */
export abstract class PortClient extends StompClient {
  readonly #port: MessagePort;

  constructor(port: MessagePort, options?: ClientOptions) {
    super(options);
    this.#port = port;
    port.on("message", (chunk: Uint8Array | null) => {
      if (chunk === null) this.receiveEnd();
      else this.receiveData(chunk);
    });
    port.on("close", () => this.receiveEnd());
  }

  protected override sendData(data: Uint8Array<ArrayBuffer>) {
    this.#port.postMessage(data.slice());
  }

  protected override sendEnd() {
    this.#port.postMessage(null);
    this.#port.close();
  }
}
