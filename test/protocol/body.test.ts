import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { type Body, outgoingBody } from "../../src/protocol/body.ts";

test("no body is empty and of no type", () => {
  expect(outgoingBody(undefined)).toEqual({ content: new Uint8Array(0), contentType: undefined });
});

test("a string goes out as text", () => {
  const text = "h\u00e9 \u{1f600}\0";
  expect(outgoingBody(text)).toEqual({ content: text, contentType: "text/plain" });
  expect(outgoingBody("")).toEqual({ content: "", contentType: "text/plain" });
});

test("bytes go out as they are, not copied, and without a type", () => {
  const given = new Uint8Array([0, 255, 10]);
  expect(outgoingBody(given).content).toBe(given);
  expect(outgoingBody(given).contentType).toBeUndefined();
});

test("every kind of buffer counts as bytes", () => {
  const { buffer } = new Uint8Array([1, 2, 3, 4]);
  const expected = { content: new Uint8Array([1, 2, 3, 4]), contentType: undefined };
  expect(outgoingBody(buffer)).toEqual(expected);
  expect(outgoingBody(new Uint32Array(buffer))).toEqual(expected);
  expect(outgoingBody(new DataView(buffer, 1, 2)).content).toEqual(new Uint8Array([2, 3]));
  const shared = new Uint8Array(new SharedArrayBuffer(4));
  shared.set([1, 2, 3, 4]);
  expect(outgoingBody(shared.buffer)).toEqual({ ...expected, content: shared });
  const elsewhere = runInNewContext("new Uint8Array([1, 2, 3, 4]).buffer") as ArrayBuffer;
  expect(outgoingBody(elsewhere)).toEqual(expected);
});

test.each([
  [{ a: [1, null] }, '{"a":[1,null]}'],
  [[], "[]"],
  [null, "null"],
  [false, "false"],
  [1.5, "1.5"],
])("%j goes out as JSON", (value, json) => {
  expect(outgoingBody(value)).toEqual({ content: json, contentType: "application/json" });
});

test("refuses what has no JSON", () => {
  const cycle: { self?: object } = {};
  cycle.self = cycle;
  for (const body of [cycle, () => 1, Symbol("x"), 1n] as unknown as Body[]) {
    expect(() => outgoingBody(body)).toThrow(expect.objectContaining({ code: "unencodable" }));
  }
});
