/** A client for tests: every hook is kept and can be awaited. */

import {
  type ClientClosing,
  type ClientOptions,
  type Connected,
  type ConnectOptions,
  type Receipt,
  type ReceivedMessage,
  StompError,
} from "stomp-engine";
import { type SocketLike, TcpClient } from "stomp-engine/tcp";

export class Talker extends TcpClient {
  readonly messages: ReceivedMessage[] = [];
  readonly errors: StompError[] = [];
  readonly closed: Promise<ClientClosing>;
  #waiting: (() => void) | undefined;
  #connected: ((outcome: Connected | StompError) => void) | undefined;
  #close: (closing: ClientClosing) => void = () => {};

  constructor(socket: SocketLike, options?: ClientOptions) {
    super(socket, options);
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  async open(options?: ConnectOptions): Promise<Connected> {
    const outcome = await new Promise<Connected | StompError>((resolve) => {
      this.#connected = resolve;
      this.connect(options);
    });
    if (outcome instanceof StompError) throw outcome;
    return outcome;
  }

  /** So many messages, as they come. */
  async next(count: number): Promise<ReceivedMessage[]> {
    while (this.messages.length < count) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    return this.messages.splice(0, count);
  }

  protected override onConnected(connected: Connected): void {
    this.#connected?.(connected);
  }

  protected override onMessage(message: ReceivedMessage): void {
    this.messages.push(message);
    this.#waiting?.();
  }

  protected override onReceipt(_receipt: Receipt): void {}

  protected override onError(error: StompError): void {
    this.errors.push(error);
    this.#connected?.(error);
  }

  protected override onClose(closing: ClientClosing): void {
    this.#close(closing);
  }
}
