import { describe, expect, test } from "vitest";
import { dialectOf } from "../../src/protocol/dialect.ts";
import { Frame } from "../../src/protocol/frame.ts";
import { headersOf } from "../../src/protocol/headers.ts";
import { FrameContent, userHeaders } from "../../src/session/content.ts";
import { Draft } from "../../src/session/draft.ts";
import {
  type Acknowledger,
  ClientMessage,
  type Standing,
} from "../../src/session/received-message.ts";
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
  const transaction = { id: "t", receipt: undefined };

  /** Who notes how a message stood when it was to be acknowledged. */
  function acknowledger() {
    const standings: Standing[] = [];
    const client: Acknowledger = {
      acknowledging(command, _target, options = {}, standing) {
        if (options.receipt === "fails") throw new Error("not now");
        standings.push(standing);
        const draft = new Draft(command, dialectOf("1.2"), options, 1, 0);
        draft.transaction = options.transaction;
        return draft;
      },
      sendDraft: () => undefined,
    };
    return { client, standings };
  }

  test("has what it takes to acknowledge it", () => {
    const headers = { subscription: "s", "message-id": "m", ack: "a" };
    const message = new ClientMessage(frame(headers), acknowledger().client, false);
    expect([message.subscription, message.messageId, message.ackId]).toEqual(["s", "m", "a"]);
  });

  test("knows whether it was acknowledged, and in which transaction; what failed does not count", () => {
    const { client, standings } = acknowledger();
    const message = new ClientMessage(frame({ "message-id": "m" }), client, false);
    expect(() => message.ack({ receipt: "fails" })).toThrow("not now");
    message.nack({ transaction });
    message.ack();
    message.ack();
    expect(standings).toEqual(["open", transaction, "acknowledged"]);
  });

  test("knows that it came on an auto subscription", () => {
    const { client, standings } = acknowledger();
    new ClientMessage(frame({}), client, true).ack();
    expect(standings).toEqual(["auto"]);
  });
});

test("a message of a server has the transaction that it is part of", () => {
  expect(new ServerMessage(frame({ transaction: "t" })).transaction).toBe("t");
  expect(new ServerMessage(frame({})).transaction).toBeUndefined();
});
