import { expect, test } from "vitest";
import { GrowingBytes } from "../../src/protocol/growing.ts";

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

test("makes room for a few times of what has come, never for what is announced", () => {
  const growing = new GrowingBytes(1_000_000_000);
  growing.append(numbers(1000), 0, 1000);
  expect(growing.room.length).toBe(4000);
  growing.append(numbers(3001), 0, 3001);
  expect(growing.room.length).toBe(16_004);
});

test("makes no more room than can be needed", () => {
  const growing = new GrowingBytes(1001);
  growing.append(numbers(1000), 0, 1000);
  growing.push(1);
  expect(growing.room.length).toBe(1001);
  expect(growing.bytes).toBe(growing.room);
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

test("can start again in the same room", () => {
  const growing = new GrowingBytes();
  growing.append(numbers(100), 0, 100);
  const { room } = growing;
  growing.clear();
  growing.push(7);
  expect([...growing.bytes]).toEqual([7]);
  expect(growing.room).toBe(room);
});
