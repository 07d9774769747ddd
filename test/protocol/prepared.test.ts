import { describe, expect, test } from "vitest";
import { DIALECTS } from "../../src/protocol/dialect.ts";
import {
  deliveryPrefix,
  type OutgoingMessage,
  PreparedMessage,
} from "../../src/protocol/prepared.ts";
import { VERSIONS, type Version } from "../../src/protocol/version.ts";
import { read } from "../vectors/reading.ts";

const refused = (code: string) => expect.objectContaining({ code });

function delivered(
  message: OutgoingMessage | PreparedMessage,
  version: Version = "1.2",
  { subscription = "0", messageId = "m", ackId = undefined as string | undefined } = {},
): string {
  const prepared = message instanceof PreparedMessage ? message : new PreparedMessage(message);
  const dialect = DIALECTS[version];
  const prefix = deliveryPrefix(dialect, subscription);
  const whole = prepared.deliver(dialect, prefix, messageId, ackId);
  const parts = prepared.deliverParts(dialect, prefix, messageId, ackId);
  expect(Buffer.concat(parts).equals(whole)).toBe(true);
  return Buffer.from(whole).toString();
}

test("writes the headers in a fixed order", () => {
  const message = { destination: "/a", body: "hi", contentType: "text/html", headers: { x: "1" } };
  expect(delivered(message, "1.2", { subscription: "s", messageId: "m", ackId: "k" })).toBe(
    "MESSAGE\nsubscription:s\nmessage-id:m\nack:k\ndestination:/a\ncontent-type:text/html\ncontent-length:2\nx:1\n\nhi\0\n",
  );
});

test("leaves out what there is not", () => {
  const prepared = new PreparedMessage({ destination: "/a" });
  const bare = prepared.deliver(
    DIALECTS["1.0"],
    deliveryPrefix(DIALECTS["1.0"], undefined),
    "m",
    undefined,
  );
  expect(Buffer.from(bare).toString()).toBe("MESSAGE\nmessage-id:m\ndestination:/a\n\n\0\n");
});

test.each([
  ["text", "content-type:text/plain\ncontent-length:4\n\ntext"],
  [{ a: 1 }, 'content-type:application/json\ncontent-length:7\n\n{"a":1}'],
  [new Uint8Array([65, 0]), "content-length:2\n\nA\0"],
  ["", "content-type:text/plain\n\n"],
])("takes a body of any kind: %j", (body, rest) => {
  expect(delivered({ destination: "/a", body })).toBe(
    `MESSAGE\nsubscription:0\nmessage-id:m\ndestination:/a\n${rest}\0\n`,
  );
});

test("escapes all that a peer may have chosen", () => {
  const message = { destination: "/a:b", headers: [["k:\n", "v\\\r"]] as [string, string][] };
  const ids = { subscription: "s:1", messageId: "m:1", ackId: "a:1" };
  for (const version of ["1.1", "1.2"] as const) {
    const wire = Buffer.from(delivered(message, version, ids));
    expect(read([new Uint8Array(wire)], { version }).frames[0]?.headers).toEqual([
      ["subscription", "s:1"],
      ["message-id", "m:1"],
      ["ack", "a:1"],
      ["destination", "/a:b"],
      ["k:\n", "v\\\r"],
    ]);
  }
});

test("tells what a session has to know", () => {
  const prepared = new PreparedMessage({ destination: "/a", messageId: "m", body: "h\u00e9" });
  expect(prepared.destination).toBe("/a");
  expect(prepared.messageId).toBe("m");
  expect(prepared.bodyBytes).toBe(3);
  expect(new PreparedMessage({ destination: "/b" }).messageId).toBeUndefined();
});

