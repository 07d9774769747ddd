/** The fuzzer itself: it finds nothing in a few cases, and it does find what is planted. */

import { FrameParser, StompServer, StompSession } from "stomp-engine";
import { afterEach, describe, expect, test, vi } from "vitest";
import { fromJson, toJson } from "./campaign/json.ts";
import { type AnyCase, CASES_PER_ROUND, caseOf, KINDS, runCase } from "./campaign/kinds.ts";
import { minimised } from "./campaign/minimise.ts";
import { readOptions } from "./options.ts";

const SEED = 20_121_022;
const ROUNDS = 3;
/** On a machine that is busy. */
const MOST_MS = 60_000;

afterEach(() => {
  vi.restoreAllMocks();
});

test(
  "a few rounds of every kind find nothing",
  async () => {
    const tally = { frames: 0, cases: 0 };
    for (let number = 0; number < ROUNDS * CASES_PER_ROUND; number++) {
      expect(await runCase(caseOf(SEED, number), tally)).toBeUndefined();
    }
    expect(tally.frames).toBeGreaterThan(10_000);
  },
  MOST_MS,
);

test("a case is the same every time, and as JSON", () => {
  for (let number = 0; number < CASES_PER_ROUND; number++) {
    const given = caseOf(SEED, number);
    expect(caseOf(SEED, number)).toEqual(given);
    expect(toJson(fromJson(toJson(given)))).toBe(toJson(given));
  }
});

describe("what is planted is found, and made small:", () => {
  /** The first case of a kind that fails. */
  async function firstFault(kind: string): Promise<[AnyCase, string]> {
    const { make } = KINDS.find(({ name }) => name === kind) ?? {};
    for (let number = 0; number < 500; number++) {
      const given = make?.(SEED, number);
      const fault = given && (await runCase(given, { frames: 0, cases: 0 }));
      if (given !== undefined && fault !== undefined) return [given, fault];
    }
    throw new Error("Nothing was found");
  }

  test(
    "a parser that loses a piece",
    async () => {
      const { push } = FrameParser.prototype;
      vi.spyOn(FrameParser.prototype, "push").mockImplementation(function (
        this: FrameParser,
        piece,
      ) {
        if (piece.length !== 3) push.call(this, piece);
      });
      const [given, fault] = await firstFault("parser");
      const [smallest, same] = await minimised(given, fault);
      expect(toJson(smallest).length).toBeLessThan(toJson(given).length / 2);
      expect(await runCase(fromJson(toJson(smallest)), { frames: 0, cases: 0 })).toBe(same);
    },
    MOST_MS,
  );

  test(
    "a parser that passes over a frame, however the bytes are cut",
    async () => {
      const { next } = FrameParser.prototype;
      vi.spyOn(FrameParser.prototype, "next").mockImplementation(function (this: FrameParser) {
        const frame = next.call(this);
        return frame?.command === "NACK" ? next.call(this) : frame;
      });
      expect((await firstFault("parser"))[1]).toMatch(/is right|are right|is not/);
    },
    MOST_MS,
  );

  test(
    "a session that takes a piece twice",
    async () => {
      const { receiveData } = StompSession.prototype;
      vi.spyOn(StompSession.prototype, "receiveData").mockImplementation(function (
        this: StompSession,
        piece,
      ) {
        if (piece.length === 2) receiveData.call(this, piece);
        return receiveData.call(this, piece);
      });
      const [given, fault] = await firstFault("server");
      const [smallest, same] = await minimised(given, fault);
      expect(toJson(smallest).length).toBeLessThan(toJson(given).length);
      expect(await runCase(fromJson(toJson(smallest)), { frames: 0, cases: 0 })).toBe(same);
    },
    MOST_MS,
  );

  test("a session that does not end with its transport", async () => {
    vi.spyOn(StompSession.prototype, "receiveEnd").mockImplementation(() => {});
    expect((await firstFault("client"))[1]).toMatch(/after a reset|after the end/);
  });

  test("a session that asks for no more bytes when it could", async () => {
    vi.spyOn(StompSession.prototype, "receiveData").mockReturnValue(false);
    expect((await firstFault("client, hooks answer late"))[1]).toMatch(/reading has stopped|stops/);
  });

  test("a message that is sent twice", async () => {
    const { message } = StompServer.prototype;
    vi.spyOn(StompServer.prototype, "message").mockImplementation(function (
      this: StompServer,
      ...given
    ) {
      message.apply(this, given);
      return message.apply(this, given);
    });
    expect((await firstFault("server"))[1]).toMatch(
      /the ledger has|acknowledged twice|handed back/,
    );
  });
});

test("the command line", () => {
  expect(readOptions(["--seconds", "5", "--seed", "9", "--workers", "1"])).toMatchObject({
    seconds: 5,
    seed: 9,
    workers: 1,
  });
  expect(readOptions([]).seed).toBeTypeOf("number");
  expect(() => readOptions(["--seed", "x"])).toThrow("--seed takes a number");
  expect(() => readOptions(["--sed"])).toThrow("--sed");
});
