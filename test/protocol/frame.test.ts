import { inspect } from "node:util";
import { expect, test } from "vitest";
import { Frame } from "../../src/protocol/frame.ts";
import { headersOf } from "../../src/protocol/headers.ts";

function frame(body: Uint8Array | string, contentType?: string): Frame {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const headers = contentType === undefined ? [] : [["content-type", contentType] as const];
  return new Frame("SEND", headersOf(headers), bytes);
}

test("text is UTF-8", () => {
  expect(frame("h\u00e9 \u{1f600}").text()).toBe("h\u00e9 \u{1f600}");
  expect(frame("h\u00e9", "text/plain").text()).toBe("h\u00e9");
  expect(frame("").text()).toBe("");
});

test.each([
  "text/plain;charset=iso-8859-1",
  'text/plain; charset="ISO-8859-1"',
  "text/plain; format=flowed; CharSet = latin1; x=y",
])("text honours %s", (contentType) => {
  expect(frame(new Uint8Array([0x68, 0xe9]), contentType).text()).toBe("h\u00e9");
});

test("text honours UTF-16", () => {
  expect(frame(new Uint8Array([0x61, 0, 0x62, 0]), "text/plain;charset=utf-16le").text()).toBe(
    "ab",
  );
});

test.each(["text/plain;charset=utf-8", "text/plain;charset=UTF8", "text/plain;charset=klingon"])(
  "text with %s is UTF-8",
  (contentType) => {
    expect(frame("h\u00e9", contentType).text()).toBe("h\u00e9");
  },
);

test("text keeps a byte order mark, and replaces what is not valid", () => {
  expect(frame("\ufeffa").text()).toBe("\ufeffa");
  expect(frame(new Uint8Array([0x61, 0xff])).text()).toBe("a\ufffd");
});

test("json is the parsed text", () => {
  expect(frame('{"a":[1]}', "application/json").json()).toEqual({ a: [1] });
  expect(() => frame("{").json()).toThrow(SyntaxError);
});

test("a frame can be written to a log", () => {
  const headers = headersOf([
    ["foo", "1"],
    ["foo", "2"],
  ]);
  const text = JSON.stringify(new Frame("MESSAGE", headers, new TextEncoder().encode("hö")));
  expect(text).toBe('{"command":"MESSAGE","headers":[["foo","1"],["foo","2"]],"body":"hö"}');
  expect(inspect(headers)).toBe("FrameHeaders {}");
});
