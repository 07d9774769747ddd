import { systemClock } from "stomp-engine";
import { ManualClock } from "stomp-engine/testing";
import { describe, expect, test } from "vitest";
import { settleClient } from "../../src/session/client-options.ts";
import { type ServerOptions, settleServer } from "../../src/session/server-options.ts";
import { checkedMs, checkedVersions, settle } from "../../src/session/settings.ts";
import { codeOf } from "./scripted.ts";

describe("settings", () => {
  test("are what is documented unless told otherwise", () => {
    expect(settle({})).toMatchObject({
      versions: ["1.0", "1.1", "1.2"],
      heartBeat: { sendMs: 10_000, receiveMs: 10_000 },
      heartBeatTolerance: 2,
      connectTimeoutMs: 10_000,
      disconnectTimeoutMs: 5_000,
      stallTimeoutMs: 30_000,
      copyBodies: false,
      strict: false,
      clock: systemClock,
    });
  });

  test("are what they are told to be", () => {
    const clock = new ManualClock();
    const options = {
      heartBeat: { sendMs: 0, receiveMs: 1_000 },
      heartBeatTolerance: 1,
      connectTimeoutMs: 0,
      disconnectTimeoutMs: Number.POSITIVE_INFINITY,
      stallTimeoutMs: 1.5,
      copyBodies: true,
      strict: true,
      clock,
    };
    expect(settle(options)).toMatchObject(options);
    expect(settle({ versions: ["1.2", "1.0", "1.2"] }).versions).toEqual(["1.0", "1.2"]);
    expect(settle({ limits: { maxHeaders: 7 } }).limits.maxHeaders).toBe(7);
  });

  test("before acceptance are stricter", () => {
    const { limitsBeforeAcceptance } = settle({ limits: { maxCommandBytes: 20 } });
    expect(limitsBeforeAcceptance).toMatchObject({
      maxCommandBytes: 20,
      maxLineBytes: 16_384,
      maxHeaderBytes: 16_384,
      maxBodyBytes: 0,
    });
  });

  test.each<[string, ServerOptions]>([
    ["a server that is no text", { server: 5 as never }],
    ["a server on two lines", { server: "a\nb" }],
    ["an id in place of what makes it", { sessionId: "s" as never }],
    ["a clock that does not go", { clock: {} as never }],
    ["half a clock", { clock: { now: () => 0, setTimeout: () => 0 } as never }],
  ])("%s is found at once", (_, options) => {
    expect(codeOf(() => settleServer(options))).toBe("invalid-option");
  });

  test("cannot be changed afterwards", () => {
    expect([settle({}), settleClient({}), settleServer({})].every(Object.isFrozen)).toBe(true);
  });
});

describe("settings of sessions in a row", () => {
  const told = (): ServerOptions => ({
    versions: ["1.1", "1.2"],
    heartBeat: { sendMs: 1_000, receiveMs: 2_000 },
    limits: { maxHeaders: 7 },
    server: "shop/1",
  });

  test("are shared if they are told the same, in words of their own", () => {
    expect(settleServer(told())).toBe(settleServer(told()));
    expect(settleServer({})).toBe(settleServer({ versions: ["1.2", "1.1", "1.0"] }));
  });

  test.each<ServerOptions>([
    { versions: ["1.1"] },
    { versions: ["1.0", "1.1", "1.2"] },
    { heartBeat: { sendMs: 1_000, receiveMs: 0 } },
    { limits: { maxHeaders: 8 } },
    { server: "shop/2" },
    { strict: true },
    { maxInFlight: 2 },
    { sessionId: () => "one" },
  ])("are not if one is told %j", (otherwise) => {
    const before = settleServer(told());
    const after = settleServer({ ...told(), ...otherwise });
    expect(after).not.toBe(before);
    expect(after).not.toEqual(before);
  });

  test("are not if they go by different clocks, however alike", () => {
    const clocks = [new ManualClock(), new ManualClock()];
    const settled = clocks.map((clock) => settleServer({ clock }));
    expect(settled.map(({ clock }) => clocks.indexOf(clock as ManualClock))).toEqual([0, 1]);
  });

  test("do not change with the options that they were made of", () => {
    const options = told();
    const before = settleServer(options);
    options.server = "shop/2";
    expect(before.server).toBe("shop/1");
    expect(settleServer(options).server).toBe("shop/2");
  });
});

describe("settings of a role", () => {
  test("are what is documented unless told otherwise, and shared then", () => {
    expect(settleClient(undefined)).toMatchObject({
      host: "/",
      receipts: false,
      receiptTimeoutMs: Number.POSITIVE_INFINITY,
      contentLength: true,
    });
    expect(settleServer(undefined)).toMatchObject({ server: undefined, maxInFlight: 1 });
    expect(settleServer(undefined).sessionId()).toMatch(/^[0-9a-f]{32}$/);
    expect(settleClient(undefined)).toBe(settleClient(undefined));
    expect(settleServer(undefined)).toBe(settleServer(undefined));
  });

  test.each(["", "shop.example", null])("of a client may be the host %j", (host) => {
    expect(settleClient({ host }).host).toBe(host);
  });
});

test("versions are checked, ordered and each there once", () => {
  expect(checkedVersions(["1.1", "1.0", "1.1"])).toEqual(["1.0", "1.1"]);
  for (const versions of [[], ["1.3"], ["1.2", "x"]]) {
    expect(codeOf(() => checkedVersions(versions as never))).toBe("invalid-option");
  }
});

test("spans of time are numbers of at least 0", () => {
  expect([0, 0.5, Number.POSITIVE_INFINITY].map((ms) => checkedMs("ms", ms))).toEqual([
    0,
    0.5,
    Number.POSITIVE_INFINITY,
  ]);
  for (const ms of [-1, Number.NaN, "1" as never, null as never]) {
    expect(codeOf(() => checkedMs("ms", ms))).toBe("invalid-option");
  }
});
