import { describe, expect, test } from "vitest";
import { DIALECTS } from "../../src/protocol/dialect.ts";
import { Frame } from "../../src/protocol/frame.ts";
import { headersOf } from "../../src/protocol/headers.ts";
import { decoded, redacted } from "../../src/session/observation.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("a frame for an observer", () => {
  test("has no passcode, repeated or padded", () => {
    const frame = new Frame(
      "CONNECT",
      headersOf([
        ["login", "me"],
        ["passcode", "a"],
        [" passcode\t", "b"],
        ["passcode", "c"],
      ]),
      Uint8Array.of(1),
    );
    const harmless = redacted(frame);
    expect(harmless.headers.all()).toEqual([
      ["login", "me"],
      ["passcode", "***"],
      [" passcode\t", "***"],
      ["passcode", "***"],
    ]);
    expect([harmless.command, harmless.body]).toEqual(["CONNECT", frame.body]);
  });

  test("is the same one if it had none", () => {
    const frame = new Frame("SEND", headersOf([["Passcodes", "x"]]), new Uint8Array(0));
    expect(redacted(frame)).toBe(frame);
  });
});

describe("a frame that is sent, read back", () => {
  test("is read in the dialect that it is in, and in the plainest before there is one", () => {
    const sent = bytes("ERROR\nmessage:\\cx\n\n\0\n");
    expect(decoded(sent, DIALECTS["1.2"])?.headers.get("message")).toBe(":x");
    expect(decoded(sent, DIALECTS["1.0"])?.headers.get("message")).toBe("\\cx");
    expect(decoded(sent, undefined)?.headers.get("message")).toBe("\\cx");
  });

  test("may be larger than any frame that is received", () => {
    const sent = bytes(
      `SEND\n${"a:b\n".repeat(500)}x:${"x".repeat(100_000)}\n\n${"y".repeat(5_000_000)}\0`,
    );
    expect(decoded(sent, DIALECTS["1.2"])?.body).toHaveLength(5_000_000);
  });
});
