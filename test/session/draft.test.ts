import { expect, test } from "vitest";
import { DIALECTS } from "../../src/protocol/dialect.ts";
import { Draft } from "../../src/session/draft.ts";

test("a draft collects headers in their order, and changes nothing but itself", () => {
  const draft = new Draft("SEND", DIALECTS["1.2"], { receipt: true }, 7, 0);
  draft.add("destination", "/a");
  draft.add("k", "v");
  expect([draft.headers, draft.nextId, draft.receipt, draft.body.length]).toEqual([
    ["destination", "/a", "k", "v"],
    7,
    undefined,
    0,
  ]);
});

test("ids of a draft are not in use, and each is another", () => {
  const draft = new Draft("SUBSCRIBE", DIALECTS["1.2"], {}, 1, 0);
  expect(draft.newId("sub", new Set(["sub-1", "sub-2", "tx-4"]))).toBe("sub-3");
  expect(draft.newId("tx", new Set(["tx-4"]))).toBe("tx-5");
  expect([draft.newId("receipt", undefined), draft.nextId]).toEqual(["receipt-6", 7]);
});
