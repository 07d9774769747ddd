import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  FrameHeaders,
  flatten,
  type HeaderInput,
  HeaderShape,
  headersOf,
  resetShapes,
  shapeOf,
  sharedShapes,
} from "../../src/protocol/headers.ts";

beforeEach(resetShapes);
afterEach(resetShapes);

const INVALID = expect.objectContaining({ code: "invalid-header" });

/** Names enough that they are found by way of a Map. */
const MANY: [string, string][] = Array.from({ length: 12 }, (_, at) => [`name-${at}`, `${at}`]);

describe.each([
  [
    "few",
    [
      ["a", "1"],
      ["b", ""],
      ["a", "2"],
      ["__proto__", "x"],
    ],
    [],
  ],
  ["many", [["a", "1"], ["b", ""], ["a", "2"], ["__proto__", "x"], ...MANY], MANY],
] as [string, [string, string][], [string, string][]][])("with %s headers", (_, entries, more) => {
  const headers = headersOf(entries);

  test("the first of repeated headers counts", () => {
    expect(headers.get("a")).toBe("1");
    expect(headers.get("b")).toBe("");
    expect(headers.get("__proto__")).toBe("x");
  });

  test.each(["c", "", "A", "constructor", "toString"])("there is no %j", (name) => {
    expect(headers.get(name)).toBeUndefined();
    expect(headers.has(name)).toBe(false);
  });

  test("an empty value is there", () => {
    expect(headers.has("b")).toBe(true);
  });

  test("gives each name once, in order", () => {
    const once = [["a", "1"], ["b", ""], ["__proto__", "x"], ...more];
    expect([...headers]).toEqual(once);
    expect([...headers.entries()]).toEqual(once);
    expect(headers.size).toBe(once.length);
  });

  test("gives every entry, of one name if given", () => {
    expect(headers.all()).toEqual(entries);
    expect(headers.all("a")).toEqual([
      ["a", "1"],
      ["a", "2"],
    ]);
    expect(headers.all("c")).toEqual([]);
  });
});

test("no headers are headers too", () => {
  const none = headersOf([]);
  expect([...none]).toEqual([]);
  expect(none.size).toBe(0);
  expect(none.get("")).toBeUndefined();
});

describe("flatten", () => {
  test.each([
    [undefined, []],
    [{ b: "1", a: "" }, ["b", "1", "a", ""]],
    [
      [
        ["a", "1"],
        ["a", "2"],
      ],
      ["a", "1", "a", "2"],
    ],
    [new Map([["a", "1"]]), ["a", "1"]],
    [
      headersOf([
        ["a", "1"],
        ["a", "2"],
      ]),
      ["a", "1"],
    ],
    [
      headersOf([
        ["a", "1"],
        ["a", "2"],
      ]).all(),
      ["a", "1", "a", "2"],
    ],
  ] as [HeaderInput | undefined, string[]][])("case %#", (input, flat) => {
    expect(flatten(input)).toEqual(flat);
  });

  test("takes what a generator gives, once", () => {
    function* entries(): Generator<[string, string]> {
      yield ["a", "1"];
    }
    expect(flatten(entries())).toEqual(["a", "1"]);
  });

  test.each([[{ a: 1 }], [{ a: undefined }], [[["a"]]], [[[1, "a"]]]])("refuses %j", (input) => {
    expect(() => flatten(input as unknown as HeaderInput)).toThrow(INVALID);
  });
});

describe("shapes", () => {
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
    for (let at = 0; at < 10_000; at++) names(`name-${at}`);
    expect(sharedShapes()).toBeLessThanOrEqual(4096);
    expect(sharedShapes()).toBeGreaterThan(0);
    expect(kept.get("kept")).toBe("1");
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
    expect(new HeaderShape().names).toEqual([]);
  });
});
