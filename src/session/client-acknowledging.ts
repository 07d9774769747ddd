/**
 * What a client says when it acknowledges a message, and whether it may.
 *
 * @see STOMP 1.2, "ACK" and "NACK"
 */

import { ProtocolError } from "../errors.ts";
import { type ClientCommand, ruleOf } from "../protocol/commands.ts";
import type { ClientTransactions } from "./client-transactions.ts";
import type { Draft } from "./draft.ts";
import type { AckTarget, Standing } from "./received-message.ts";

/**
 * Whether a message can be acknowledged, as far as it is known.
 *
 * @throws {ProtocolError} `already-acknowledged`, `not-acknowledgeable`
 */
export function checkStanding(
  command: ClientCommand,
  standing: Standing,
  transactions: ClientTransactions | undefined,
): void {
  if (isAcknowledged(standing, transactions)) {
    const text = "The message was acknowledged before";
    throw new ProtocolError("already-acknowledged", text, { command });
  }
  if (standing === "auto") throw notAcknowledgeable(command, "its subscription is auto");
}

/**
 * Says in a draft which message it is, as its version has it.
 *
 * @throws {ProtocolError} `not-acknowledgeable`
 */
export function addTarget(draft: Draft, target: AckTarget): void {
  const { command, dialect } = draft;
  // There is no draft of a command that the version has not.
  const required = ruleOf(command).required[dialect.version] as readonly string[];
  for (const name of required) {
    const value = named(name, target);
    if (value === undefined) throw notAcknowledgeable(command, `the MESSAGE had no ${name} for it`);
    draft.add(name, value);
  }
}

function isAcknowledged(standing: Standing, transactions: ClientTransactions | undefined): boolean {
  if (typeof standing !== "object") return standing === "acknowledged";
  return transactions?.wasAborted(standing) !== true;
}

/** What a header of ACK says of it. */
function named(name: string, target: AckTarget): string | undefined {
  if (name === "id") return target.ackId;
  return name === "message-id" ? target.messageId : target.subscription;
}

function notAcknowledgeable(command: ClientCommand, reason: string): ProtocolError {
  const text = `${command} is not possible: ${reason}`;
  return new ProtocolError("not-acknowledgeable", text, { command });
}