describe("what was transferred, against what was asked", () => {
  const give = (octets: Uint8Array<ArrayBuffer> | undefined) =>
    structuredClone(octets, { transfer: [octets?.buffer as ArrayBuffer] });
  const dialect = DIALECTS["1.2"];
  const prefix = deliveryPrefix(dialect, "0");

  test.each(["/a", "/\u00e4"])("is not missed by later deliveries: %s", (destination) => {
    const message = new PreparedMessage({ destination, messageId: "m", body: "hello" });
    const text = `MESSAGE\nsubscription:0\nmessage-id:m\ndestination:${destination}\ncontent-type:text/plain\ncontent-length:5\n\nhello\0\n`;
    for (let time = 0; time < 3; time++) {
      const whole = message.deliver(dialect, prefix, "m", undefined);
      expect(Buffer.from(whole).toString()).toBe(text);
      give(whole);
      const parts = message.deliverParts(dialect, prefix, "m", undefined);
      expect(Buffer.concat(parts).toString()).toBe(text);
      give(parts[1]);
    }
  });

  test("is missed if it is the body, before anything is written", () => {
    const body = new TextEncoder().encode("hello");
    const message = new PreparedMessage({ destination: "/a", body });
    give(body);
    const deliver = () => message.deliver(dialect, prefix, "m", undefined);
    expect(deliver).toThrow(refused("unencodable"));
    expect(message.bodyBytes).toBe(5);
  });
});

test("what is no text is refused, and so is a destination that names nothing", () => {
  const number = 5 as never;
  for (const message of [
    { destination: number },
    { destination: "" },
    { destination: "/a", contentType: number },
    { destination: "/a", messageId: number },
  ]) {
    expect(() => new PreparedMessage(message)).toThrow(refused("invalid-header"));
  }
  const blank = { destination: " \t" };
  expect(() => delivered(blank, "1.0")).toThrow(refused("unencodable"));
  expect(delivered(blank, "1.1")).toContain("destination: \t\n");
});

describe("by its own id", () => {
  const dialect = DIALECTS["1.2"];
  const deliver = (message: PreparedMessage, subscription: string, id = "m", version = dialect) =>
    message.deliver(version, deliveryPrefix(version, subscription), id, undefined);

  test("it is the same bytes for all who chose the same id for their subscription", () => {
    const message = new PreparedMessage({ destination: "/a", messageId: "m" });
    const first = deliver(message, "0");
    expect(deliver(message, "0")).toBe(first);
    expect(Buffer.from(deliver(message, "1")).toString()).toContain("subscription:1\n");
    expect(Buffer.from(first).toString()).toContain("subscription:0\n");
  });

  test("it is not, where another id or an ack is wanted, or another version", () => {
    const message = new PreparedMessage({ destination: "/a:b", messageId: "m" });
    deliver(message, "0");
    expect(Buffer.from(deliver(message, "0", "n")).toString()).toContain("message-id:n\n");
    const withAck = message.deliver(dialect, deliveryPrefix(dialect, "0"), "m", "k");
    expect(Buffer.from(withAck).toString()).toContain("message-id:m\nack:k\n");
    expect(Buffer.from(deliver(message, "0")).toString()).toContain("destination:/a\\cb\n");
    const older = deliver(message, "0", "m", DIALECTS["1.0"]);
    expect(Buffer.from(older).toString()).toContain("destination:/a:b\n");
  });

  test("ids that clients invent are not kept for ever", () => {
    const first = deliveryPrefix(dialect, "invented");
    expect(deliveryPrefix(dialect, "invented")).toBe(first);
    for (let count = 0; count < 2_000; count++) deliveryPrefix(dialect, `invented-${count}`);
    expect(deliveryPrefix(dialect, "invented")).not.toBe(first);
    const long = "l".repeat(200);
    expect(deliveryPrefix(dialect, long)).not.toBe(deliveryPrefix(dialect, long));
  });
});

test.each(VERSIONS)("what needs no escapes is written as everything else (%s)", (version) => {
  const headers: [string, string][] = [
    ["a", "1"],
    ["b c", ""],
    ["a", " 2 "],
  ];
  const plain = { destination: "/a b", contentType: "text/x", body: "h\u00e9", headers };
  // A colon in it: every header is looked at for escapes.
  const other = { ...plain, headers: [...headers, ["z", ":"]] as [string, string][] };
  const line = version === "1.0" ? "z::\n" : "z:\\c\n";
  expect(delivered(other, version)).toContain(line);
  expect(delivered(plain, version)).toBe(delivered(other, version).replace(line, ""));
});

