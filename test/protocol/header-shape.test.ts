import { afterEach, beforeEach, expect, test } from "vitest";
import { allowShape, resetShapes, shapeOf, sharedShapes } from "../../src/protocol/header-shape.ts";
import { FrameHeaders, headersOf } from "../../src/protocol/headers.ts";
import { collected } from "../faults/collecting.ts";

beforeEach(resetShapes);
afterEach(resetShapes);

const names = (...list: string[]) => {
  let shape = shapeOf("SEND");
  for (const name of list) shape = shape.followedBy(name);
  return shape;
};

test("headers with the same names in the same order share one", () => {
  expect(names("a", "b")).toBe(names("a", "b"));
  expect(names("a", "b")).not.toBe(names("b", "a"));
  expect(names("a", "b").names).toEqual(["a", "b"]);
});

test("each command has its own, and unknown ones share theirs", () => {
  expect(shapeOf("SEND")).not.toBe(shapeOf("MESSAGE"));
  expect(shapeOf("constructor")).toBe(shapeOf("WHATEVER"));
});

test("guesses what comes next", () => {
  const first = names("a");
  expect(first.successor).toBeUndefined();
  const second = first.followedBy("b");
  const other = first.followedBy("c");
  expect(first.successor).toBe(other);
  expect(first.followedBy("b")).toBe(second);
  expect(first.successor).toBe(second);
});

test("a plain name is its bytes", () => {
  for (const plain of ["a", "message-id", "a b", "~!"]) expect(names(plain).plain).toBe(true);
  for (const other of ["a:", "a\\", "\u00e4", "a\r", "a\n", "\t", ""]) {
    expect(names(other).plain, JSON.stringify(other)).toBe(false);
  }
});

test("are bounded in number, and those in use survive", () => {
  const kept = headersOf([["kept", "1"]]);
  let most = 0;
  for (let at = 0; at < 10_000; at++) {
    for (let frames = 0; frames < 16; frames++) allowShape();
    names(`name-${at}`);
    most = Math.max(most, sharedShapes());
  }
  expect(most).toBe(4096);
  expect(sharedShapes()).toBeLessThan(4096);
  expect(kept.get("kept")).toBe("1");
});

test("names that were cut out of long lines do not keep those", async () => {
  const lineOctets = 400_000;
  const cutOut = (at: number) =>
    Buffer.alloc(lineOctets, `${at}-is-a-long-enough-name `).toString("latin1").slice(0, 20);
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < 50; at++) names(cutOut(at));
  expect(sharedShapes()).toBe(50);
  await collected(() => process.memoryUsage().heapUsed - before < 10 * lineOctets);
});

test("long names are not shared", () => {
  const long = "x".repeat(65);
  expect(names(long)).not.toBe(names(long));
  expect(names(long, "a").names).toEqual([long, "a"]);
  expect(shapeOf("SEND").successor).toBeUndefined();
  expect(sharedShapes()).toBe(0);
});

test("lines far down are not shared", () => {
  const lines = Array.from({ length: 70 }, () => "a");
  expect(names(...lines.slice(0, 64))).toBe(names(...lines.slice(0, 64)));
  expect(names(...lines)).not.toBe(names(...lines));
  expect(names(...lines).names).toEqual(lines);
  expect(sharedShapes()).toBe(64);
});

test("can be forgotten", () => {
  const before = names("a");
  resetShapes();
  expect(names("a")).not.toBe(before);
  expect(new FrameHeaders(before, ["1"]).get("a")).toBe("1");
});

test("so many come to be shared at once, and then one for every sixteen frames", () => {
  const news = (from: number, count: number) => {
    for (let at = from; at < from + count; at++) names(`name-${at}`);
  };
  news(0, 1_000);
  expect(sharedShapes()).toBe(256);
  expect(names("name-500")).not.toBe(names("name-500"));
  for (let at = 0; at < 15; at++) allowShape();
  expect(names("name-500")).not.toBe(names("name-500"));
  allowShape();
  expect(names("name-500")).toBe(names("name-500"));
  expect(names("name-0")).toBe(names("name-0"));
  for (let at = 0; at < 10_000; at++) allowShape();
  news(2_000, 1_000);
  expect(sharedShapes()).toBe(257 + 256);
});

test("what is not shared is right all the same", () => {
  const long = Array.from({ length: 20 }, (_, at) => `${at}-${"x".repeat(70)}`);
  const shape = names(...long, long[3] as string);
  expect(shape.shared).toBe(false);
  expect(shape.plain).toBe(false);
  expect(long.map((name) => shape.positionOf(name))).toEqual(long.map((_, at) => at));
  expect(shape.positionOf("other")).toBe(-1);
});

test("a header is found in whatever order they are asked for", () => {
  const few = names("a", "b", "c");
  const many = names(...Array.from({ length: 12 }, (_, at) => `name-${at}`));
  for (const shape of [few, many]) {
    const asked = [...shape.names, ...shape.names].reverse();
    asked.push(...shape.names, ...shape.names, shape.names[1] as string, shape.names[1] as string);
    for (const name of asked) expect(shape.positionOf(name)).toBe(shape.names.indexOf(name));
    expect(shape.positionOf("other")).toBe(-1);
    expect(shape.positionOf(shape.names[2] as string)).toBe(2);
  }
});

test("of lines with the same name the first is found, whatever was asked for before", () => {
  const many = Array.from({ length: 12 }, (_, at) => `name-${at}`);
  for (const lines of [
    ["a", "b", "a", "c"],
    [...many, "name-3", "last"],
  ]) {
    const shape = names(...lines);
    expect(shape.shared).toBe(true);
    for (let round = 0; round < 2; round++) {
      for (const name of lines) expect(shape.positionOf(name)).toBe(lines.indexOf(name));
    }
    expect(shape.positionOf("other")).toBe(-1);
  }
});
