import { describe, expect, test } from "vitest";
import { Transcript } from "../../src/testing/transcript.ts";
import { bytes } from "../transport/recorder.ts";

/** What one side is written down to have sent. */
function sent(...chunks: (string | Uint8Array)[]): string[] {
  const transcript = new Transcript();
  for (const chunk of chunks) {
    transcript.sent("C", typeof chunk === "string" ? bytes(chunk) : chunk);
  }
  return transcript.take();
}

describe("a frame", () => {
  test.each([
    ["without headers", "DISCONNECT\n\n\0", "DISCONNECT"],
    [
      "with headers in their order",
      "SUBSCRIBE\nid:0\ndestination:/a\n\n\0",
      "SUBSCRIBE id:0 destination:/a",
    ],
    ["with repeated headers", "ACK\nid:1\nid:2\n\n\0", "ACK id:1 id:2"],
    ["with an empty value", "SEND\ndestination:\n\n\0", "SEND destination:"],
    [
      "with white space in a header",
      "SEND\ndestination:/a b\\nc\nx y:1\n\n\0",
      'SEND destination:"/a b\\nc" "x y":1',
    ],
    [
      "with quotation marks in a header",
      'SEND\ndestination:"a"\n\n\0',
      'SEND destination:"\\"a\\""',
    ],
    [
      "with a body, whose length is left out",
      "SEND\ndestination:/a\ncontent-length:5\n\nhello\0",
      'SEND destination:/a "hello"',
    ],
    [
      "with a body that has line breaks",
      "SEND\ndestination:/a\n\none\ntwo\0",
      'SEND destination:/a "one\\ntwo"',
    ],
    [
      "with a passcode, which is hidden",
      "CONNECT\nlogin:me\npasscode:secret\n\n\0",
      "CONNECT login:me passcode:***",
    ],
  ])("%s", (_, wire, line) => {
    expect(sent(wire)).toEqual([`C> ${line}`]);
  });

  test("with a long body, which is cut", () => {
    const body = "0123456789".repeat(7);
    expect(sent(`SEND\ndestination:/a\n\n${body}\0`)).toEqual([
      `C> SEND destination:/a "${body.slice(0, 60)}"… <70 bytes>`,
    ]);
  });

  test("with a body that is no text", () => {
    const binary = new Uint8Array([0xff, 0xfe]);
    expect(sent(Buffer.concat([bytes("SEND\ndestination:/a\n\n"), binary, bytes("\0")]))).toEqual([
      "C> SEND destination:/a <2 bytes>",
    ]);
  });

  test("in pieces is written down when it is complete", () => {
    expect(sent("SEND\ndestination:/a\n", "\nhel", "lo\0")).toEqual([
      'C> SEND destination:/a "hello"',
    ]);
  });

  test("is one of several in one piece", () => {
    expect(sent("BEGIN\ntransaction:1\n\n\0\nCOMMIT\ntransaction:1\n\n\0\n")).toEqual([
      "C> BEGIN transaction:1",
      "C> COMMIT transaction:1",
    ]);
  });
});

describe("what is no frame", () => {
  test("may be a heart-beat", () => {
    expect(sent("\n", "RECEIPT\nreceipt-id:1\n\n\0\n", "\n\n", "\r\n")).toEqual([
      "C> ⏎",
      "C> RECEIPT receipt-id:1",
      "C> ⏎⏎",
      "C> ⏎⏎",
    ]);
  });

  test("is no heart-beat within a frame", () => {
    expect(sent("SEND\ndestination:/a\n", "\n", "\n", "\0")).toEqual([
      'C> SEND destination:/a "\\n"',
    ]);
  });

  test("is quoted, and what follows is read anew", () => {
    expect(sent("GET / HTTP/1.1\r\n", "DISCONNECT\n\n\0")).toEqual([
      'C> "GET / HTTP/1.1\\r\\n"',
      "C> DISCONNECT",
    ]);
  });
});

describe("the version", () => {
  const escaped = "MESSAGE\nsubscription:0\nmessage-id:1\ndestination:a\\cb\n\n\0";
  const read = (connected: string) => {
    const transcript = new Transcript();
    transcript.sent("C", bytes("CONNECT\nhost:a\\cb\n\n\0"));
    transcript.sent("S", bytes(connected));
    transcript.sent("C", bytes(escaped));
    transcript.sent("S", bytes(escaped));
    return transcript.lines
      .filter((line) => line.includes("MESSAGE"))
      .map((line) => line.slice(-4));
  };

  test.each([
    ["1.0 by default", "CONNECTED\n\n\0", "a\\cb"],
    ["that which CONNECTED names", "CONNECTED\nversion:1.1\n\n\0", ":a:b"],
    ["1.2 for one that is not known", "CONNECTED\nversion:9.9\n\n\0", ":a:b"],
  ])("is %s, on both sides", (_, connected, end) => {
    expect(read(connected)).toEqual([end, end]);
  });
});

describe("lines", () => {
  test("are taken once, and kept", () => {
    const transcript = new Transcript();
    transcript.note("one");
    transcript.note("two");
    expect(transcript.take()).toEqual(["one", "two"]);
    transcript.note("three");
    expect(transcript.take()).toEqual(["three"]);
    expect(transcript.take()).toEqual([]);
    expect(transcript.lines).toEqual(["one", "two", "three"]);
    expect(String(transcript)).toBe("one\ntwo\nthree");
  });
});
