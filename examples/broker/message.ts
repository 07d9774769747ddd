/** A message on its way through the broker. */

import { PreparedMessage } from "stomp-engine";

type Headers = Iterable<readonly [string, string]>;

/** What keeping a message costs besides what its sender wrote, roughly, in bytes. */
const OVERHEAD_BYTES = 400;

/** Where a message comes from: what SEND brought, or another message. */
export interface Source {
  readonly contentType: string | undefined;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export class Message {
  readonly destination: string;
  /** Unique in this broker, and the same for all who receive it: so it is encoded once. */
  readonly id: string;
  readonly contentType: string | undefined;
  #headers: Headers;
  #body: Uint8Array;
  #bytes = 0;
  #detached = false;
  #prepared: PreparedMessage | undefined;
  #redelivered: PreparedMessage | undefined;

  constructor(destination: string, id: string, { contentType, headers, body }: Source) {
    this.destination = destination;
    this.id = id;
    this.contentType = contentType;
    this.#headers = headers;
    this.#body = body;
  }

  get headers(): Headers {
    return this.#headers;
  }

  get body(): Uint8Array {
    return this.#body;
  }

  /** Ready to be delivered to any number of receivers. */
  get prepared(): PreparedMessage {
    this.#prepared ??= this.#prepare(this.#headers);
    return this.#prepared;
  }

  /** The same for somebody who may get it for a second time. */
  get redelivered(): PreparedMessage {
    this.#redelivered ??= this.#prepare([...this.#headers, ["redelivered", "true"]]);
    return this.#redelivered;
  }

  /** What it costs to keep it, in bytes. */
  get bytes(): number {
    if (this.#bytes === 0) {
      // Whoever sends chooses the length of each of these.
      this.#bytes = OVERHEAD_BYTES + this.destination.length + this.#body.byteLength;
      this.#bytes += this.contentType?.length ?? 0;
      for (const [name, value] of this.#headers) this.#bytes += name.length + value.length;
    }
    return this.#bytes;
  }

  /** To be called before it is kept for long: lets go of the chunk of input that it is a part of. */
  detach(): void {
    if (!Array.isArray(this.#headers)) this.#headers = [...this.#headers];
    if (this.#detached) return;
    // Small ones share pieces of memory that are no larger than Buffer.poolSize: to have one for
    // each of them would cost more than anything else that is done with a message.
    this.#body = Buffer.from(this.#body);
    this.#detached = true;
  }

  /** To be called when it came back: who had it may have spoken another version than who is next. */
  forgetEncoded(): void {
    this.#prepared = undefined;
    this.#redelivered = undefined;
  }

  #prepare(headers: Headers): PreparedMessage {
    return new PreparedMessage({
      destination: this.destination,
      messageId: this.id,
      body: this.#body,
      contentType: this.contentType,
      headers,
    });
  }
}

/** The headers without those of this name. */
export function without(headers: Headers, name: string): (readonly [string, string])[] {
  return [...headers].filter(([each]) => each !== name);
}
