import { ApplicationError, type SentMessage } from "stomp-engine";
import { describe, expect, test } from "vitest";
import { connected, deferred, hooks, script } from "./scripted.ts";

/** A pair whose server takes several SENDs at once, each answered by the test. */
function inFlight(maxInFlight: number) {
  const pair = connected("1.2", { server: { maxInFlight } });
  const answers = new Map<string, ReturnType<typeof deferred<void>>>();
  script(pair.server, {
    onMessage: (message: SentMessage) => {
      const answer = deferred();
      answers.set(message.text(), answer);
      return answer.promise;
    },
  });
  const send = (...bodies: string[]) => {
    for (const body of bodies) pair.client.message("/a", body, { receipt: body });
    return pair.drive();
  };
  const accept = (body: string) => answers.get(body)?.resolve();
  const refuse = (body: string) => answers.get(body)?.reject(new ApplicationError(`not ${body}`));
  const sent = (lines: readonly string[]) => lines.filter((line) => line.startsWith("S> "));
  return { pair, answers, send, accept, refuse, sent };
}

describe("with several SENDs in flight", () => {
  test("that many hooks are called, in frame order, and no more", async () => {
    const { pair, answers, send, accept } = inFlight(3);
    send("1", "2", "3", "4", "5");
    expect([...answers.keys()]).toEqual(["1", "2", "3"]);
    accept("1");
    await pair.settle();
    expect([...answers.keys()]).toEqual(["1", "2", "3", "4"]);
  });

  test("receipts come in frame order, however the hooks answer", async () => {
    const { pair, send, accept, sent } = inFlight(3);
    send("1", "2", "3");
    accept("3");
    accept("2");
    expect(await pair.settle()).toEqual([]);
    accept("1");
    expect(sent(await pair.settle())).toEqual([
      "S> RECEIPT receipt-id:1",
      "S> RECEIPT receipt-id:2",
      "S> RECEIPT receipt-id:3",
    ]);
  });

  test("one that is answered at once waits for those before it", async () => {
    const { pair, send, accept, sent } = inFlight(3);
    send("1");
    script(pair.server, { onMessage: () => true });
    Reflect.set(pair.server, "onMessage", () => {});
    send("2");
    expect(await pair.settle()).toEqual([]);
    accept("1");
    expect(sent(await pair.settle())).toEqual([
      "S> RECEIPT receipt-id:1",
      "S> RECEIPT receipt-id:2",
    ]);
  });

  test("a refusal takes its place in frame order, and later ones are not answered", async () => {
    const { pair, send, accept, refuse, sent } = inFlight(3);
    send("1", "2", "3");
    accept("3");
    refuse("2");
    expect(await pair.settle()).toEqual([]);
    expect(pair.server.state).toBe("connected");
    accept("1");
    expect(sent(await pair.settle())).toEqual([
      "S> RECEIPT receipt-id:1",
      'S> ERROR message:"not 2" receipt-id:2',
      "S> (end)",
    ]);
  });

  test.each([
    ["rejects", ({ refuse }: ReturnType<typeof inFlight>) => refuse("2")],
    [
      "throws",
      ({ pair }: ReturnType<typeof inFlight>) => {
        const own = Reflect.get(pair.server, "onMessage");
        Reflect.set(pair.server, "onMessage", () => {
          Reflect.set(pair.server, "onMessage", own);
          throw new ApplicationError("at once");
        });
        pair.client.message("/a", "3");
      },
    ],
    [
      "is not in order",
      ({ pair }: ReturnType<typeof inFlight>) => pair.toServer.inject("SEND\n\n\0"),
    ],
  ])(
    "nothing is processed behind one that %s, although others have not answered",
    async (_, spoil) => {
      const flight = inFlight(9);
      flight.send("1", "2");
      spoil(flight);
      await flight.pair.settle();
      flight.send("behind");
      expect([...flight.answers.keys()]).toEqual(["1", "2"]);
      flight.accept("1");
      flight.accept("2");
      const lines = await flight.pair.settle();
      expect(lines.at(-1)).toBe("C! onClose error error-frame");
      expect([...flight.answers.keys()]).toEqual(["1", "2"]);
    },
  );

  test("malformed bytes wait for those before them", async () => {
    const { pair, send, accept, sent } = inFlight(3);
    send("1", "2");
    pair.toServer.inject("no frame\n\n\0SEND\ndestination:/b\n\nbehind\0");
    expect(hooks(await pair.settle())).toEqual([]);
    accept("2");
    accept("1");
    const lines = await pair.settle();
    expect(sent(lines).map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
      "S> RECEIPT receipt-id:1",
      "S> RECEIPT receipt-id:2",
      'S> ERROR message:"A',
      "S> (end)",
    ]);
    expect(pair.server.closing?.error?.code).toBe("malformed-frame");
    expect(pair.server.messages).toHaveLength(2);
  });

  test("malformed bytes end the session at once if nothing is before them", async () => {
    const { pair } = inFlight(3);
    pair.toServer.inject("no frame\n\n\0");
    expect(hooks(pair.drive())).toContain("S! onClose error malformed-frame");
  });

  test.each([
    ["SUBSCRIBE", "SUBSCRIBE\nid:0\ndestination:/a\nreceipt:r\n\n\0", "S! onSubscribe 0"],
    ["a SEND in a transaction", "SEND\ndestination:/a\ntransaction:t\nreceipt:r\n\n\0", undefined],
    ["DISCONNECT", "DISCONNECT\nreceipt:r\n\n\0", "S! onDisconnect The client sent DISCONNECT"],
  ])("%s waits for all before it, and all behind wait for it", async (_, wire, hook) => {
    const { pair, answers, send, accept } = inFlight(3);
    pair.client.begin({ id: "t" });
    pair.drive();
    send("1", "2");
    pair.toServer.inject(wire);
    send("3");
    accept("2");
    expect(hooks(await pair.settle())).toEqual([]);
    expect([...answers.keys()]).toEqual(["1", "2"]);
    accept("1");
    const lines = (await pair.settle()).filter((line) => line.startsWith("S"));
    expect(lines.slice(0, hook === undefined ? 3 : 4)).toEqual([
      "S> RECEIPT receipt-id:1",
      "S> RECEIPT receipt-id:2",
      ...(hook === undefined ? [] : [hook]),
      "S> RECEIPT receipt-id:r",
    ]);
    expect(answers.has("3")).toBe(!wire.startsWith("DISCONNECT"));
  });

  test.each([
    ["a frame", "SUBSCRIBE\nid:0\ndestination:/a\n\n\0", "S! onSubscribe 0"],
    ["what is no frame", "no frame\n\n\0", "S! onError malformed-frame"],
  ])("%s that waits for them is held back by pause() as well", async (_, wire, expected) => {
    const { pair, answers, send, accept } = inFlight(3);
    send("1");
    pair.toServer.inject(wire);
    send("2");
    pair.server.pause();
    // The transport's end changes nothing of that.
    pair.toServer.end();
    pair.drive();
    accept("1");
    expect(hooks(await pair.settle())).toEqual(["C! onReceipt 1"]);
    pair.server.resume();
    expect(hooks(pair.drive())[0]).toBe(expected);
    expect(answers.has("2")).toBe(expected.includes("onSubscribe"));
  });

  test("the end of the transport waits for all", async () => {
    const { pair, send, accept, sent } = inFlight(3);
    send("1", "2", "3", "4");
    pair.toServer.end();
    pair.drive();
    for (const body of ["3", "2", "1"]) accept(body);
    await pair.settle();
    accept("4");
    await pair.settle();
    expect(sent(pair.transcript.lines).slice(-3)).toEqual([
      "S> RECEIPT receipt-id:3",
      "S> RECEIPT receipt-id:4",
      "S> (end)",
    ]);
    expect(pair.server.closing?.reason).toBe("ended");
  });
});

test("with one SEND in flight, which is the default, the next one waits", async () => {
  const { pair, answers, send, accept } = inFlight(1);
  send("1", "2");
  expect([...answers.keys()]).toEqual(["1"]);
  accept("1");
  await pair.settle();
  expect([...answers.keys()]).toEqual(["1", "2"]);
});

test("maxInFlight is a whole number of at least 1", () => {
  for (const maxInFlight of [0, -1, 1.5, Number.NaN, "2" as never]) {
    expect(() => connected("1.2", { server: { maxInFlight } })).toThrow("maxInFlight");
  }
});
