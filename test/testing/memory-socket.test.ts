import { describe, expect, test } from "vitest";
import { PairEnd } from "../../src/testing/end.ts";
import { Lane } from "../../src/testing/lane.ts";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import { TcpTransport } from "../../src/transport/tcp-transport.ts";
import { bytes, Recorder } from "../transport/recorder.ts";

/** A socket in memory, what it and its transport say, and a peer that is a plain recorder. */
function socket() {
  const clock = new ManualClock();
  const notes: string[] = [];
  const [outgoing, incoming] = [new Lane(() => {}), new Lane(() => {})];
  const end = new PairEnd(clock, outgoing, incoming, (line) => notes.push(line));
  const memory = end.socket();
  const events: string[] = [];
  for (const event of ["data", "drain", "end", "error", "close"] as const) {
    memory.on(event, () => events.push(event));
  }
  const [session, peer] = [new Recorder(), new Recorder()];
  outgoing.join(end.receiver(session), peer);
  incoming.join(peer, end.receiver(session));
  const drive = () => {
    while (outgoing.step() || incoming.step()) {}
  };
  const transport = () => new TcpTransport(memory, session, { clock });
  return { memory, transport, events, notes, clock, session, peer, outgoing, incoming, drive };
}

describe("under a transport", () => {
  test("carries bytes both ways", () => {
    const { transport, session, peer, incoming, drive } = socket();
    transport().sendParts([bytes("to "), bytes("the peer")]);
    incoming.inject("from the peer");
    drive();
    expect(peer.text).toBe("to the peer");
    expect(session.text).toBe("from the peer");
  });

  test("is saturated, and drains", () => {
    const { transport, session, outgoing, drive } = socket();
    outgoing.capacityBytes = 3;
    expect(transport().sendData(bytes("four"))).toBe(false);
    drive();
    expect(session.drains).toBe(1);
  });

  test("stops reading, and goes on", () => {
    const { transport, session, incoming, drive } = socket();
    const tcp = transport();
    session.wantsMore = false;
    incoming.inject("one");
    incoming.inject("two");
    drive();
    expect(session.text).toBe("one");
    tcp.resumeReading();
    drive();
    expect(session.text).toBe("onetwo");
  });

  test("ends when both sides have ended, and leaves no timer", () => {
    const { transport, events, notes, clock, session, peer, incoming, drive } = socket();
    const tcp = transport();
    tcp.sendData(bytes("last"));
    tcp.sendEnd("flush");
    drive();
    expect(peer.text).toBe("last");
    expect(peer.ends).toEqual([undefined]);
    expect(events).toEqual([]);
    expect(clock.pending).toBe(1);
    incoming.end();
    drive();
    expect(events).toEqual(["end", "close"]);
    expect(notes).toEqual(["(end)"]);
    expect(session.reason).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  test("leaves time for an answer after the peer's end", () => {
    const { transport, events, session, peer, incoming, drive } = socket();
    const tcp = transport();
    incoming.end();
    drive();
    expect(session.ends).toEqual([undefined]);
    tcp.sendData(bytes("answer"));
    tcp.sendEnd("flush");
    drive();
    expect(peer.text).toBe("answer");
    expect(events).toEqual(["end", "close"]);
  });

  test("is reset by an end that does not wait", () => {
    const { memory, transport, events, notes, peer, drive } = socket();
    const tcp = transport();
    tcp.sendData(bytes("lost"));
    tcp.sendEnd("now");
    tcp.sendEnd("now");
    drive();
    expect(memory.destroyed).toBe(true);
    expect(notes).toEqual(["(end now)"]);
    expect(events).toEqual(["close"]);
    expect(peer.text).toBe("");
    expect(peer.ends).toEqual([new Error("The connection was reset")]);
  });

  test("tells of a reset by the peer", () => {
    const { memory, transport, events, session, incoming, drive } = socket();
    const reason = new Error("reset");
    transport();
    incoming.drop(reason);
    drive();
    expect(memory.destroyed).toBe(true);
    expect(events).toEqual(["error", "close"]);
    expect(session.reason).toBe(reason);
  });
});

describe("by itself", () => {
  test("is like a socket of node:net as it comes", () => {
    const { memory } = socket();
    expect(memory).toMatchObject({
      allowHalfOpen: false,
      destroyed: false,
      writable: true,
      writableLength: 0,
    });
    memory.cork();
    memory.write(bytes("four"));
    memory.uncork();
    expect(memory.writableLength).toBe(4);
    expect(memory.setNoDelay()).toBe(memory);
  });

  test("ends with its peer, unless told otherwise", () => {
    const { memory, events, incoming, drive } = socket();
    incoming.end();
    drive();
    expect(events).toEqual(["end", "close"]);
    expect(memory.destroyed).toBe(true);
  });

  test("ends once", () => {
    const { memory, events, notes, drive } = socket();
    memory.end().end().destroy().end();
    memory.receiveEnd();
    drive();
    expect(notes).toEqual(["(end)", "(end now)"]);
    expect(events).toEqual(["close"]);
  });

  test("needs nobody to listen", () => {
    const [outgoing, incoming] = [new Lane(() => {}), new Lane(() => {})];
    const memory = new PairEnd(new ManualClock(), outgoing, incoming, () => {}).socket();
    memory.receiveEnd();
    expect(memory.destroyed).toBe(true);
  });
});
