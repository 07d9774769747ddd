import { expect, test } from "vitest";
import { isPending } from "../../src/session/hooks.ts";

test("an answer comes later if it has a then()", () => {
  // biome-ignore lint/suspicious/noThenProperty: that is what is tested.
  for (const answer of [Promise.resolve(), { then() {} }])
    expect(isPending(answer as never)).toBe(true);
  // biome-ignore lint/suspicious/noThenProperty: that is what is tested.
  for (const answer of [undefined, null, true, "x", {}, { then: 1 }])
    expect(isPending(answer as never)).toBe(false);
});
