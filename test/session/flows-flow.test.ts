import type { SentMessage } from "stomp-engine";
import { describe, expect, test } from "vitest";
import { connected, connectedClient, deferred, hooks, script } from "./scripted.ts";

const SIDES = ["client", "server"] as const;

/** A pair with a subscription; `say` sends from the other side to this one. */
function side(which: (typeof SIDES)[number], limits = {}) {
  const pair = connected("1.2", { [which]: { limits } });
  pair.client.subscribe("/a", { id: "0" });
  pair.drive();
  const session = pair[which];
  const lane = which === "client" ? pair.toClient : pair.toServer;
  const back = which === "client" ? pair.toServer : pair.toClient;
  const say = (body: string | Uint8Array) =>
    which === "client"
      ? pair.server.message("0", { destination: "/a", body })
      : pair.client.message("/a", body);
  const speak = (body: string | Uint8Array) =>
    which === "client"
      ? pair.client.message("/a", body)
      : pair.server.message("0", { destination: "/a", body });
  const texts = () => session.messages.map((message) => message.text());
  return { pair, session, lane, back, say, speak, texts };
}

describe.each(SIDES)("a %s whose transport is saturated", (which) => {
  test("is not writable until it is drained, and is told then", () => {
    const { session, back, speak } = side(which);
    const writable: boolean[] = [];
    script(session, { onWritable: () => void writable.push(session.writable) });
    back.capacityBytes = 20;
    expect(session.writable).toBe(true);
    speak("x");
    expect(session.writable).toBe(false);
    // Sending goes on all the same.
    speak("y");
    back.deliver(10);
    expect([session.writable, writable]).toEqual([false, []]);
    back.deliver();
    expect([session.writable, writable]).toEqual([true, [true]]);
  });

  test("is told once for each time", () => {
    const { session } = side(which);
    let times = 0;
    script(session, { onWritable: () => void times++ });
    session.drained();
    session.drained();
    expect(times).toBe(0);
  });

  test("may saturate it again from within onWritable", () => {
    const { session, back, speak } = side(which);
    let left = 3;
    script(session, { onWritable: () => void (left-- > 0 && speak("more")) });
    back.capacityBytes = 1;
    speak("first");
    for (let turn = 0; turn < 4; turn++) back.deliver();
    expect([left, session.writable]).toEqual([-1, true]);
  });

  test("reports an onWritable that throws", () => {
    const { pair, session, back, speak } = side(which);
    script(session, {
      onWritable: () => {
        throw new Error("no");
      },
    });
    back.capacityBytes = 1;
    speak("x");
    back.deliver();
    expect(session.errors.map(({ code }) => code)).toEqual(["hook-failed"]);
    expect(pair[which].state).toBe(which === "client" ? "connected" : "closed");
  });

  test("reports an onWritable that rejects, but not after the end", async () => {
    for (const ended of [false, true]) {
      const { pair, session, back, speak } = side(which);
      const later = deferred();
      script(session, { onWritable: () => later.promise });
      back.capacityBytes = 1;
      speak("x");
      back.deliver();
      if (ended) pair.hangUp();
      later.reject(new Error("no"));
      await pair.settle();
      expect(session.errors.map(({ code }) => code)).toEqual(ended ? [] : ["hook-failed"]);
      if (!ended) expect(session.state).toBe(which === "client" ? "connected" : "closed");
    }
  });
});

describe.each(SIDES)("a %s that pauses", (which) => {
  test("gets nothing until it resumes, and stops its transport from reading", () => {
    const { pair, session, lane, say, texts } = side(which);
    session.pause();
    for (const body of ["a", "b", "c"]) say(body);
    pair.drive();
    expect(texts()).toEqual([]);
    // The first piece found out; the others were not read any more.
    expect(lane.pendingBytes).toBeGreaterThan(0);
    session.resume();
    pair.drive();
    expect(texts()).toEqual(["a", "b", "c"]);
    expect(lane.pendingBytes).toBe(0);
  });

  test("may resume from within resumeReading, and be given more there", () => {
    const { pair, session, say, texts } = side(which);
    session.pause();
    say("a");
    say("b");
    pair.drive();
    script(session, { resumeReading: () => void pair.drive() });
    session.resume();
    expect(texts()).toEqual(["a", "b"]);
  });

  test("is not asked to read on without need", () => {
    const { session } = side(which);
    let times = 0;
    script(session, { resumeReading: () => void times++ });
    session.pause();
    session.resume();
    session.resume();
    expect(times).toBe(0);
  });

  test("is not asked to read on after its end", () => {
    const { pair, session, lane } = side(which);
    const told: string[] = [];
    script(session, {
      resumeReading: () => void told.push("resumeReading"),
      sendEnd: () => void told.push("sendEnd"),
      onClose: () => void told.push("onClose"),
    });
    session.pause();
    lane.inject("no frame\n\n\0");
    pair.drive();
    session.resume();
    expect(told).toEqual(["sendEnd", "onClose"]);
  });

  test("fails if its transport cannot read on", () => {
    const { pair, session, say } = side(which);
    session.pause();
    say("a");
    pair.drive();
    const cause = new Error("no");
    script(session, {
      resumeReading: () => {
        throw cause;
      },
    });
    session.resume();
    expect(session.closing).toMatchObject({
      reason: "lost",
      cause,
      error: { code: "transport-failed" },
    });
    expect(session.messages).toHaveLength(1);
  });

  test("has a transport that cannot stop end the session when too much is held", () => {
    const { pair, session, lane, say } = side(which, { maxPendingBytes: 200 });
    lane.pausable = false;
    session.pause();
    while (session.state === "connected") {
      say("0123456789");
      pair.drive();
    }
    expect(session.errors.map(({ code }) => code)).toEqual(["pending-overflow"]);
    expect(session.messages).toEqual([]);
  });

  test("may hold as much as that, and no chunk is too large that is handled at once", () => {
    const { pair, session, say, texts } = side(which, { maxPendingBytes: 0 });
    say("x".repeat(10_000));
    pair.drive();
    expect(texts().map((text) => text.length)).toEqual([10_000]);
    expect(session.state).toBe("connected");
  });
});