describe("what a version cannot carry", () => {
  const headers: [string, string][] = [
    ["ok", "1"],
    ["line", "a\nb"],
    ["col:on", "1"],
    ["return", "a\rb"],
    ["\n", "1"],
  ];
  const prepared = new PreparedMessage({ destination: "/a", contentType: "text/x\n", headers });

  test("is left out there, and named", () => {
    expect(prepared.omitted("1.0")).toEqual(["content-type", "line", "col:on", "\n"]);
    expect(prepared.omitted("1.1")).toEqual([]);
    expect(prepared.omitted("1.2")).toEqual([]);
    expect(delivered(prepared, "1.0")).toBe(
      "MESSAGE\nsubscription:0\nmessage-id:m\ndestination:/a\nok:1\nreturn:a\rb\n\n\0\n",
    );
    expect(delivered(prepared, "1.1")).toContain("content-type:text/x\\n\nok:1\nline:a\\nb\n");
  });

  test("1.0 would take a padded name for one that the session writes", () => {
    const padded = { "message-id ": "evil", "\tcontent-length": "0", " ok": "1" };
    const message = new PreparedMessage({ destination: "/a", body: "x", headers: padded });
    expect(message.omitted("1.0")).toEqual(["message-id ", "\tcontent-length"]);
    expect(message.omitted("1.1")).toEqual([]);
    expect(delivered(message, "1.0")).not.toContain("evil");
    expect(delivered(message, "1.2")).toContain("message-id :evil\n");
  });

  test("a destination that it cannot carry is an error", () => {
    const message = new PreparedMessage({ destination: "/a\nb" });
    expect(() => delivered(message, "1.0")).toThrow(refused("unencodable"));
    expect(delivered(message, "1.1")).toContain("destination:/a\\nb\n");
    expect(message.omitted("1.0")).toEqual([]);
  });

  test("so are ids", () => {
    const message = new PreparedMessage({ destination: "/a" });
    expect(() => delivered(message, "1.0", { messageId: "a\nb" })).toThrow(refused("unencodable"));
    expect(() => delivered(message, "1.0", { subscription: "\n" })).toThrow(refused("unencodable"));
    expect(() => delivered(message, "1.2", { ackId: "a\0" })).toThrow(refused("unencodable"));
  });

  test("what none can carry is refused at once", () => {
    for (const value of ["\0", "\ud800"]) {
      expect(() => new PreparedMessage({ destination: value })).toThrow(refused("unencodable"));
      expect(() => new PreparedMessage({ destination: "/a", headers: { a: value } })).toThrow(
        refused("unencodable"),
      );
      expect(() => new PreparedMessage({ destination: "/a", contentType: value })).toThrow(
        refused("unencodable"),
      );
    }
    expect(() => new PreparedMessage({ destination: "/a", headers: { "": "1" } })).toThrow(
      refused("unencodable"),
    );
  });
});

test.each([
  "destination",
  "message-id",
  "subscription",
  "ack",
  "content-type",
  "content-length",
  "receipt",
])("refuses a %s among the headers", (name) => {
  expect(() => new PreparedMessage({ destination: "/a", headers: { [name]: "1" } })).toThrow(
    refused("owned-header"),
  );
});

test("what receivers of a version share is encoded once", () => {
  const prepared = new PreparedMessage({ destination: "/a", body: "x".repeat(5000) });
  for (const version of VERSIONS) {
    const dialect = DIALECTS[version];
    const tails = ["1", "2"].map((id) =>
      prepared.deliverParts(dialect, deliveryPrefix(dialect, id), id, undefined).at(-1),
    );
    expect(tails[0]).toBe(tails[1]);
  }
});

test("bytes that were handed out are never written again", () => {
  const prepared = new PreparedMessage({ destination: "/a", body: "x" });
  const dialect = DIALECTS["1.2"];
  const prefix = deliveryPrefix(dialect, "0");
  const first = prepared.deliver(dialect, prefix, "1", undefined);
  const copy = first.slice();
  prepared.deliver(dialect, prefix, "2", "long enough to matter");
  expect(first).toEqual(copy);
});
