import { describe, expect, test } from "vitest";
import { Frame } from "../../src/protocol/frame.ts";
import { headersOf } from "../../src/protocol/headers.ts";
import { FrameContent, userHeaders } from "../../src/session/content.ts";
import { type Acknowledger, ClientMessage } from "../../src/session/received-message.ts";
import { ServerMessage } from "../../src/session/sent-message.ts";

const frame = (headers: Record<string, string>, body = "") =>
  new Frame("MESSAGE", headersOf(Object.entries(headers)), new TextEncoder().encode(body));

describe("the content of a message", () => {
  test("is that of its frame", () => {
    const of = frame({ destination: "/a", "content-type": "application/json", k: "v" }, '{"a":1}');
    const content = new FrameContent(of);
    expect([content.headers, content.body]).toEqual([of.headers, of.body]);
    expect([content.destination, content.contentType, content.text(), content.json()]).toEqual([
      "/a",
      "application/json",
      '{"a":1}',
      { a: 1 },
    ]);
  });

  test("that is no JSON throws what the platform throws", () => {
    expect(() => new FrameContent(frame({}, "{")).json()).toThrow(SyntaxError);
  });

  test("without a content type has none", () => {
    expect(new FrameContent(frame({})).contentType).toBeUndefined();
  });
});

test("what STOMP owns is not passed on", () => {
  const owned = [
    "destination",
    "content-length",
    "content-type",
    "receipt",
    "transaction",
    "subscription",
    "message-id",
    "ack",
    "id",
    "login",
    "passcode",
  ];
  const entries = owned.flatMap(
    (name) =>
      [
        [name, "x"],
        [`x-${name}`, "y"],
      ] as const,
  );
  expect([...userHeaders(headersOf(entries))].map(([name]) => name)).toEqual(
    owned.map((name) => `x-${name}`),
  );
});

describe("a message of a client", () => {
  const asked: unknown[] = [];
  const acknowledger: Acknowledger = {
    acknowledge(command, target, options, standing) {
      if (options?.receipt === "fails") throw new Error("not now");
      asked.push([command, target.messageId, options, standing]);
      return undefined;
    },
  };

  test("has what it takes to acknowledge it", () => {
    const message = new ClientMessage(
      frame({ subscription: "s", "message-id": "m", ack: "a" }),
      acknowledger,
      false,
    );
    expect([message.subscription, message.messageId, message.ackId]).toEqual(["s", "m", "a"]);
  });

  test("knows whether it was acknowledged; one that failed does not count", () => {
    const message = new ClientMessage(frame({ "message-id": "m" }), acknowledger, false);
    expect(() => message.ack({ receipt: "fails" })).toThrow("not now");
    message.nack({ receipt: "r" });
    message.ack();
    expect(asked).toEqual([
      ["NACK", "m", { receipt: "r" }, "open"],
      ["ACK", "m", undefined, "acknowledged"],
    ]);
  });
});

test("a message of a server has the transaction that it is part of", () => {
  expect(new ServerMessage(frame({ transaction: "t" })).transaction).toBe("t");
  expect(new ServerMessage(frame({})).transaction).toBeUndefined();
});