describe("a server whose hook has not answered", () => {
  test("reads ahead a little, stops, and reads on when it has caught up", async () => {
    const { pair, lane, say, texts } = side("server");
    const answers: ReturnType<typeof deferred<void>>[] = [];
    script(pair.server, {
      onMessage: () => {
        const answer = deferred();
        answers.push(answer);
        return answer.promise;
      },
    });
    const body = new Uint8Array(20_000);
    for (let at = 0; at < 8; at++) say(body);
    pair.drive();
    const aheadBytes = 8 * 20_050 - lane.pendingBytes;
    expect(aheadBytes).toBeGreaterThan(65_536);
    expect(aheadBytes).toBeLessThan(2 * 65_536);
    expect(texts()).toHaveLength(1);
    answers.shift()?.resolve();
    await pair.settle();
    expect(texts()).toHaveLength(2);
    for (let turn = 0; turn < 8; turn++) {
      answers.shift()?.resolve();
      await pair.settle();
    }
    expect(texts()).toHaveLength(8);
    expect(lane.pendingBytes).toBe(0);
  });

  test("reads ahead no more than a quarter of what it may hold", () => {
    const { pair, lane, say } = side("server", { maxPendingBytes: 400 });
    script(pair.server, { onMessage: () => new Promise(() => {}) });
    for (let at = 0; at < 9; at++) say("0123456789");
    pair.drive();
    expect(lane.pendingBytes).toBeGreaterThan(200);
    expect(pair.server.state).toBe("connected");
  });

  test("waits for nothing else when it is paused as well", async () => {
    const { pair, say, texts } = side("server");
    const answer = deferred();
    script(pair.server, {
      onMessage: (message: SentMessage) => (message.text() === "a" ? answer.promise : undefined),
    });
    say("a");
    say("b");
    pair.drive();
    pair.server.pause();
    answer.resolve();
    await pair.settle();
    expect(texts()).toEqual(["a"]);
    pair.server.resume();
    expect(texts()).toEqual(["a", "b"]);
  });
});

describe("a body that is large", () => {
  test.each(SIDES)(
    "goes out of a %s as a piece of its own, if the transport takes pieces",
    (which) => {
      const { pair, session, speak } = side(which);
      const pieces: number[] = [];
      const sent: Uint8Array[] = [];
      script(session, {
        sendParts: (parts: readonly Uint8Array[]) => {
          pieces.push(parts.length);
          sent.push(...parts);
          return false;
        },
      });
      const body = new Uint8Array(4_096).fill(120);
      speak(body);
      speak(body.subarray(1));
      expect(pieces).toHaveLength(1);
      expect(pieces[0]).toBeGreaterThan(1);
      if (which === "client") expect(sent[1]?.buffer).toBe(body.buffer);
      expect(session.writable).toBe(false);
      pair.drive();
      const other = which === "client" ? pair.server : pair.client;
      expect(other.messages.map((message) => message.body.length)).toEqual([4_096, 4_095]);
    },
  );

  test("goes out as one also if it is text", () => {
    const { pair } = side("client");
    const pieces: number[] = [];
    script(pair.client, {
      sendParts: (parts: readonly unknown[]) => void pieces.push(parts.length),
    });
    const texts = ["x".repeat(4_096), "\u65e5".repeat(4_096)];
    for (const text of texts) pair.client.message("/a", text);
    expect(pieces).toEqual([3, 3]);
    pair.drive();
    expect(pair.server.messages.map((message) => message.text())).toEqual(texts);
  });

  test("goes out whole, unless that is so", () => {
    const { pair, speak } = side("client");
    const sizes: number[] = [];
    script(pair.client, { sendData: (data: Uint8Array) => void sizes.push(data.length) });
    speak(new Uint8Array(5_000));
    expect(sizes).toHaveLength(1);
    pair.drive();
    expect(pair.server.messages[0]?.body).toHaveLength(5_000);
  });

  test("of an ERROR may go out in pieces too", () => {
    const { pair } = side("server");
    let parts = 0;
    script(pair.server, { sendParts: () => void parts++ });
    pair.server.error("large", { body: new Uint8Array(5_000) });
    expect(parts).toBe(1);
    pair.drive();
    expect(pair.client.closing?.error?.frame?.body).toHaveLength(5_000);
  });

  test("that cannot be sent in pieces is transport-failed", () => {
    const { pair, speak } = side("client");
    script(pair.client, {
      sendParts: () => {
        throw new Error("no");
      },
    });
    speak(new Uint8Array(5_000));
    expect(pair.client.errors[0]?.message).toBe("sendParts threw");
    expect(hooks(pair.transcript.lines).at(-1)).toBe("C! onClose lost transport-failed");
  });
});

