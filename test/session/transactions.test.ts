import { describe, expect, test } from "vitest";
import { Frame } from "../../src/protocol/frame.ts";
import { headersOf } from "../../src/protocol/headers.ts";
import { sessionLimits } from "../../src/protocol/limits.ts";
import type { Entry } from "../../src/session/ledger.ts";
import { ServerMessage } from "../../src/session/sent-message.ts";
import { OpenTransaction } from "../../src/session/transactions.ts";

const frame = new Frame("SEND", headersOf([["ab", "cd"]]), new Uint8Array(6));
const operation = { kind: "send", message: new ServerMessage(frame) } as const;

/** A transaction whose operations took entries named 0, 1, 2 … out of the ledger. */
function withOperations(count: number) {
  const transaction = new OpenTransaction<string>("t");
  for (let at = 0; at < count; at++) {
    transaction.add(frame, operation, [{ key: String(at) } as Entry<string>]);
  }
  return transaction;
}
const keys = (entries: readonly Entry<string>[]) => entries.map(({ key }) => key).join("");

describe("an open transaction", () => {
  test("takes so many frames and bytes, and no more", () => {
    const transaction = withOperations(2);
    const fault = (limits: object) => transaction.fault(frame, sessionLimits(limits))?.code;
    expect([fault({ maxTransactionFrames: 3 }), fault({ maxTransactionFrames: 2 })]).toEqual([
      undefined,
      "limit-exceeded",
    ]);
    expect([fault({ maxTransactionBytes: 30 }), fault({ maxTransactionBytes: 29 })]).toEqual([
      undefined,
      "limit-exceeded",
    ]);
    expect(transaction.operations).toHaveLength(2);
  });

  test("gives back what has not taken effect, once", () => {
    const transaction = withOperations(3);
    transaction.operationBegun(0);
    transaction.operationDone(0);
    transaction.operationBegun(1);
    expect([keys(transaction.takeUndone()), keys(transaction.takeUndone())]).toEqual(["12", ""]);
  });

  test("counts no operation twice that is handed over again", () => {
    const transaction = withOperations(4);
    for (const at of [0, 1, 0]) transaction.operationBegun(at);
    for (const at of [0, 1, 0]) transaction.operationDone(at);
    transaction.operationBegun(2);
    expect(keys(transaction.takeUnbegun())).toBe("3");
    expect(keys(transaction.takeUndone())).toBe("2");
  });

  test("gives back what was not handed over, once", () => {
    const transaction = withOperations(3);
    transaction.operationBegun(0);
    transaction.operationDone(0);
    transaction.operationBegun(1);
    expect([keys(transaction.takeUnbegun()), keys(transaction.takeUnbegun())]).toEqual(["2", ""]);
    expect(keys(transaction.takeUndone())).toBe("1");
  });
});
