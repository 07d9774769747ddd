import { describe, expect, test } from "vitest";
import { PairEnd } from "../../src/testing/end.ts";
import { Lane } from "../../src/testing/lane.ts";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import { WebSocketCloseError } from "../../src/transport/websocket-like.ts";
import {
  type WebSocketOptions,
  WebSocketTransport,
} from "../../src/transport/websocket-transport.ts";
import { bytes, Recorder } from "../transport/recorder.ts";

/** A transport on a WebSocket in memory, and a peer that is a plain recorder. */
function webSocket(options: WebSocketOptions = {}) {
  const clock = new ManualClock();
  const notes: string[] = [];
  const [outgoing, incoming] = [new Lane(() => {}), new Lane(() => {})];
  const end = new PairEnd(clock, outgoing, incoming, (line) => notes.push(line));
  const memory = end.webSocket("v12.stomp");
  const [session, peer] = [new Recorder(), new Recorder()];
  outgoing.join(end.receiver(session), peer);
  incoming.join(peer, end.receiver(session));
  const drive = () => {
    while (outgoing.step() || incoming.step()) {}
  };
  const transport = new WebSocketTransport(memory, session, { clock, ...options });
  return { memory, transport, notes, clock, session, peer, outgoing, incoming, drive };
}

test("is open, and knows what was negotiated", () => {
  const { memory } = webSocket();
  expect(memory).toMatchObject({ readyState: 1, protocol: "v12.stomp", bufferedAmount: 0 });
  expect(new PairEnd(new ManualClock(), ...lanes(), () => {}).webSocket().protocol).toBe("");
});

test.each(["binary", "text"] as const)("carries %s messages both ways", (messages) => {
  const { transport, session, peer, incoming, drive } = webSocket({ messages });
  transport.sendData(bytes("to the peer"));
  incoming.inject("from the peer");
  drive();
  expect(peer.text).toBe("to the peer");
  expect(session.chunks).toEqual([bytes("from the peer")]);
});

test("delivers texts as texts", () => {
  const { memory, session } = webSocket();
  memory.receiveData("text");
  expect(session.chunks).toEqual(["text"]);
});

test("is saturated by what is under way", () => {
  const { transport, session, outgoing, clock, drive } = webSocket({ highWaterMarkBytes: 3 });
  expect(transport.sendData(bytes("four"))).toBe(false);
  outgoing.held = true;
  clock.advance(100);
  expect(session.drains).toBe(0);
  outgoing.held = false;
  drive();
  clock.advance(100);
  expect(session.drains).toBe(1);
});

test("tells nobody that the network can take data again", () => {
  const { transport, session, outgoing, drive } = webSocket();
  outgoing.capacityBytes = 0;
  expect(transport.sendData(bytes("four"))).toBe(true);
  drive();
  expect(session.drains).toBe(0);
});

test("needs nobody to listen", () => {
  const memory = new PairEnd(new ManualClock(), ...lanes(), () => {}).webSocket();
  memory.receiveEnd();
  expect(memory.readyState).toBe(3);
});

test("stops reading, and goes on", () => {
  const { transport, session, incoming, drive } = webSocket();
  session.wantsMore = false;
  incoming.inject("one");
  incoming.inject("two");
  drive();
  expect(session.text).toBe("one");
  transport.resumeReading();
  drive();
  expect(session.text).toBe("onetwo");
});

describe("its end", () => {
  test("waits for the peer's, and leaves no timer", () => {
    const { memory, transport, notes, clock, session, peer, incoming, drive } = webSocket();
    transport.sendData(bytes("last"));
    transport.sendEnd("flush");
    memory.close();
    memory.send("too late");
    drive();
    expect(peer.text).toBe("last");
    expect(peer.ends).toEqual([undefined]);
    expect([memory.readyState, clock.pending]).toEqual([2, 1]);
    incoming.end();
    drive();
    expect([memory.readyState, clock.pending]).toEqual([3, 0]);
    expect(session.ends).toEqual([undefined]);
    expect(notes).toEqual(["(end)"]);
  });

  test("answers the peer's", () => {
    const { memory, notes, session, peer, incoming, drive } = webSocket();
    incoming.end();
    drive();
    expect(session.ends).toEqual([undefined]);
    expect(peer.ends).toEqual([undefined]);
    expect(notes).toEqual(["(end)"]);
    expect(memory.readyState).toBe(3);
  });

  test("does not wait if it must not", () => {
    const { memory, transport, notes, session, peer, drive } = webSocket();
    transport.sendData(bytes("lost"));
    transport.sendEnd("now");
    memory.terminate();
    drive();
    expect(peer.text).toBe("");
    expect(peer.ends).toEqual([new Error("The connection was reset")]);
    expect(session.ends).toEqual([undefined]);
    expect(notes).toEqual(["(end now)"]);
  });

  test("tells of a connection that was lost", () => {
    const { session, incoming, drive } = webSocket();
    incoming.drop(new Error("reset"));
    drive();
    expect(session.ends).toEqual([new WebSocketCloseError(1006, "")]);
  });
});

function lanes(): [Lane, Lane] {
  return [new Lane(() => {}), new Lane(() => {})];
}