describe("received bytes", () => {
  test("may come as text", () => {
    const { pair, texts } = side("server");
    pair.server.receiveData("SEND\ndestination:/a\n\nhäl");
    pair.server.receiveData("lo\0");
    expect(texts()).toEqual(["hällo"]);
  });

  test.each([true, false])("are copied for bodies if copyBodies is %s", (copyBodies) => {
    const pair = connected("1.2", { server: { copyBodies } });
    const chunk = Buffer.from("SEND\ndestination:/a\n\nabc\0");
    pair.server.receiveData(chunk);
    chunk.fill(120);
    expect(pair.server.messages[0]?.text()).toBe(copyBodies ? "abc" : "xxx");
  });

  test.each([
    ["behind a hook", "promise"],
    ["while it is paused", "pause"],
    ["within a hook", "nested"],
  ] as const)(
    "may be written to again if copyBodies is set, whatever waits: %s",
    async (_, how) => {
      const pair = connected("1.2", { server: { copyBodies: true } });
      const { server } = pair;
      const frames = ["one", "two", "three"].map((body) => `SEND\ndestination:/a\n\n${body}\0`);
      const receive = (text: string) => {
        const read = Buffer.from(text);
        server.receiveData(read);
        read.fill(120);
      };
      let answered: () => void = () => {};
      if (how === "promise") {
        const first = new Promise<void>((resolve) => {
          answered = resolve;
        });
        script(server, { onMessage: () => (server.messages.length === 1 ? first : undefined) });
      }
      if (how === "pause") server.pause();
      if (how === "nested") {
        script(server, {
          onMessage: () => {
            if (server.messages.length === 1) receive(frames[2] as string);
          },
        });
      }
      receive(`${frames[0]}${frames[1]}${how === "nested" ? "" : frames[2]?.slice(0, 25)}`);
      if (how !== "nested") receive(frames[2]?.slice(25) ?? "");
      answered();
      if (how === "pause") server.resume();
      await pair.settle();
      expect(server.errors).toEqual([]);
      expect(server.messages.map((message) => message.text())).toEqual(["one", "two", "three"]);
    },
  );

  test("may be written to again if copyBodies is set, also where receiveData throws", () => {
    const client = connectedClient("1.2", { copyBodies: true });
    client.subscribe("/a", { id: "0" });
    let failures = 0;
    script(client, {
      onMessage: () => {
        client.pause();
        throw new Error("of the hook");
      },
      onError: () => {
        if (failures++ === 0) throw new Error("of onError");
      },
    });
    const message = "MESSAGE\nmessage-id:1\nsubscription:0\ndestination:/a\n\n";
    const read = Buffer.from(`${message}one\0${message}two\0`);
    expect(() => client.receiveData(read)).toThrow("of onError");
    read.fill(120);
    client.resume();
    expect(client.messages.map(({ body }) => Buffer.from(body).toString())).toEqual(["one", "two"]);
  });

  test("that a transaction keeps are its own: a chunk may be large, or written to again", () => {
    const pair = connected("1.2");
    const { server } = pair;
    server.receiveData("BEGIN\ntransaction:t\n\n\0");
    const chunk = Buffer.alloc(65_536, "\n");
    chunk.write("SEND\ndestination:/a\ntransaction:t\n\nabc\0");
    server.receiveData(chunk);
    server.receiveData("SEND\ndestination:/a\ntransaction:t\n\n\0");
    chunk.fill(120);
    const operations = server.transactions.get("t")?.operations ?? [];
    const bodies = operations.map((each) => (each.kind === "send" ? each.message.body : undefined));
    expect(bodies.map((body) => [body?.length, body?.buffer.byteLength])).toEqual([
      [3, 3],
      [0, 0],
    ]);
    server.receiveData("COMMIT\ntransaction:t\n\n\0");
    expect(server.messages[0]?.text()).toBe("abc");
  });

  test("are told to have been cut off, if the transport ends within a frame", () => {
    const { pair } = side("server");
    pair.server.receiveData("SEND\ndestination:/a\n\nhal");
    pair.server.receiveEnd();
    expect(pair.server.closing).toMatchObject({ reason: "ended", truncated: true });
    const whole = side("server");
    whole.pair.server.receiveEnd();
    expect(whole.pair.server.closing).toMatchObject({ reason: "ended", truncated: false });
  });
});
