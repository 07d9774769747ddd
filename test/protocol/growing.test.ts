import { describe, expect, test } from "vitest";
import { GrowingBytes } from "../../src/protocol/growing.ts";
import { spareRoom } from "../../src/protocol/spare-rooms.ts";

const numbers = (length: number, from = 0) => Uint8Array.from({ length }, (_, at) => from + at);

test("keeps what it is given, in pieces of any size", () => {
  const growing = new GrowingBytes(Number.POSITIVE_INFINITY, true);
  expect(growing.bytes).toEqual(new Uint8Array(0));
  growing.push(255);
  growing.append(numbers(10), 2, 5);
  growing.append(numbers(100), 0, 100);
  growing.append(numbers(100), 7, 7);
  growing.push(254);
  expect([...growing.bytes]).toEqual([255, 2, 3, 4, ...numbers(100), 254]);
  expect(growing.length).toBe(105);
});

test("makes room for a few times of what has come", () => {
  const growing = new GrowingBytes(Number.POSITIVE_INFINITY, true);
  growing.push(1);
  expect(growing.room.length).toBe(64);
  growing.append(numbers(1000), 0, 999);
  expect(growing.room.length).toBe(4000);
  growing.append(numbers(3001), 0, 3001);
  expect(growing.room.length).toBe(16_004);
});

test("nobody gets a room that was outgrown: there may have been a passcode in it", () => {
  const growing = new GrowingBytes(Number.POSITIVE_INFINITY, true);
  growing.append(numbers(256), 0, 256);
  const { room } = growing;
  growing.append(numbers(1000), 0, 1000);
  expect(growing.room).not.toBe(room);
  expect(room.length).toBe(1024);
  expect(spareRoom(512)).not.toBe(room);
});

test("moves each byte a bounded number of times", () => {
  const growing = new GrowingBytes(Number.POSITIVE_INFINITY, true);
  const rooms = new Set<Uint8Array>();
  for (let at = 0; at < 100_000; at++) {
    growing.push(at);
    rooms.add(growing.room);
  }
  expect(rooms.size).toBeLessThan(10);
});

test("what is not there any more leaves zeros, never what was in memory before", () => {
  const growing = new GrowingBytes(Number.POSITIVE_INFINITY, true);
  growing.append(numbers(100), 0, 100);
  growing.clear();
  growing.append(numbers(3), 1, 10);
  expect([...growing.bytes]).toEqual([1, 2, 0, 0, 0, 0, 0, 0, 0]);
});

test("can start again in the same room", () => {
  const growing = new GrowingBytes(Number.POSITIVE_INFINITY, true);
  growing.append(numbers(100), 0, 100);
  const { room } = growing;
  growing.clear();
  growing.push(7);
  expect([...growing.bytes]).toEqual([7]);
  expect(growing.room).toBe(room);
});

describe("of a body", () => {
  test("makes room for a few times of what has come, never for what is announced", () => {
    const growing = new GrowingBytes(1_000_000_000, false);
    growing.append(numbers(1000), 0, 1000);
    expect(growing.room.length).toBe(2048);
    growing.append(numbers(3001), 0, 3001);
    expect(growing.room.length).toBe(8192);
    growing.append(numbers(90_000), 0, 90_000);
    expect(growing.room.length).toBe(4 * 94_001);
  });

  test("makes no more room than can be needed, and hands it over as it is", () => {
    const growing = new GrowingBytes(1001, false);
    growing.append(numbers(1000), 0, 1000);
    growing.push(1);
    const { room } = growing;
    expect(room.length).toBe(1001);
    expect(growing.handOver()).toBe(room);
    expect(growing.length).toBe(0);
    expect(growing.room).not.toBe(room);
  });

  test("hands over nothing but the bytes", () => {
    const growing = new GrowingBytes(100_000, false);
    growing.append(numbers(200), 0, 200);
    const { room } = growing;
    const own = growing.handOver();
    expect(own).toEqual(numbers(200));
    expect(own.buffer.byteLength).toBe(200);
    room.fill(1);
    expect(own).toEqual(numbers(200));
  });

  test("bytes that fill a room for others are handed over in it, and nobody gets it any more", () => {
    const growing = new GrowingBytes(100_000, false);
    growing.append(numbers(130), 0, 130);
    growing.append(numbers(382), 0, 382);
    const { room } = growing;
    expect(room.length).toBe(512);
    expect(growing.handOver()).toBe(room);
    expect(spareRoom(200)).not.toBe(room);
  });

  test("no bytes are handed over in memory that is nobody else's", () => {
    const growing = new GrowingBytes(10, false);
    const own = growing.handOver();
    expect(own).toEqual(new Uint8Array(0));
    expect(own).not.toBe(growing.room);
  });

  test("rooms that were left, and those that were outgrown, are used again", () => {
    const [one, other] = [new GrowingBytes(100_000, false), new GrowingBytes(100_000, false)];
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
});
