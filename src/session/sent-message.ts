/** A message as a server gets it. */

import { type Content, FrameContent } from "./content.ts";

/** What a client sent. */
export interface SentMessage extends Content {
  readonly destination: string;
  /** The id of the transaction that it is part of. */
  readonly transaction: string | undefined;
}

/** A SEND frame, seen as a message. */
export class ServerMessage extends FrameContent implements SentMessage {
  get transaction(): string | undefined {
    return this.frame.headers.get("transaction");
  }
}
