import { expect, test } from "vitest";
import { GrowingBody } from "../../src/protocol/growing-body.ts";
import { spareRoom } from "../../src/protocol/spare-rooms.ts";

const numbers = (length: number, from = 0) => Uint8Array.from({ length }, (_, at) => from + at);

test("makes room for a few times of what has come, never for what is announced", () => {
  const growing = new GrowingBody(1_000_000_000);
  growing.append(numbers(1000), 0, 1000);
  expect(growing.room.length).toBe(2048);
  growing.append(numbers(3001), 0, 3001);
  expect(growing.room.length).toBe(8192);
  growing.append(numbers(90_000), 0, 90_000);
  expect(growing.room.length).toBe(4 * 94_001);
});

test("makes no more room than can be needed, and hands it over as it is", () => {
  const growing = new GrowingBody(1001);
  growing.append(numbers(1000), 0, 1000);
  growing.push(1);
  const { room } = growing;
  expect(room.length).toBe(1001);
  expect(growing.handOver()).toBe(room);
  expect(growing.length).toBe(0);
  expect(growing.room).not.toBe(room);
});

test("hands over nothing but the bytes", () => {
  const growing = new GrowingBody(100_000);
  growing.append(numbers(200), 0, 200);
  const { room } = growing;
  const own = growing.handOver();
  expect(own).toEqual(numbers(200));
  expect(own.buffer.byteLength).toBe(200);
  room.fill(1);
  expect(own).toEqual(numbers(200));
});

test("bytes that fill a room for others are handed over in it, and nobody gets it any more", () => {
  const growing = new GrowingBody(100_000);
  growing.append(numbers(130), 0, 130);
  growing.append(numbers(382), 0, 382);
  const { room } = growing;
  expect(room.length).toBe(512);
  expect(growing.handOver()).toBe(room);
  expect(spareRoom(200)).not.toBe(room);
});

test("no bytes are handed over in memory that is nobody else's", () => {
  const growing = new GrowingBody(10);
  const own = growing.handOver();
  expect(own).toEqual(new Uint8Array(0));
  expect(own).not.toBe(growing.room);
});

test("rooms that were left, and those that were outgrown, are used again", () => {
  const [one, other] = [new GrowingBody(100_000), new GrowingBody(100_000)];
  one.append(numbers(200), 0, 200);
  const { room } = one;
  one.append(numbers(2000), 0, 2000);
  other.append(numbers(200), 0, 200);
  expect(other.room).toBe(room);
  other.release();
  expect(other.length).toBe(0);
  one.release();
  one.append(numbers(200, 7), 0, 200);
  expect(one.room).toBe(room);
  expect(one.handOver()).toEqual(numbers(200, 7));
});
