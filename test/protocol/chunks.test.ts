import { expect, test } from "vitest";
import { Chunks } from "../../src/protocol/chunks.ts";

const chunk = (at: number) => new Uint8Array(1 + (at % 7)).fill(at);

test("come out in the order in which they went in", () => {
  const chunks = new Chunks();
  expect(chunks.take()).toBeUndefined();
  const given = Array.from({ length: 100 }, (_, at) => chunk(at));
  for (const each of given) chunks.add(each);
  expect(given.map(() => chunks.take())).toEqual(given);
  expect(chunks.take()).toBeUndefined();
});

test("are counted by octets", () => {
  const chunks = new Chunks();
  chunks.add(chunk(0));
  chunks.add(chunk(1));
  expect(chunks.octets).toBe(3);
  chunks.take();
  expect(chunks.octets).toBe(2);
  chunks.take();
  chunks.take();
  expect(chunks.octets).toBe(0);
});

test("may go on and on without ever being all out", () => {
  const chunks = new Chunks();
  for (let at = 0; at < 10; at++) chunks.add(chunk(at));
  for (let at = 10; at < 10_000; at++) {
    chunks.add(chunk(at));
    expect(chunks.take()?.[0]).toBe((at - 10) % 256);
  }
  expect(JSON.stringify(chunks).length).toBeLessThan(2_000);
});
