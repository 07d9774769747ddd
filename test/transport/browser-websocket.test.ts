import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import { WebSocketCloseError } from "../../src/transport/websocket-like.ts";
import {
  type WebSocketOptions,
  WebSocketTransport,
} from "../../src/transport/websocket-transport.ts";
import { bytes, Recorder } from "./recorder.ts";
import { ScriptedWebSocket } from "./scripted-websocket.ts";

/** A transport with a recorder on a scripted socket. */
function scripted(options: WebSocketOptions = {}) {
  const socket = new ScriptedWebSocket();
  const clock = new ManualClock();
  const session = new Recorder();
  const ours = new WebSocketTransport(socket, session, { clock, ...options });
  return { socket, clock, session, transport: ours };
}

const ABNORMAL = new WebSocketCloseError(1006, "");

test("nothing is sent before it is open, not even its end", () => {
  const { socket, transport: ws } = scripted();
  expect(socket.binaryType).toBe("arraybuffer");
  ws.sendData(bytes("early"));
  ws.sendEnd("flush");
  expect(socket.closes).toEqual([]);
  socket.open();
  expect(socket.sent).toEqual([bytes("early")]);
  expect(socket.closes).toEqual([1000]);
});

test("one that never opens is closed in the end", () => {
  const { socket, clock, transport: ws } = scripted({ closeTimeoutMs: 500 });
  ws.sendEnd("flush");
  clock.advance(499);
  expect(socket.closes).toEqual([]);
  clock.advance(1);
  expect(socket.closes).toEqual([undefined]);
  expect(clock.pending).toBe(0);
});

test("early bytes are dropped by an end that does not wait", () => {
  const { socket, transport: ws } = scripted();
  ws.sendData(bytes("early"));
  ws.sendEnd("now");
  expect(socket.closes).toEqual([undefined]);
  socket.play("close", { code: 1006, reason: "" });
  expect(socket.sent).toEqual([]);
});

test("whatever kind of bytes it delivers, the session gets a Uint8Array", () => {
  const { socket, session } = scripted();
  socket.open();
  const whole = new Uint8Array([0, 1, 2, 3]);
  const foreign: ArrayBuffer = runInNewContext("new Uint8Array([1, 2]).buffer");
  expect(foreign).not.toBeInstanceOf(ArrayBuffer);
  const data = [
    whole.buffer,
    whole.subarray(1, 3),
    Buffer.from(whole),
    new DataView(whole.buffer, 2),
    foreign,
  ];
  for (const each of data) socket.play("message", { data: each });
  expect(session.chunks.map((chunk) => chunk instanceof Uint8Array)).toEqual(data.map(() => true));
  expect(session.chunks.map((chunk) => [...(chunk as Uint8Array)])).toEqual([
    [0, 1, 2, 3],
    [1, 2],
    [0, 1, 2, 3],
    [2, 3],
    [1, 2],
  ]);
});

test("one that delivers Blobs is refused instead of losing messages", () => {
  const { socket, session } = scripted();
  socket.open().play("message", { data: new Blob(["lost"]) });
  expect(session.chunks).toEqual([]);
  expect(session.ends).toEqual([new TypeError("The WebSocket delivers no bytes")]);
  expect(socket.closes).toEqual([1000]);
});

test("it cannot be paused: it goes on delivering", () => {
  const { socket, session, transport: ws } = scripted();
  session.wantsMore = false;
  socket.open().play("message", { data: "first" });
  socket.play("message", { data: "second" });
  ws.resumeReading();
  expect(session.chunks).toEqual(["first", "second"]);
});

test("an error without a close event is the end", () => {
  const { socket, session } = scripted();
  socket.play("error", { type: "error" });
  expect(session.ends).toEqual([ABNORMAL]);
});

test("an error and then a close are one end", () => {
  const { socket, clock, session } = scripted();
  const error = new Error("no route");
  socket.open().play("error", { type: "error", error });
  socket.play("close", { code: 1006, reason: "" });
  socket.play("error", { type: "error" });
  expect(session.ends).toEqual([error]);
  expect(clock.pending).toBe(0);
});

