import { expect, test } from "vitest";
import { leaveRoom, spareRoom } from "../../src/protocol/spare-rooms.ts";

test("there is room for two to four times as much", () => {
  for (let octets = 32; octets <= 100_000; octets += 97) {
    const { length } = spareRoom(octets);
    expect(length).toBeGreaterThanOrEqual(2 * octets);
    expect(length).toBeLessThanOrEqual(4 * octets);
  }
});

test("little has a room that is worth making", () => {
  for (const octets of [1, 2, 31, 32]) expect(spareRoom(octets).length).toBe(64);
});

test.each([128, 2048, 65_536])("a room of %d octets that was left is used again", (size) => {
  const room = spareRoom(size / 2);
  expect(room.length).toBe(size);
  leaveRoom(room);
  expect(spareRoom(size / 2)).toBe(room);
  expect(spareRoom(size / 2)).not.toBe(room);
});

test.each([0, 1, 63, 64, 127, 129, 1000, 65_535, 131_072])(
  "one of %d octets is not worth keeping",
  (size) => {
    const room = new Uint8Array(size);
    leaveRoom(room);
    for (const octets of [1, 32, 64, size / 4, size / 2, size]) {
      expect(spareRoom(Math.ceil(octets))).not.toBe(room);
    }
  },
);

test("no more than four of a size are kept", () => {
  const left = Array.from({ length: 100 }, () => new Uint8Array(1024));
  for (const room of left) leaveRoom(room);
  const found = left.map(() => spareRoom(512)).filter((room) => left.includes(room));
  expect(found.length).toBe(4);
});
