import { expect, test } from "vitest";
import { duplicate, unknown, unowned } from "../../src/session/mistakes.ts";
import { codeOf } from "./scripted.ts";

test("headers that STOMP does not own are taken as they are", () => {
  const headers = ["k", "receipt", "destination-type", "queue"];
  expect(unowned("SEND", headers, true)).toBe(headers);
  expect(codeOf(() => unowned("SEND", ["k", "v", "receipt", "1"], false))).toBe("owned-header");
  // Owned by one command, free for another.
  expect(unowned("DISCONNECT", ["destination", "/a"], true)).toHaveLength(2);
});

test("where names are trimmed, spaces around one make no other header of it", () => {
  for (const name of ["receipt ", " receipt", "\ttransaction\t"]) {
    expect(codeOf(() => unowned("SEND", [name, "1"], true))).toBe("owned-header");
    expect(unowned("SEND", [name, "1"], false)).toHaveLength(2);
  }
});

test("what is not there, and what is there already, is told by what it is", () => {
  expect(
    [unknown("subscription", "ACK"), unknown("transaction", "ACK")].map(({ code }) => code),
  ).toEqual(["unknown-subscription", "unknown-transaction"]);
  expect(
    [duplicate("subscription", "BEGIN"), duplicate("transaction", "BEGIN")].map(({ code }) => code),
  ).toEqual(["duplicate-subscription", "duplicate-transaction"]);
  expect(unknown("subscription", "ACK").command).toBe("ACK");
});
