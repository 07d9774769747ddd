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
  /** How many commands were given. */
  #given = 0;
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
    return new Draft(command, spoken, options, this.nextId, this.#given);
  }

  /**
   * Encodes what was drafted; once that is done, nothing throws any more.
   *
   * @throws {ProtocolError} `invalid-option`, `owned-header`, `unencodable`; `closed`.
   */
  encodeDraft(draft: Draft): Encoded {
    const { command, dialect: spoken, body, contentLength, options } = draft;
    const { receiptTimeoutMs } = options;
    if (receiptTimeoutMs !== undefined) checkedMs("receiptTimeoutMs", receiptTimeoutMs);
    draft.receiptTimeoutMs = receiptTimeoutMs;
    const { receipt = this.settings.receipts } = options;
    if (receipt === true) draft.receipt = draft.newId("receipt", this.receipts);
    else if (receipt !== false) draft.receipt = receipt;
    if (draft.receipt !== undefined) {
      this.receipts?.check(draft.receipt, command);
      draft.add("receipt", draft.receipt);
    }
    draft.headers.push(...unowned(command, flatten(options.headers), spoken.trims));
    draft.frame = this.encode(command, draft.headers, body, spoken, contentLength, false);
    this.checkUnchanged(draft);
    this.#given++;
    this.nextId = draft.nextId;
    return draft.frame;
  }

  /** Registers the receipt of what was drafted, if it asks for one. */
  awaitReceipt({ command, receipt, receiptTimeoutMs }: Draft): Receipt | undefined {
    if (receipt === undefined) return undefined;
    this.receipts ??= new Receipts();
    const ms = receiptTimeoutMs ?? this.settings.receiptTimeoutMs;
    const awaited = this.receipts.add(receipt, command, ms === NEVER ? 0 : this.nowMs, ms);
    if (ms !== NEVER) this.watch();
    return awaited;
  }

  /** Encodes, changes state, sends. */
  issue(draft: Draft, change?: () => void): Receipt | undefined {
    this.encodeDraft(draft);
    return this.sendDraft(draft, change);
  }

  /** The same for what is encoded. */
  sendDraft(draft: Draft, change?: () => void): Receipt | undefined {
    const receipt = this.awaitReceipt(draft);
    change?.();
    this.put(draft.frame);
    return receipt;
  }

  /**
   * Reading what the application gave, a body as JSON or a header, may run code of its own. What that
   * code did stands, and what was drafted before it is refused.
   */
  private checkUnchanged({ command, given }: Draft): void {
    if (this.state !== "connected") throw notConnected(this.state, command);
    if (given === this.#given) return;
    const text = `Another command was given while what ${command} was given was read`;
    throw new ProtocolError("invalid-option", text, { command });
  }

  override overdue(nowMs: number): void {
    if (nowMs >= this.overdueMs) this.receipts?.expire(nowMs);
  }

  override get overdueMs(): number {
    return this.receipts?.overdueMs ?? NEVER;
  }
}
