import { expect, test } from "vitest";
import { duplicate, unknown, unowned } from "../../src/session/mistakes.ts";
import { codeOf } from "./scripted.ts";

test("headers that STOMP does not own are taken as they are", () => {
  const headers = ["k", "receipt", "destination-type", "queue"];
  expect(unowned("SEND", headers)).toBe(headers);
  expect(codeOf(() => unowned("SEND", ["k", "v", "receipt", "1"]))).toBe("owned-header");
  // Owned by one command, free for another.
  expect(unowned("DISCONNECT", ["destination", "/a"])).toHaveLength(2);
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
