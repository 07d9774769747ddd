/** What the fuzzer has found, each as short as it can be told. */

import {
  type AckMode,
  type Frame,
  FrameParser,
  type MaybePromise,
  type SentMessage,
} from "stomp-engine";
import { Pair, type PairEnd, RecordingServer } from "stomp-engine/testing";
import { describe, expect, test } from "vitest";

/** Each SEND waits until the test has the hook answer. */
class Slow extends RecordingServer<number> {
  answer: () => void = () => {};
  protected override onMessage(message: SentMessage): MaybePromise<void> {
    super.onMessage(message);
    return new Promise((resolve) => {
      this.answer = resolve;
    });
  }
}

test("a pending hook does not outlive the transport's end, though heart-beats are still sent", () => {
  const options = { heartBeat: { sendMs: 1_000, receiveMs: 0 }, disconnectTimeoutMs: 1_000 };
  const pair = Pair.connected("1.2", { server: (end) => new Slow(end, options) });
  pair.client.message("/a");
  pair.drive();
  pair.server.receiveEnd();
  pair.clock.advance(1_100);
  expect(pair.server.closing).toMatchObject({ reason: "ended" });
});

describe("a transaction that is committed operation by operation", () => {
  /** Two messages delivered, an acknowledgement of each and a SEND before them in a transaction. */
  function committing(server: (end: PairEnd) => Slow) {
    const pair = Pair.connected("1.2", { server });
    const subscription = pair.client.subscribe("/a", { ack: "client-individual" });
    pair.drive();
    for (const token of [1, 2]) {
      pair.server.message(subscription.id, { destination: "/a" }, { token });
    }
    pair.drive();
    const transaction = pair.client.begin();
    pair.client.message("/b", "first", { transaction });
    for (const message of pair.client.messages) message.ack({ transaction });
    pair.client.commit(transaction);
    return pair;
  }
  const tokens = ({ closing }: Slow) => closing?.unacknowledged.map(({ token }) => token);

  test("stops where a hook ends the session, and hands back what no hook was given", () => {
    class Ending extends Slow {
      protected override onMessage(message: SentMessage): void {
        super.onMessage(message);
        this.disconnect();
      }
    }
    const pair = committing((end) => new Ending(end));
    pair.drive();
    expect(pair.server.messages).toHaveLength(1);
    expect(pair.server.acknowledgements).toEqual([]);
    expect(tokens(pair.server)).toEqual([1, 2]);
  });

  test("does not go on after the end, when the hook that is pending answers", async () => {
    const pair = committing((end) => new Slow(end));
    pair.drive();
    pair.cut();
    pair.server.answer();
    await pair.settle();
    expect(pair.server.acknowledgements).toEqual([]);
    expect(tokens(pair.server)).toEqual([1, 2]);
  });

  test("hands back what it refused, once", async () => {
    class Refusing extends Slow {
      protected override onMessage(): MaybePromise<void> {
        return Promise.reject(new Error("no"));
      }
    }
    const pair = committing((end) => new Refusing(end));
    await pair.settle();
    expect(tokens(pair.server)).toEqual([1, 2]);
  });
});

describe("an observer", () => {
  /** Does something when a frame of this command passes. */
  function observed(direction: "in" | "out", command: string, act: (server: Slow) => void) {
    class Observed extends Slow {
      protected override onFrame(seen: "in" | "out", frame: Frame): void {
        if (seen === direction && frame.command === command) act(this);
      }
    }
    return Pair.connected("1.2", { server: (end) => new Observed(end) });
  }
  const fail = () => {
    throw new Error("observer");
  };

  test("that throws for a frame that comes in is the end before that frame is handled", () => {
    const pair = observed("in", "SEND", fail);
    pair.client.message("/a");
    pair.drive();
    expect(pair.server.closing?.error?.code).toBe("hook-failed");
    expect(pair.server.messages).toEqual([]);
  });

  test("that throws for the ERROR tells whoever called, and the session ends all the same", () => {
    const pair = observed("out", "ERROR", fail);
    pair.toServer.inject("SEND\n\n\0");
    expect(() => pair.drive()).toThrow("observer");
    expect(pair.server.closing?.error?.code).toBe("missing-header");
  });

  test("that throws for an ERROR of the application's tells it, and the session ends all the same", () => {
    const pair = observed("out", "ERROR", fail);
    expect(() => pair.server.error("enough")).toThrow("observer");
    expect(pair.server.state).toBe("closed");
    expect(pair.drive()).toContain("S> (end)");
  });

  test("cannot send anything after the ERROR that it sees", () => {
    const refused: unknown[] = [];
    const pair = observed("out", "ERROR", (server) => {
      try {
        server.message("s", { destination: "/a" });
      } catch (error) {
        refused.push(error);
      }
    });
    pair.client.subscribe("/a", { id: "s" });
    pair.toServer.inject("SEND\n\n\0");
    expect(pair.drive().filter((line) => line.startsWith("S>"))).toEqual([
      expect.stringContaining("S> ERROR"),
      "S> (end)",
    ]);
    expect(refused).toMatchObject([{ code: "closed" }]);
  });
});

