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
  expect(checkedSnapshot(snapshot)).toEqual(snapshot);
  const stored = JSON.parse(JSON.stringify(snapshot));
  expect(checkedSnapshot(stored)).toEqual(snapshot);
});

test("what was checked is what is used, whatever becomes of the one that was given", () => {
  let reads = 0;
  const changing = {
    ...snapshot,
    get subscriptions() {
      reads++;
      return reads === 1 ? snapshot.subscriptions : [];
    },
  };
  const checked = checkedSnapshot(changing);
  expect(checked.subscriptions).toEqual(snapshot.subscriptions);
  expect(reads).toBe(1);
  const failing = {
    ...snapshot,
    get session(): string {
      throw new Error("not now");
    },
  };
  expect(codeOf(() => checkedSnapshot(failing))).toBe("invalid-option");
});

test("a counter of ids has room to count on", () => {
  expect(checkedSnapshot({ ...snapshot, nextId: 2 ** 52 }).nextId).toBe(2 ** 52);
  for (const nextId of [2 ** 52 + 1, Number.MAX_SAFE_INTEGER, -1, 0.5]) {
    expect(codeOf(() => checkedSnapshot({ ...snapshot, nextId }))).toBe("invalid-option");
  }
});

// What else is none is in flows-snapshot.test.ts, seen from either side.
test.each([null, undefined, [], "x", 1])("%j is none", (none) => {
  expect(codeOf(() => checkedSnapshot(none as never))).toBe("invalid-option");
});
