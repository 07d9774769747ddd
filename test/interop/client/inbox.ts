/** What all clients here do with what they receive. */

import type { ClientClosing, Connected, ReceivedMessage, StompError } from "stomp-engine";
import { Arrivals } from "./arrivals.ts";

export class Inbox {
  readonly connected = new Arrivals<Connected>("CONNECTED");
  readonly messages = new Arrivals<ReceivedMessage>("MESSAGE");
  readonly unclaimed = new Arrivals<ReceivedMessage>("MESSAGE without a subscription");
  readonly writable = new Arrivals<true>("onWritable");
  readonly errors: StompError[] = [];
  readonly closed: Promise<ClientClosing>;
  #closed: (closing: ClientClosing) => void = () => undefined;

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#closed = resolve;
    });
  }

  end(closing: ClientClosing): void {
    const why = closing.error ?? new Error(`the session has ended (${closing.reason})`);
    for (const arrivals of [this.connected, this.messages, this.unclaimed, this.writable])
      arrivals.end(why);
    this.#closed(closing);
  }
}
