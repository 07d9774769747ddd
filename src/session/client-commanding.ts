/**
 * How a client issues a command: drafted, encoded, its receipt awaited, the client's state changed,
 * sent; in this order. Whatever can be wrong is found before it is encoded, so that a command that
 * throws has changed nothing.
 */

import { ProtocolError } from "../errors.ts";
import { type ClientCommand, ruleOf } from "../protocol/commands.ts";
import { flatten } from "../protocol/headers.ts";
import type { ClientHooks } from "./client-hooks.ts";
import type { ClientSettings, CommandOptions } from "./client-options.ts";
import { NEVER } from "./clock.ts";
import { Draft } from "./draft.ts";
import { unowned } from "./mistakes.ts";
import type { Encoded } from "./outputs.ts";
import { type Receipt, Receipts } from "./receipts.ts";
import { SessionCore } from "./session-core.ts";
import { checkedMs } from "./settings.ts";
import { notConnected } from "./state.ts";

/** The commands of a client, and the receipts that they ask for. */
export abstract class Commanding extends SessionCore<ClientHooks> {
  declare protected readonly settings: ClientSettings;
  /** The number of the next id that is made. */
  nextId = 1;
  /** Made with the first receipt that is asked for. */
  protected receipts: Receipts | undefined = undefined;

  /** @throws {ProtocolError} `not-connected`, `closed`; `unknown-command` if the version has none such. */
  draft(command: ClientCommand, options: CommandOptions): Draft {
    const spoken = this.dialect;
    if (this.state !== "connected" || spoken === undefined) throw notConnected(this.state, command);
    if (ruleOf(command).required[spoken.version] === null) {
      const text = `STOMP ${spoken.version} has no ${command}`;
      throw new ProtocolError("unknown-command", text, { command });
    }
    return new Draft(command, spoken, options, this.nextId);
  }

  /**
   * Encodes what was drafted; from here on nothing throws.
   *
   * @throws {ProtocolError} `invalid-option`, `owned-header`, `unencodable`.
   */
  encodeDraft(draft: Draft): Encoded {
    const { command, dialect: spoken, body, contentLength, options } = draft;
    const { receiptTimeoutMs } = options;
    if (receiptTimeoutMs !== undefined) checkedMs("receiptTimeoutMs", receiptTimeoutMs);
    const { receipt = this.settings.receipts } = options;
    if (receipt === true) draft.receipt = draft.newId("receipt", this.receipts);
    else if (receipt !== false) draft.receipt = receipt;
    if (draft.receipt !== undefined) {
      this.receipts?.check(draft.receipt, command);
      draft.add("receipt", draft.receipt);
    }
    draft.headers.push(...unowned(command, flatten(options.headers)));
    const frame = this.encode(command, draft.headers, body, spoken, contentLength, false);
    this.nextId = draft.nextId;
    return frame;
  }

  /** Registers the receipt of what was drafted, if it asks for one. */
  awaitReceipt({ command, receipt, options }: Draft): Receipt | undefined {
    if (receipt === undefined) return undefined;
    this.receipts ??= new Receipts();
    const ms = options.receiptTimeoutMs ?? this.settings.receiptTimeoutMs;
    const awaited = this.receipts.add(receipt, command, ms === NEVER ? 0 : this.nowMs, ms);
    if (ms !== NEVER) this.watch();
    return awaited;
  }

  /** Encodes, changes state, sends. */
  issue(draft: Draft, change?: () => void): Receipt | undefined {
    const frame = this.encodeDraft(draft);
    const receipt = this.awaitReceipt(draft);
    change?.();
    this.put(frame);
    return receipt;
  }

  override overdue(nowMs: number): void {
    if (nowMs >= this.overdueMs) this.receipts?.expire(nowMs);
  }

  override get overdueMs(): number {
    return this.receipts?.overdueMs ?? NEVER;
  }
}