test.each([1000, 1001, 1005])("a close with %i is peaceful", (code) => {
  const { socket, session } = scripted();
  socket.open().play("close", { code, reason: "" });
  expect(session.ends).toEqual([undefined]);
});

test.each([1002, 1006, 1011, 4001])("a close with %i is not", (code) => {
  const { socket, session } = scripted();
  socket.open().play("close", { code, reason: "why" });
  expect(session.ends).toEqual([new WebSocketCloseError(code, "why")]);
  expect(String(session.ends[0])).toBe(
    `WebSocketCloseError: The WebSocket was closed with code ${code}`,
  );
});

test("saturation ends when half of what is allowed has gone", () => {
  const { socket, clock, session, transport: ws } = scripted({ highWaterMarkBytes: 100 });
  socket.open();
  socket.bufferedAmount = 100;
  expect(ws.sendData(bytes("a"))).toBe(true);
  socket.bufferedAmount = 101;
  expect(ws.sendData(bytes("b"))).toBe(false);
  expect(ws.sendData(bytes("b"))).toBe(false);
  expect(clock.pending).toBe(1);
  socket.bufferedAmount = 51;
  clock.advance(1_000);
  expect(ws.sendData(bytes("c"))).toBe(false);
  expect(clock.pending).toBe(1);
  socket.bufferedAmount = 50;
  expect(session.drains).toBe(0);
  clock.advance(20);
  expect(session.drains).toBe(1);
  expect(clock.pending).toBe(0);
});

test.each(["flush", "now"] as const)("nobody looks at a socket that has ended (%s)", (how) => {
  const { socket, clock, session, transport: ws } = scripted({ highWaterMarkBytes: 100 });
  socket.open();
  socket.bufferedAmount = 1_000;
  ws.sendData(bytes("a"));
  ws.sendEnd(how);
  // Only a close that waits for the peer is watched.
  expect(clock.pending).toBe(how === "flush" ? 1 : 0);
  socket.play("close", { code: 1000, reason: "" });
  expect(clock.pending).toBe(0);
  expect(session.drains).toBe(0);
});

test("nothing is sent into one that is closing, where it would count as waiting", () => {
  const { socket, transport: ws } = scripted();
  socket.open().readyState = 2;
  expect(ws.sendData(bytes("late"))).toBe(true);
  expect(socket.sent).toEqual([]);
});

test("a slow flush is not cut while it moves", () => {
  const { socket, clock, transport: ws } = scripted();
  socket.open();
  socket.bufferedAmount = 3;
  ws.sendEnd("flush");
  for (const left of [2, 1, 0]) {
    socket.bufferedAmount = left;
    clock.advance(10_000);
  }
  expect(socket.closes).toEqual([1000]);
  clock.advance(10_000);
  expect(socket.closes).toEqual([1000, undefined]);
});

test("an end after the end does no harm", () => {
  const { socket, session, transport: ws } = scripted();
  socket.open().play("close", { code: 1000, reason: "" });
  ws.sendEnd("flush");
  ws.sendEnd("now");
  socket.play("close", { code: 1006, reason: "" });
  expect(session.ends).toEqual([undefined]);
});

test.each<[string, WebSocketOptions]>([
  ["less than nothing", { highWaterMarkBytes: -1 }],
  ["no number", { highWaterMarkBytes: Number.NaN }],
  ["a kind of messages that there is not", { messages: "utf8" as never }],
])("it is not used with %s in its options", (_, options) => {
  expect(() => scripted(options)).toThrow(expect.objectContaining({ code: "invalid-option" }));
});

test("without a clock it uses the system's", () => {
  vi.useFakeTimers();
  try {
    const socket = new ScriptedWebSocket();
    new WebSocketTransport(socket, new Recorder()).sendEnd("flush");
    vi.advanceTimersByTime(10_000);
    expect(socket.closes).toEqual([undefined]);
  } finally {
    vi.useRealTimers();
  }
});
