import { describe, expect, test } from "vitest";
import { flatten, type HeaderInput, headersOf } from "../../src/protocol/headers.ts";

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

  test("takes an object's own names only, whatever it inherits", () => {
    const input = Object.create({ inherited: "1" }, { a: { value: "1", enumerable: true } });
    expect(flatten(input)).toEqual(["a", "1"]);
    expect(flatten(Object.assign(Object.create(null), { hasOwnProperty: "1" }))).toEqual([
      "hasOwnProperty",
      "1",
    ]);
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
