/**
 * The receipts that a client asked for and has not got yet.
 *
 * @see STOMP 1.2, "RECEIPT"
 */

import { ConnectionError, ProtocolError, type StompError } from "../errors.ts";
import type { Frame } from "../protocol/frame.ts";
import { grace, NEVER } from "./clock.ts";

/** The server's word that a command was processed: asked for, and at some time given. */
export interface Receipt {
  /** The value of the `receipt` header. */
  readonly id: string;
  /** The command that asked for it. */
  readonly command: string;
  /**
   * Resolves with the RECEIPT; rejects with `error-frame` (only this says that the command failed),
   * `receipt-timeout` or `connection-lost`. Made on first use, and never an unhandled rejection:
   * a receipt that nobody waits for costs nothing and breaks nothing.
   */
  readonly done: Promise<Frame>;
}

/** The receipts of one client. */
export class Receipts {
  /** When the next one may be overdue: never later than that, earlier if it has come since. */
  overdueMs: number = NEVER;
  readonly #pending = new Map<string, PendingReceipt>();

  /** Those that are not answered, oldest first. */
  get unconfirmed(): readonly Receipt[] {
    return [...this.#pending.values()];
  }

  /** @throws {ProtocolError} `invalid-option` if a receipt with this id is awaited already. */
  check(id: string, command: string): void {
    if (!this.#pending.has(id)) return;
    const text = "A receipt with this id is awaited already: ids have to differ";
    throw new ProtocolError("invalid-option", text, { command });
  }

  /** Whether a receipt with this id is awaited. */
  has(id: string): boolean {
    return this.#pending.has(id);
  }

  /** Awaits a receipt for so long. */
  add(id: string, command: string, nowMs: number, timeoutMs: number): Receipt {
    const receipt = new PendingReceipt(id, command, nowMs, timeoutMs);
    this.#pending.set(id, receipt);
    this.overdueMs = Math.min(this.overdueMs, receipt.byMs);
    return receipt;
  }

  /** The receipt that a RECEIPT answers; undefined if nobody waits for it. */
  confirm(frame: Frame): Receipt | undefined {
    const receipt = this.#take(frame.headers.get("receipt-id"));
    receipt?.resolve(frame);
    return receipt;
  }

  /** The command that an ERROR names has failed. */
  fail(error: StompError): void {
    this.#take(error.frame?.headers.get("receipt-id"))?.reject(error);
  }

  /** Nothing will be answered any more. */
  lose(cause: unknown): void {
    for (const receipt of this.#pending.values()) {
      const text = `The session ended before the receipt of ${receipt.command} came`;
      const details = { command: receipt.command, cause };
      receipt.reject(new ConnectionError("connection-lost", text, details));
    }
    this.#pending.clear();
    this.overdueMs = NEVER;
  }

  /** Gives up those that are overdue; not yet, if the clock has jumped past the moment. */
  expire(nowMs: number): void {
    this.overdueMs = NEVER;
    for (const receipt of this.#pending.values()) {
      const graceMs = grace(nowMs - receipt.byMs, receipt.timeoutMs);
      if (graceMs > 0) receipt.byMs = nowMs + graceMs;
      if (receipt.byMs > nowMs) {
        this.overdueMs = Math.min(this.overdueMs, receipt.byMs);
        continue;
      }
      this.#pending.delete(receipt.id);
      const text = `The receipt of ${receipt.command} did not come in time`;
      receipt.reject(new ConnectionError("receipt-timeout", text, { command: receipt.command }));
    }
  }

  #take(id: string | undefined): PendingReceipt | undefined {
    if (id === undefined) return undefined;
    const receipt = this.#pending.get(id);
    this.#pending.delete(id);
    return receipt;
  }
}

interface Outcome {
  readonly frame?: Frame;
  readonly error?: StompError;
}

class PendingReceipt implements Receipt {
  readonly id: string;
  readonly command: string;
  readonly timeoutMs: number;
  byMs: number;
  #outcome: Outcome | undefined = undefined;
  #done: Promise<Frame> | undefined = undefined;
  #settle: ((outcome: Outcome) => void) | undefined = undefined;

  constructor(id: string, command: string, nowMs: number, timeoutMs: number) {
    this.id = id;
    this.command = command;
    this.timeoutMs = timeoutMs;
    this.byMs = nowMs + timeoutMs;
  }

  get done(): Promise<Frame> {
    this.#done ??= this.#promise();
    return this.#done;
  }

  resolve(frame: Frame): void {
    this.#settled({ frame });
  }

  reject(error: StompError): void {
    this.#settled({ error });
  }

  #settled(outcome: Outcome): void {
    this.#outcome = outcome;
    this.#settle?.(outcome);
  }

  #promise(): Promise<Frame> {
    const done = new Promise<Frame>((resolve, reject) => {
      this.#settle = ({ frame, error }) => {
        if (frame === undefined) reject(error);
        else resolve(frame);
      };
      if (this.#outcome !== undefined) this.#settle(this.#outcome);
    });
    // Handled as far as the platform is concerned; whoever awaits it gets the rejection all the same.
    done.catch(() => {});
    return done;
  }
}
