/** A message as a client gets it. */

import type { Frame } from "../protocol/frame.ts";
import type { AckOptions, Transaction } from "./client-options.ts";
import { type Content, FrameContent } from "./content.ts";
import type { Draft } from "./draft.ts";
import type { Receipt } from "./receipts.ts";

/**
 * All that ACK and NACK need, in any version. Plain JSON, so it can be kept or passed on; it keeps
 * no body alive.
 */
export interface AckTarget {
  /** The `subscription` header of the MESSAGE. */
  readonly subscription: string | undefined;
  /** The `message-id` header of the MESSAGE. */
  readonly messageId: string;
  /** The `ack` header of the MESSAGE, which STOMP 1.2 has. */
  readonly ackId: string | undefined;
}

/** A message, and the means to acknowledge it. */
export interface ReceivedMessage extends Content, AckTarget {
  /** Where it was sent to. */
  readonly destination: string;
  /**
   * Acknowledges the message; on a `client` subscription also every earlier one of it. If that was
   * in a transaction and the transaction was aborted, it can be acknowledged again.
   *
   * @throws {ProtocolError} `closed`, `already-acknowledged`, `not-acknowledgeable` (an `auto`
   *   subscription, or no acknowledgement id), `unknown-transaction`. Nothing is changed.
   */
  ack(options?: AckOptions): Receipt | undefined;
  /**
   * Tells that the message was not consumed; on a `client` subscription also every earlier one.
   *
   * @throws {ProtocolError} As `ack`; `unknown-command` in STOMP 1.0, which has no NACK.
   */
  nack(options?: AckOptions): Receipt | undefined;
}

/**
 * Whether a message can be acknowledged: not on an `auto` subscription, and only once; in a
 * transaction, unless that was aborted.
 */
export type Standing = "open" | "auto" | "acknowledged" | Transaction;

/** Who sends the acknowledgement. */
export interface Acknowledger {
  /** Puts it together, and throws if it is not possible. */
  acknowledging(
    command: "ACK" | "NACK",
    target: AckTarget,
    options: AckOptions | undefined,
    standing: Standing,
  ): Draft;
  /** Sends it. */
  sendDraft(draft: Draft): Receipt | undefined;
}

/** A message that knows its client. */
export class ClientMessage extends FrameContent implements ReceivedMessage {
  readonly #client: Acknowledger;
  /** From when it came: its subscription may end, and another one have the same id. */
  #standing: Standing;

  constructor(frame: Frame, client: Acknowledger, auto: boolean) {
    super(frame);
    this.#client = client;
    this.#standing = auto ? "auto" : "open";
  }

  get subscription(): string | undefined {
    return this.frame.headers.get("subscription");
  }

  get messageId(): string {
    return this.frame.headers.get("message-id") as string;
  }

  get ackId(): string | undefined {
    return this.frame.headers.get("ack");
  }

  ack(options?: AckOptions): Receipt | undefined {
    return this.#acknowledge("ACK", options);
  }

  nack(options?: AckOptions): Receipt | undefined {
    return this.#acknowledge("NACK", options);
  }

  #acknowledge(command: "ACK" | "NACK", options: AckOptions | undefined): Receipt | undefined {
    const draft = this.#client.acknowledging(command, this, options, this.#standing);
    // Before it is sent: hooks that run then may come here as well.
    this.#standing = draft.transaction ?? "acknowledged";
    return this.#client.sendDraft(draft);
  }
}
