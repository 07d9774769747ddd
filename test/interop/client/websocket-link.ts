/** Clients over WebSockets, whoever provides those. */

import type { ClientClosing, Connected, ReceivedMessage, StompError } from "stomp-engine";
import type { WebSocketLike } from "stomp-engine/websocket";
import type { Inbox } from "./inbox.ts";
import type { Link } from "./session.ts";

export type WebSocketClass = new (url: string, protocols: string[]) => WebSocketLike;

/** The engine and the platform are given: who runs this may know them by other names. */
export function webSocketLink(
  { WebSocketClient, subprotocols }: typeof import("stomp-engine/websocket"),
  WebSocket: WebSocketClass,
): Link {
  class OverWebSocket extends WebSocketClient {
    readonly #inbox: Inbox;

    constructor(inbox: Inbox, ...rest: ConstructorParameters<typeof WebSocketClient>) {
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

  return (inbox, { broker, version }, options) => {
    if (broker.ws === undefined) throw new Error(`${broker.name} has no WebSocket`);
    const socket = new WebSocket(broker.ws, subprotocols([version]));
    let received = 0;
    socket.addEventListener("message", () => {
      received++;
    });
    return { client: new OverWebSocket(inbox, socket, options), received: () => received };
  };
}
