import { expect, test } from "vitest";
import { Guess } from "../../src/protocol/guess.ts";

test("is tried for as long as it is right", () => {
  const guess = new Guess();
  for (let time = 0; time < 100; time++) expect(guess.try()).toBe(true);
});

test("is left alone for a while when it was wrong, and tried again", () => {
  const guess = new Guess();
  for (let time = 0; time < 2; time++) {
    guess.fail();
    for (let pause = 0; pause < 15; pause++) expect(guess.try()).toBe(false);
    expect(guess.try()).toBe(true);
    expect(guess.try()).toBe(true);
  }
});
