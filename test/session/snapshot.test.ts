import { expect, test } from "vitest";
import { checkedSnapshot, type Snapshot } from "../../src/session/snapshot.ts";
import { codeOf } from "./scripted.ts";

const snapshot: Snapshot = {
  session: undefined,
  subscriptions: [
    {
      id: "",
      destination: "/a",
      ack: "client-individual",
      headers: [
        ["k", "v"],
        ["k", ""],
      ],
    },
    { id: "1", destination: "", ack: "auto", headers: [] },
  ],
  nextId: 0,
};

test("a snapshot is one after a round trip through JSON", () => {
  expect(checkedSnapshot(snapshot)).toBe(snapshot);
  const stored = JSON.parse(JSON.stringify(snapshot));
  expect(checkedSnapshot(stored)).toBe(stored);
});

// What else is none is in flows-snapshot.test.ts, seen from either side.
test.each([null, undefined, [], "x", 1])("%j is none", (none) => {
  expect(codeOf(() => checkedSnapshot(none as never))).toBe("invalid-option");
});
