import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { type Body, encodeBody } from "../../src/protocol/body.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test("no body is empty and of no type", () => {
  expect(encodeBody(undefined)).toEqual({ bytes: new Uint8Array(0), contentType: undefined });
});

test("a string goes out as UTF-8 text", () => {
  const { bytes, contentType } = encodeBody("h\u00e9 \u{1f600}\0");
  expect(text(bytes)).toBe("h\u00e9 \u{1f600}\0");
  expect(contentType).toBe("text/plain");
  expect(encodeBody("")).toEqual({ bytes: new Uint8Array(0), contentType: "text/plain" });
});

test("bytes go out as they are, not copied, and without a type", () => {
  const given = new Uint8Array([0, 255, 10]);
  expect(encodeBody(given).bytes).toBe(given);
  expect(encodeBody(given).contentType).toBeUndefined();
});

test("every kind of buffer counts as bytes", () => {
  const { buffer } = new Uint8Array([1, 2, 3, 4]);
  const expected = { bytes: new Uint8Array([1, 2, 3, 4]), contentType: undefined };
  expect(encodeBody(buffer)).toEqual(expected);
  expect(encodeBody(new Uint32Array(buffer))).toEqual(expected);
  expect(encodeBody(new DataView(buffer, 1, 2)).bytes).toEqual(new Uint8Array([2, 3]));
  const shared = new Uint8Array(new SharedArrayBuffer(4));
  shared.set([1, 2, 3, 4]);
  expect(encodeBody(shared.buffer)).toEqual({ ...expected, bytes: shared });
  const elsewhere = runInNewContext("new Uint8Array([1, 2, 3, 4]).buffer") as ArrayBuffer;
  expect(encodeBody(elsewhere)).toEqual(expected);
});

test.each([
  [{ a: [1, null] }, '{"a":[1,null]}'],
  [[], "[]"],
  [null, "null"],
  [false, "false"],
  [1.5, "1.5"],
])("%j goes out as JSON", (value, json) => {
  const { bytes, contentType } = encodeBody(value);
  expect(text(bytes)).toBe(json);
  expect(contentType).toBe("application/json");
});

test("refuses what has no JSON", () => {
  const cycle: { self?: object } = {};
  cycle.self = cycle;
  for (const body of [cycle, () => 1, Symbol("x"), 1n] as unknown as Body[]) {
    expect(() => encodeBody(body)).toThrow(expect.objectContaining({ code: "unencodable" }));
  }
});
