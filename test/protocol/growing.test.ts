import { expect, test } from "vitest";
import { GrowingBytes } from "../../src/protocol/growing.ts";
import { spareRoom } from "../../src/protocol/spare-rooms.ts";

const numbers = (length: number, from = 0) => Uint8Array.from({ length }, (_, at) => from + at);

test("keeps what it is given, in pieces of any size", () => {
  const growing = new GrowingBytes();
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
  const growing = new GrowingBytes();
  growing.push(1);
  expect(growing.room.length).toBe(64);
  growing.append(numbers(1000), 0, 999);
  expect(growing.room.length).toBe(4000);
  growing.append(numbers(3001), 0, 3001);
  expect(growing.room.length).toBe(16_004);
});

test("nobody gets a room that was outgrown: there may have been a passcode in it", () => {
  const growing = new GrowingBytes();
  growing.append(numbers(256), 0, 256);
  const { room } = growing;
  growing.append(numbers(1000), 0, 1000);
  expect(growing.room).not.toBe(room);
  expect(room.length).toBe(1024);
  expect(spareRoom(512)).not.toBe(room);
});

test("moves each byte a bounded number of times", () => {
  const growing = new GrowingBytes();
  const rooms = new Set<Uint8Array>();
  for (let at = 0; at < 100_000; at++) {
    growing.push(at);
    rooms.add(growing.room);
  }
  expect(rooms.size).toBeLessThan(10);
});

test("what is not there any more leaves zeros, never what was in memory before", () => {
  const growing = new GrowingBytes();
  growing.append(numbers(100), 0, 100);
  growing.clear();
  growing.append(numbers(3), 1, 10);
  expect([...growing.bytes]).toEqual([1, 2, 0, 0, 0, 0, 0, 0, 0]);
});

test("can start again in the same room", () => {
  const growing = new GrowingBytes();
  growing.append(numbers(100), 0, 100);
  const { room } = growing;
  growing.clear();
  growing.push(7);
  expect([...growing.bytes]).toEqual([7]);
  expect(growing.room).toBe(room);
});
