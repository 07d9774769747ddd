import { expect, test } from "vitest";
import { roomFor } from "../../src/protocol/room.ts";

test("is as large as asked for, and no two overlap", () => {
  const rooms = Array.from({ length: 500 }, (_, at) => roomFor(1 + ((at * 37) % 900)));
  for (const [at, room] of rooms.entries()) {
    expect(room.length).toBe(1 + ((at * 37) % 900));
    expect(room.every((octet) => octet === 0)).toBe(true);
    room.fill(1 + (at % 255));
  }
  for (const [at, room] of rooms.entries()) {
    expect(room.every((octet) => octet === 1 + (at % 255))).toBe(true);
  }
});

test("small ones share memory, large ones have their own", () => {
  expect(new Set(Array.from({ length: 100 }, () => roomFor(100).buffer)).size).toBeLessThan(4);
  expect(roomFor(5000).buffer.byteLength).toBe(5000);
});

test("memory that was given away is not used", () => {
  const room = roomFor(10);
  structuredClone(room.buffer, { transfer: [room.buffer] });
  expect(room.length).toBe(0);
  expect(roomFor(10).length).toBe(10);
});
