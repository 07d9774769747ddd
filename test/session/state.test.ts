import { describe, expect, test } from "vitest";
import { next, notConnected, type State, type Step } from "../../src/session/state.ts";

const STATES: readonly State[] = ["idle", "connecting", "connected", "disconnecting", "closed"];

describe("the life of a session", () => {
  test.each([
    ["CONNECT", "idle", "connecting"],
    ["CONNECTED", "connecting", "connected"],
    ["DISCONNECT", "connected", "disconnecting"],
  ] as const)("goes on by %s from %s only, to %s", (step, from, to) => {
    for (const state of STATES) expect(next(state, step)).toBe(state === from ? to : undefined);
  });

  test.each([
    ["ERROR", "disconnecting"],
    ["end", "closed"],
  ] as const)("is cut short by %s from everywhere", (step: Step, to) => {
    for (const state of STATES) expect(next(state, step)).toBe(state === "closed" ? undefined : to);
  });
});

test.each([
  ["idle", "not-connected"],
  ["connecting", "not-connected"],
  ["disconnecting", "closed"],
  ["closed", "closed"],
] as const)("a command while %s is %s", (state, code) => {
  expect(notConnected(state, "SEND")).toMatchObject({ code, command: "SEND" });
});
