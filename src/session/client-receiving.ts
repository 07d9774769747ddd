/**
 * What a client does with the frames of its server.
 *
 * Its hooks are not awaited: one that waited for a receipt would wait for itself. What they throw,
 * or reject with later, is told to `onError`, and the session goes on.
 */

import { ConnectionError, ProtocolError, type StompError } from "../errors.ts";
import type { Frame } from "../protocol/frame.ts";
import type { Version } from "../protocol/version.ts";
import { Commanding } from "./client-commanding.ts";
import { chosenVersion, connectedOf } from "./client-introduction.ts";
import type { AckOptions } from "./client-options.ts";
import type { ClientSubscriptions } from "./client-subscriptions.ts";
import type { Draft } from "./draft.ts";
import { clientFault } from "./faults.ts";
import { isPending, type MaybePromise } from "./hooks.ts";
import { redacted } from "./observation.ts";
import {
  type Acknowledger,
  type AckTarget,
  ClientMessage,
  type Standing,
} from "./received-message.ts";

/** What comes back from the server. */
export abstract class Receiving extends Commanding implements Acknowledger {
  /** The server's name for this session. */
  session: string | undefined = undefined;
  /** What the server calls itself. */
  server: string | undefined = undefined;
  protected offered: readonly Version[] = [];
  /** What the client is subscribed to; made with the first one. */
  protected known: ClientSubscriptions | undefined = undefined;
  /** The receipt that DISCONNECT asked for. */
  protected farewell: string | undefined = undefined;

  abstract acknowledging(
    command: "ACK" | "NACK",
    target: AckTarget,
    options: AckOptions | undefined,
    standing: Standing,
  ): Draft;

  protected override get answering(): boolean {
    return false;
  }

  /** Nothing keeps a client from the next frame: its hooks are not awaited. */
  protected override get blocked(): boolean {
    return false;
  }

  protected override takeHeld(): boolean {
    return false;
  }

  protected override received(frame: Frame): void {
    const wrong = clientFault(frame, this.state, this.dialect);
    if (wrong !== undefined) {
      this.failed(wrong);
      return;
    }
    switch (frame.command) {
      case "MESSAGE":
        this.receiveMessage(frame);
        break;
      case "RECEIPT":
        this.receiveReceipt(frame);
        break;
      case "CONNECTED":
        this.receiveConnected(frame);
        break;
      default:
        this.receiveError(frame);
    }
  }

  protected override malformed(error: ProtocolError): void {
    this.failed(error);
  }

  /** A client has no way to tell the server what it did wrong. */
  protected override failed(error: StompError): void {
    const link = error instanceof ConnectionError;
    this.finish({
      reason: link ? "lost" : "error",
      how: link ? "now" : "flush",
      error,
      reported: true,
    });
  }

  protected override hookFailed(cause: unknown): void {
    this.atWork(() => {
      if (this.hasEnded) this.tooLate(cause);
      else this.report(new ConnectionError("hook-failed", "A hook threw or rejected", { cause }));
    });
  }

  protected override told(error: StompError): void {
    this.hooks.onError(error);
  }

  private receiveConnected(frame: Frame): void {
    const version = chosenVersion(frame, this.offered);
    if (version instanceof ProtocolError) {
      this.failed(version);
      return;
    }
    this.speak(version, this.settings.limits);
    const connected = connectedOf(frame, version, this.settings.heartBeat);
    if (connected instanceof ProtocolError) {
      this.failed(connected);
      return;
    }
    this.session = connected.session;
    this.server = connected.server;
    this.advance("CONNECTED");
    this.keep(connected.heartBeat);
    this.call(() => this.hooks.onConnected(connected));
  }

  private receiveMessage(frame: Frame): void {
    const subscription = this.known?.of(frame.headers);
    const message = new ClientMessage(frame, this, subscription?.ack === "auto");
    // As `call`, without a closure: this is what most frames are.
    try {
      const answer =
        subscription === undefined
          ? this.hooks.onUnclaimedMessage(message)
          : this.hooks.onMessage(message);
      if (isPending(answer)) this.watchOver(answer);
    } catch (cause) {
      this.hookFailed(cause);
    }
  }

  private receiveReceipt(frame: Frame): void {
    // The end, even if nobody waits for it any more; a DISCONNECT from within the hook comes later.
    const isLast = this.farewell === frame.headers.get("receipt-id");
    const receipt = this.receipts?.confirm(frame);
    if (receipt !== undefined) this.call(() => this.hooks.onReceipt(receipt));
    if (isLast) this.finish({ reason: "disconnect", how: "flush" });
  }

  private receiveError(frame: Frame): void {
    const error = new ConnectionError("error-frame", "The server sent an ERROR", {
      frame: redacted(frame),
    });
    this.receipts?.fail(error);
    this.finish({ reason: "error", how: "flush", error, reported: true });
  }

  private call(hook: () => MaybePromise<void>): void {
    try {
      const answer = hook();
      if (isPending(answer)) this.watchOver(answer);
    } catch (cause) {
      this.hookFailed(cause);
    }
  }
}
