/** Clients over the sockets of node:net, whoever provides that. */

import type { connect } from "node:net";
import type { ClientClosing, Connected, ReceivedMessage, StompError } from "stomp-engine";
import type { Inbox } from "./inbox.ts";
import type { Link } from "./session.ts";

/** The engine and the platform are given: who runs this may know them by other names. */
export function tcpLink(
  { TcpClient }: typeof import("stomp-engine/tcp"),
  dial: typeof connect,
): Link {
  class OverTcp extends TcpClient {
    readonly #inbox: Inbox;

    constructor(inbox: Inbox, ...rest: ConstructorParameters<typeof TcpClient>) {
      super(...rest);
      this.#inbox = inbox;
    }

    protected override onConnected(connected: Connected): void {
      this.#inbox.connected.push(connected);
    }
    protected override onMessage(message: ReceivedMessage): void {
      this.#inbox.messages.push(message);
    }
    protected override onUnclaimedMessage(message: ReceivedMessage): void {
      this.#inbox.unclaimed.push(message);
    }
    protected override onReceipt(): void {}
    protected override onError(error: StompError): void {
      this.#inbox.errors.push(error);
    }
    protected override onWritable(): void {
      this.#inbox.writable.push(true);
    }
    protected override onClose(closing: ClientClosing): void {
      this.#inbox.end(closing);
    }
  }

  return (inbox, { broker }, options) => {
    const socket = dial({ host: "127.0.0.1", port: broker.tcp });
    return { client: new OverTcp(inbox, socket, options), received: () => socket.bytesRead };
  };
}
