import { describe, expect, test } from "vitest";
import { Frame } from "../../src/protocol/frame.ts";
import { headersOf } from "../../src/protocol/headers.ts";
import { trimmed } from "../../src/session/trimming.ts";

const frame = (...entries: [string, string][]) =>
  new Frame("SEND", headersOf(entries), Uint8Array.of(1));
const entriesOf = (of: Frame) => of.headers.all();

describe("a frame of 1.0", () => {
  test("loses spaces and tabs around names and values, and nothing else", () => {
    const padded = trimmed(frame([" a\t", "\t x y "], ["b", "\u00a0z\r"], ["a", "2 "]));
    expect(entriesOf(padded)).toEqual([
      ["a", "x y"],
      ["b", "\u00a0z\r"],
      ["a", "2"],
    ]);
    expect([padded.command, padded.headers.get("a"), [...padded.body]]).toEqual([
      "SEND",
      "x y",
      [1],
    ]);
  });

  test("is the same frame if there are none", () => {
    const bare = frame(["a", "x y"], ["b", ""]);
    expect(trimmed(bare)).toBe(bare);
  });

  test("loses entries whose names are nothing else", () => {
    expect(entriesOf(trimmed(frame([" ", "x"], ["a", " "])))).toEqual([["a", ""]]);
  });

  test("is trimmed in time that is linear in its length", () => {
    const long = " ".repeat(200_000);
    const startMs = performance.now();
    expect(trimmed(frame([" a", `x${long}x`])).headers.get("a")).toHaveLength(200_002);
    // In the square of it, this would be minutes.
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });
});
