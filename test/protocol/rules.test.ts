import { expect, test } from "vitest";
import { DIALECTS } from "../../src/protocol/dialect.ts";
import { frameLimits } from "../../src/protocol/limits.ts";
import { PREDICTOR, Predictor } from "../../src/protocol/prediction.ts";
import { type ReadingRules, shared } from "../../src/protocol/rules.ts";
import { TEXT, textWith } from "../../src/protocol/utf8.ts";

const rules: ReadingRules = {
  dialect: DIALECTS["1.2"],
  limits: frameLimits(),
  strict: false,
  copyBodies: false,
  text: TEXT,
  predictor: PREDICTOR,
};

test("the same rules are shared", () => {
  expect(shared({ ...rules })).toBe(shared({ ...rules }));
});

test.each<Partial<ReadingRules>>([
  { dialect: DIALECTS["1.1"] },
  { limits: frameLimits() },
  { strict: true },
  { copyBodies: true },
  { text: textWith(undefined) },
  { predictor: new Predictor(false) },
])("others are others: %j", (other) => {
  const first = shared({ ...rules });
  const second = shared({ ...rules, ...other });
  expect(second).not.toBe(first);
  expect(second).toMatchObject(other);
  expect(shared({ ...rules })).toBe(first);
});

test("those that are asked for stay shared, however many others come and go; the others are forgotten", () => {
  const usual = shared({ ...rules });
  const unusual = { ...rules, limits: frameLimits() };
  expect(shared(unusual)).toBe(unusual);
  for (let count = 0; count < 100; count++) {
    shared({ ...rules, limits: frameLimits() });
    expect(shared({ ...rules })).toBe(usual);
  }
  expect(shared({ ...unusual })).not.toBe(unusual);
});
