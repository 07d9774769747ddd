import { expect, test } from "vitest";
import { beforeAcceptance, frameLimits, sessionLimits } from "../../src/protocol/limits.ts";

const INVALID = expect.objectContaining({ code: "invalid-option" });

test("has the documented defaults", () => {
  expect(frameLimits()).toEqual({
    maxCommandBytes: 32,
    maxLineBytes: 8192,
    maxHeaders: 100,
    maxHeaderBytes: 65_536,
    maxBodyBytes: 4_194_304,
    maxFrameBytes: 65_536 + 4_194_304,
  });
  expect(sessionLimits()).toMatchObject({
    maxSubscriptions: 1000,
    maxTransactions: 16,
    maxTransactionFrames: 1024,
    maxTransactionBytes: 4 * 4_194_304,
    maxPendingBytes: 2 * (65_536 + 4_194_304),
    maxUnacknowledged: Number.POSITIVE_INFINITY,
  });
});

test("limits that depend on others follow them", () => {
  expect(frameLimits({ maxBodyBytes: 10, maxHeaderBytes: 5 }).maxFrameBytes).toBe(15);
  expect(frameLimits({ maxBodyBytes: 10, maxFrameBytes: 5 }).maxFrameBytes).toBe(5);
  expect(sessionLimits({ maxBodyBytes: 10 }).maxTransactionBytes).toBe(40);
  expect(sessionLimits({ maxFrameBytes: 10 }).maxPendingBytes).toBe(20);
});

test("no limit is a limit too", () => {
  const limits = frameLimits({ maxBodyBytes: Number.POSITIVE_INFINITY });
  expect(limits.maxFrameBytes).toBe(Number.POSITIVE_INFINITY);
});

test.each([-1, Number.NaN, "10"])("refuses %j", (limit) => {
  expect(() => frameLimits({ maxHeaders: limit as number })).toThrow(INVALID);
  expect(() => sessionLimits({ maxTransactions: limit as number })).toThrow(INVALID);
});

test("takes undefined for the default", () => {
  const given = { maxHeaders: undefined } as unknown as { maxHeaders: number };
  expect(frameLimits(given).maxHeaders).toBe(100);
});

test("refuses limits that it does not know", () => {
  expect(() => sessionLimits({ maxBody: 1 } as object)).toThrow(INVALID);
  expect(() => sessionLimits({ toString: 1 } as object)).toThrow(INVALID);
});

test("before acceptance a server takes headers, but no body", () => {
  const limits = beforeAcceptance(frameLimits({ maxHeaders: 7, maxCommandBytes: 11 }));
  expect(limits).toEqual({
    maxCommandBytes: 11,
    maxLineBytes: 16_384,
    maxHeaders: 7,
    maxHeaderBytes: 16_384,
    maxBodyBytes: 0,
    maxFrameBytes: 16_384,
  });
});

test("cannot be changed afterwards", () => {
  expect(Object.isFrozen(frameLimits())).toBe(true);
  expect(Object.isFrozen(sessionLimits())).toBe(true);
});
