import { expect, test } from "vitest";
import { roomFor, roomWith } from "../../src/protocol/room.ts";

test("is as large as asked for, and no two overlap", () => {
  const rooms = Array.from({ length: 500 }, (_, at) => roomFor(1 + ((at * 37) % 900)));
  for (const [at, room] of rooms.entries()) {
    expect(room.length).toBe(1 + ((at * 37) % 900));
    room.fill(1 + (at % 255));
  }
  for (const [at, room] of rooms.entries()) {
    expect(room.every((octet) => octet === 1 + (at % 255))).toBe(true);
  }
});

test.each([
  [100, 16],
  [512, 128],
  [513, 510],
  [32_768, 8],
])("rooms of %i octets share memory", (length, most) => {
  const memories = new Set(Array.from({ length: 3 * most }, () => roomFor(length).buffer));
  expect(memories.size).toBeLessThanOrEqual(4);
});

test("what a small frame keeps alive is small, and large ones have memory of their own", () => {
  expect(roomFor(512).buffer.byteLength).toBe(65_536);
  expect(roomFor(513).buffer.byteLength).toBe(262_144);
  expect(roomFor(32_769).buffer.byteLength).toBe(32_769);
});

test("memory that was given away is not used", () => {
  for (const length of [10, 10_000]) {
    const room = roomFor(length);
    structuredClone(room.buffer, { transfer: [room.buffer] });
    expect(room.length).toBe(0);
    expect(roomFor(length).length).toBe(length);
  }
});

const TEXTS = [
  "",
  "a",
  "é",
  "\ud83d\ude42",
  "\ud800",
  "a\ud800b",
  "日本語",
  "x".repeat(2048),
  "x".repeat(2049),
  "é".repeat(3000),
];

test.each(TEXTS)("has a text in it, and nothing else: %j", (text) => {
  const first = roomWith(text);
  const others = ["second", text].map(roomWith);
  expect([...first]).toEqual([...Buffer.from(text)]);
  expect(others.map((other) => Buffer.from(other).toString())).toEqual([
    "second",
    Buffer.from(text).toString(),
  ]);
});

test("short texts lie side by side", () => {
  const memories = new Set(Array.from({ length: 1000 }, (_, at) => roomWith(`text ${at}`).buffer));
  expect(memories.size).toBeLessThanOrEqual(2);
  expect(roomWith("x".repeat(2049)).buffer.byteLength).toBe(2049);
});
