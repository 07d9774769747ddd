import { describe, expect, test } from "vitest";
import {
  Destinations,
  isPattern,
  isValidPattern,
  matches,
} from "../../examples/support/destinations.ts";

describe("a pattern", () => {
  test.each([
    ["/topic/a", "/topic/a", true],
    ["/topic/a", "/topic/b", false],
    ["/topic/a", "/topic/a.b", false],
    ["/topic/*", "/topic/a", true],
    ["/topic/*", "/topic/a.b", false],
    ["/topic/a.*", "/topic/a.b", true],
    ["/topic/a.*", "/topic/a/b", true],
    ["/topic/*.c", "/topic/a.c", true],
    ["/topic/*.c", "/topic/a.b", false],
    ["/topic/a.>", "/topic/a.b", true],
    ["/topic/a.>", "/topic/a.b.c", true],
    ["/topic/a.>", "/topic/a", false],
    ["/topic/>", "/topic/a/b.c", true],
    ["/topic/>", "/queue/a", false],
    ["/topic/*.>", "/topic/a", false],
  ])("%s, %s: %s", (pattern, destination, covered) => {
    expect(matches(pattern, destination)).toBe(covered);
  });

  test("has wildcards as whole segments only", () => {
    expect(["/topic/*", "/topic/a.>"].map(isPattern)).toEqual([true, true]);
    expect(["/topic/a", "/topic/a*", "/topic/>a"].map(isPattern)).toEqual([false, false, false]);
  });

  test("has its rest at the end", () => {
    expect(["/topic/>", "/topic/>.a"].map(isValidPattern)).toEqual([true, false]);
  });
});

describe("the index", () => {
  test("answers those of the very name first, in the order in which they came", () => {
    const index = new Destinations<string>();
    index.add("/topic/>", "rest");
    index.add("/topic/a", "second");
    index.add("/topic/a", "third");
    expect(index.subscribers("/topic/a")).toEqual(["second", "third", "rest"]);
    expect(index.subscribers("/topic/b")).toEqual(["rest"]);
  });

  test.each(["/topic/a", "/topic/*"])("notices at once who comes and goes under %s", (name) => {
    const index = new Destinations<string>();
    expect(index.subscribers("/topic/a")).toEqual([]);
    index.add(name, "one");
    expect(index.subscribers("/topic/a")).toEqual(["one"]);
    index.add(name, "two");
    expect(index.subscribers("/topic/a")).toEqual(["one", "two"]);
    index.delete(name, "one");
    expect(index.subscribers("/topic/a")).toEqual(["two"]);
    index.delete(name, "two");
    expect(index.subscribers("/topic/a")).toEqual([]);
  });

  test("does not change an answer that somebody walks through", () => {
    const index = new Destinations<string>();
    index.add("/topic/a", "one");
    index.add("/topic/a", "two");
    const answer = index.subscribers("/topic/a");
    index.delete("/topic/a", "two");
    expect(answer).toEqual(["one", "two"]);
  });

  test("remembers its answers", () => {
    const asked: string[] = [];
    const index = new Destinations<string>((destination) => asked.push(destination));
    index.add("/topic/a", "one");
    index.subscribers("/topic/a");
    index.subscribers("/topic/a");
    expect(asked).toEqual(["/topic/a"]);
    index.add("/topic/a", "two");
    index.subscribers("/topic/a");
    expect(asked).toEqual(["/topic/a", "/topic/a"]);
  });

  test("does not remember without bound", () => {
    const asked: string[] = [];
    const index = new Destinations<number>((destination) => asked.push(destination));
    // With these, an answer holds a hundred thousand subscribers: ten of them are as many as are kept.
    for (let subscriber = 0; subscriber < 100_000; subscriber += 1)
      index.add("/topic/>", subscriber);
    for (let topic = 0; topic < 10; topic += 1) index.subscribers(`/topic/${topic}`);
    asked.length = 0;
    index.subscribers("/topic/0");
    expect(asked).toEqual(["/topic/0"]);
  });

  test("does not remember long names without bound, though nobody be subscribed to them", () => {
    const asked: string[] = [];
    const index = new Destinations<number>((destination) => asked.push(destination));
    const name = (number: number) => `/topic/${number}${"x".repeat(8_000)}`;
    // Of eight megabytes, a little more than is kept.
    for (let number = 0; number < 1_001; number += 1) index.subscribers(name(number));
    asked.length = 0;
    index.subscribers(name(0));
    expect(asked).toEqual([name(0)]);
  });

  test("forgets nobody when another is removed twice, or was never there", () => {
    const index = new Destinations<string>();
    index.add("/topic/a", "one");
    index.delete("/topic/a", "two");
    index.delete("/topic/b", "one");
    expect(index.subscribers("/topic/a")).toEqual(["one"]);
  });
});