test("a transport that cannot take the ERROR is ended at once; what went wrong first is told", () => {
  class Broken extends RecordingServer {
    protected override sendData(data: Uint8Array<ArrayBuffer>): boolean {
      if (data[0] === "E".charCodeAt(0)) throw new Error("broken");
      return super.sendData(data);
    }
  }
  const pair = Pair.connected("1.2", { server: (end) => new Broken(end) });
  pair.toServer.inject("SEND\n\n\0");
  expect(pair.drive()).toContain("S> (end now)");
  expect(pair.server.closing).toMatchObject({
    error: { code: "missing-header" },
    cause: { message: "broken" },
  });
});

describe("a message whose subscription has ended", () => {
  /** One delivered to a subscription; another one has its id by the time it is acknowledged. */
  function succeeded(before: AckMode, after: AckMode) {
    const pair = Pair.connected("1.1");
    pair.client.subscribe("/a", { id: "s", ack: before });
    pair.drive();
    pair.server.message("s", { destination: "/a" });
    pair.drive();
    pair.client.unsubscribe("s");
    pair.client.subscribe("/a", { id: "s", ack: after });
    pair.drive();
    return pair;
  }

  test("can be acknowledged, though its id belongs to an auto subscription now", () => {
    const pair = succeeded("client", "auto");
    pair.client.messages[0]?.ack();
    pair.drive();
    expect(pair.server.acknowledgements).toHaveLength(1);
  });

  test("cannot be if it was auto, though its id belongs to another one now", () => {
    const [message] = succeeded("auto", "client").client.messages;
    expect(() => message?.ack()).toThrow(expect.objectContaining({ code: "not-acknowledgeable" }));
  });

  test("in STOMP 1.0, without the name of its subscription, is one of those that may be acknowledged", () => {
    const pair = Pair.connected("1.0");
    for (const ack of ["auto", "client", "auto"] as const) pair.client.subscribe("/a", { ack });
    pair.drive();
    pair.toClient.inject("MESSAGE\ndestination:/a\nmessage-id:1\n\n\0");
    pair.drive();
    pair.client.messages[0]?.ack();
    expect(pair.drive()).toContain("C> ACK message-id:1");
  });
});

test("a message that was acknowledged in a transaction can be again once that is aborted", () => {
  const pair = Pair.connected("1.2");
  pair.client.subscribe("/a", { id: "s", ack: "client" });
  pair.drive();
  pair.server.message("s", { destination: "/a" });
  pair.drive();
  const [message] = pair.client.messages;
  const again = expect.objectContaining({ code: "already-acknowledged" });
  const aborted = pair.client.begin();
  message?.ack({ transaction: aborted });
  expect(() => message?.ack()).toThrow(again);
  pair.client.abort(aborted);
  const committed = pair.client.begin();
  message?.ack({ transaction: committed });
  pair.client.commit(committed);
  expect(() => message?.ack()).toThrow(again);
  pair.drive();
  expect(pair.server.acknowledgements).toHaveLength(1);
  expect(pair.server.errors).toEqual([]);
});

describe("chunks that wait", () => {
  const wire = ["SEND\na:1\n\n\0", "BEGIN\n", "\n\0", "COMMIT\n\n\0", "ABORT\n\n", "\0"];

  test.each([1, 2, 3, 4])(
    "are read in order, if a frame is pulled after every %i of them",
    (pace) => {
      const parser = new FrameParser();
      const commands: (string | undefined)[] = [];
      for (const [at, chunk] of wire.entries()) {
        parser.push(Buffer.from(chunk));
        if (at % pace === pace - 1) commands.push(parser.next()?.command);
      }
      for (let frame = parser.next(); frame !== undefined; frame = parser.next()) {
        commands.push(frame.command);
      }
      const read = commands.filter((command) => command !== undefined);
      expect(read).toEqual(["SEND", "BEGIN", "COMMIT", "ABORT"]);
    },
  );

  test("behind a hook are handled in order, however many come while it is pending", async () => {
    const pair = Pair.connected("1.2", { server: (end) => new Slow(end) });
    const texts = Array.from({ length: 8 }, (_, at) => `${at}`);
    for (const text of texts) {
      pair.toServer.inject(`SEND\ndestination:/a\n\n${text}\0`);
      pair.toServer.deliver();
      // Every other time, a hook answers in between.
      if (Number(text) % 2 === 1) {
        pair.server.answer();
        await pair.settle();
      }
    }
    for (const _ of texts) {
      pair.server.answer();
      await pair.settle();
    }
    expect(pair.server.messages.map((message) => message.text())).toEqual(texts);
  });
});

test.each([
  { limits: { maxCommandBytes: 3, maxHeaderBytes: 4 }, named: "maxCommandBytes" },
  { limits: { maxCommandBytes: 4, maxHeaderBytes: 4 }, named: "maxHeaderBytes" },
  { limits: { maxCommandBytes: 5, maxFrameBytes: 4 }, named: "maxFrameBytes" },
  { limits: { maxLineBytes: 3, maxHeaderBytes: 7 }, named: "maxLineBytes" },
  { limits: { maxLineBytes: 4, maxHeaderBytes: 7 }, named: "maxHeaderBytes" },
])("of two limits, the one is named that was passed first: $named", ({ limits, named }) => {
  const wire = Buffer.from(limits.maxLineBytes === undefined ? "ABCDEFGHIJ\n" : "AB\na:bcdefghi\n");
  for (const pieces of [[wire], Array.from(wire, (octet) => Uint8Array.of(octet))]) {
    const parser = new FrameParser({ limits });
    const read = () => {
      for (const piece of pieces) {
        parser.push(piece);
        parser.next();
      }
    };
    expect(read).toThrow(named);
  }
});
