import { ApplicationError, ConnectionError, ProtocolError } from "stomp-engine";
import { describe, expect, test } from "vitest";
import { DIALECTS } from "../../src/protocol/dialect.ts";
import { Frame } from "../../src/protocol/frame.ts";
import { headersOf } from "../../src/protocol/headers.ts";
import { errorContent, receiptOf, refusal, UnknownCommand } from "../../src/session/error-frame.ts";
import { codeOf } from "./scripted.ts";

const frame = (command: string, ...entries: [string, string][]) =>
  new Frame(command, headersOf(entries), new Uint8Array(0));
const contentOf = (
  ...[error, at, spoken, extra]: [
    ApplicationError | ProtocolError | ConnectionError,
    Frame?,
    "1.0"?,
    object?,
  ]
) => {
  const { headers, body } = errorContent(
    error,
    at,
    DIALECTS[spoken ?? "1.2"],
    ["1.0", "1.2"],
    extra,
  );
  return [...headers, ...(body.length > 0 ? [Buffer.from(body).toString()] : [])];
};

describe("an ERROR says", () => {
  test("the text of our own errors", () => {
    expect(contentOf(new ProtocolError("missing-nul", "why"))).toEqual(["message", "why"]);
    expect(contentOf(new ConnectionError("stalled", "why"))).toEqual(["message", "why"]);
  });

  test("nothing of what a hook fell over", () => {
    const error = new ConnectionError("hook-failed", "text", { cause: new Error("secret") });
    expect(contentOf(error)).toEqual(["message", "internal error"]);
  });

  test("all of what an application refuses with", () => {
    const error = new ApplicationError("no", { headers: { k: "v" }, body: "b" });
    expect(contentOf(error)).toEqual([
      "message",
      "no",
      "content-type",
      "text/plain",
      "k",
      "v",
      "b",
    ]);
    expect(contentOf(error, undefined, undefined, { headers: [["x", "y"]], body: 1 })).toEqual([
      "message",
      "no",
      "content-type",
      "application/json",
      "x",
      "y",
      "1",
    ]);
  });

  test("which versions there are, if none is common", () => {
    expect(contentOf(new ProtocolError("version-mismatch", "1.0 and 1.2"))).toEqual([
      "message",
      "1.0 and 1.2",
      "version",
      "1.0,1.2",
      "content-type",
      "text/plain",
      "1.0 and 1.2",
    ]);
  });

  test("which receipt it is about, if the version can carry that", () => {
    const error = new ProtocolError("missing-nul", "why");
    expect(contentOf(error, frame("SEND", ["receipt", "a:b"]))).toContain("a:b");
    expect(contentOf(error, frame("SEND", ["receipt", "a\nb"]), "1.0")).toEqual(["message", "why"]);
    expect(contentOf(error, frame("CONNECT", ["receipt", "1"]))).toEqual(["message", "why"]);
  });

  test("its text on one line, where line ends cannot be escaped", () => {
    const error = new ApplicationError("a\r\nb\0c\ud800d");
    expect(contentOf(error, undefined, "1.0")).toEqual(["message", "a  b c d"]);
    expect(contentOf(error)).toEqual(["message", "a  b c d"]);
    expect(contentOf(new ApplicationError("a\r\nb:\\"))).toEqual(["message", "a\r\nb:\\"]);
  });

  test("nothing that is its own to say", () => {
    expect(
      codeOf(() => contentOf(new ApplicationError("x", { headers: { "receipt-id": "1" } }))),
    ).toBe("owned-header");
  });
});

test("a receipt may be asked for by every frame but CONNECT and STOMP", () => {
  for (const command of ["SEND", "DISCONNECT", "PING"]) {
    expect(receiptOf(frame(command, ["receipt", ""]))).toBe("");
    expect(receiptOf(frame(command))).toBeUndefined();
  }
  for (const command of ["CONNECT", "STOMP"]) {
    expect(receiptOf(frame(command, ["receipt", "1"]))).toBeUndefined();
  }
});

test("what a hook throws is a refusal only if it says so", () => {
  const [application, unknown] = [new ApplicationError("no"), new UnknownCommand(frame("PING"))];
  expect([refusal(application), refusal(unknown)]).toEqual([application, unknown]);
  for (const thrown of [new Error("bug"), new ProtocolError("closed", "x"), "text", undefined]) {
    expect(refusal(thrown)).toMatchObject({ code: "hook-failed" });
    expect(refusal(thrown).cause).toBe(thrown);
  }
});
