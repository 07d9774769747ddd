import type { AckMode, Version } from "stomp-engine";
import { describe, expect, test } from "vitest";
import { DIALECTS } from "../../src/protocol/dialect.ts";
import { headersOf } from "../../src/protocol/headers.ts";
import { Ledger } from "../../src/session/ledger.ts";
import { SubscriptionRecord } from "../../src/session/server-subscriptions.ts";
import { grownBytes, MEGABYTE } from "../conformance/memory.ts";

/** A ledger of one version, with deliveries whose tokens are their names. */
function book(version: Version) {
  const spoken = DIALECTS[version];
  const ledger = new Ledger<string>();
  const subscription = (id: string, ack: AckMode) =>
    new SubscriptionRecord<string>("/a", ack, headersOf([["id", id]]), spoken);
  const add = (to: SubscriptionRecord<string>, messageId: string, token = messageId) =>
    ledger.add(
      to.deliveries,
      { subscription: to.name, messageId, ackId: `ack of ${token}`, token },
      spoken,
    );
  const take = (messageId: string, subscriptionId?: string) =>
    ledger.take({ subscription: subscriptionId, messageId, ackId: `ack of ${messageId}` }, spoken);
  const tokens = () => ledger.deliveries.map(({ token }) => token);
  return { ledger, subscription, add, take, tokens };
}

const tokensOf = (entries: ReturnType<ReturnType<typeof book>["take"]>) =>
  entries?.map(({ delivery }) => delivery.token);

describe.each(["1.0", "1.1", "1.2"] as const)("in STOMP %s", (version) => {
  test("an acknowledgement in client mode covers all earlier ones of its subscription, oldest first", () => {
    const { subscription, add, take, tokens, ledger } = book(version);
    const [one, other] = [subscription("1", "client"), subscription("2", "client")];
    for (const token of ["a", "b", "c", "d"]) {
      add(one, token);
      add(other, `other ${token}`);
    }
    expect(tokensOf(take("c", "1"))).toEqual(["a", "b", "c"]);
    expect(tokens()).toEqual(["other a", "other b", "other c", "d", "other d"]);
    expect(ledger.size).toBe(5);
    expect(take("b", "1")).toBeUndefined();
  });

  test("an acknowledgement in client-individual mode covers one", () => {
    const { subscription, add, take, tokens } = book(version);
    const individual = subscription("1", "client-individual");
    for (const token of ["a", "b", "c"]) add(individual, token);
    expect(tokensOf(take("b", "1"))).toEqual(["b"]);
    expect(tokens()).toEqual(["a", "c"]);
    expect(tokensOf(take("c", "1"))).toEqual(["c"]);
    expect(tokensOf(take("a", "1"))).toEqual(["a"]);
    expect(take("a", "1")).toBeUndefined();
  });

  test("what is put back stands where it stood", () => {
    const { subscription, add, take, tokens, ledger } = book(version);
    const [one, other] = [subscription("1", "client"), subscription("2", "client-individual")];
    for (const token of ["a", "b", "c", "d"]) {
      add(one, token);
      add(other, `other ${token}`);
    }
    const before = tokens();
    const taken = [take("b", "1"), take("other c", "2"), take("other a", "2"), take("d", "1")];
    expect(tokens()).toEqual(["other b", "other d"]);
    ledger.restore(taken.flatMap((entries) => entries ?? []));
    expect(tokens()).toEqual(before);
    expect(ledger.size).toBe(8);
    // Also in the order that a cumulative acknowledgement goes by.
    expect(tokensOf(take("c", "1"))).toEqual(["a", "b", "c"]);
  });

  test("what is put back beside what came meanwhile stays older", () => {
    const { subscription, add, take, ledger } = book(version);
    const one = subscription("1", "client");
    add(one, "a");
    add(one, "b");
    const taken = take("a", "1");
    add(one, "c");
    ledger.restore(taken ?? []);
    expect(tokensOf(take("c", "1"))).toEqual(["a", "b", "c"]);
  });
});

describe("a message id that comes twice", () => {
  test("in 1.1 means one of each subscription", () => {
    const { subscription, add, take } = book("1.1");
    const [one, other] = [
      subscription("1", "client-individual"),
      subscription("2", "client-individual"),
    ];
    add(one, "m", "of one");
    add(other, "m", "of the other");
    expect(tokensOf(take("m", "2"))).toEqual(["of the other"]);
    expect(take("m", "2")).toBeUndefined();
    expect(tokensOf(take("m", "1"))).toEqual(["of one"]);
  });

  test("in 1.1 does not run together with the subscription's id", () => {
    const { subscription, add, take } = book("1.1");
    add(subscription("1", "client"), "1m", "of 1");
    add(subscription("11", "client"), "m", "of 11");
    expect(tokensOf(take("m", "11"))).toEqual(["of 11"]);
    expect(tokensOf(take("1m", "1"))).toEqual(["of 1"]);
  });

  test.each(["1.0", "1.1"] as const)("in %s is acknowledged oldest first", (version) => {
    const { subscription, add, take, tokens, ledger } = book(version);
    const one = subscription("1", "client-individual");
    for (const token of ["first", "second", "third"]) add(one, "m", token);
    expect(ledger.size).toBe(3);
    const first = take("m", "1");
    const second = take("m", "1");
    expect([tokensOf(first), tokensOf(second)]).toEqual([["first"], ["second"]]);
    ledger.restore([...(second ?? []), ...(first ?? [])]);
    expect(tokens()).toEqual(["first", "second", "third"]);
    expect(["m", "m", "m", "m"].map((id) => tokensOf(take(id, "1")))).toEqual([
      ["first"],
      ["second"],
      ["third"],
      undefined,
    ]);
  });

  test("in 1.0 may be covered by the acknowledgement of a later one", () => {
    const { subscription, add, take, tokens } = book("1.0");
    const [one, other] = [subscription("1", "client"), subscription("2", "client")];
    add(one, "m", "first");
    add(other, "m", "second");
    add(one, "m", "third");
    add(one, "last");
    add(other, "m", "fourth");
    expect(tokensOf(take("last"))).toEqual(["first", "third", "last"]);
    expect(tokens()).toEqual(["second", "fourth"]);
    expect(tokensOf(take("m"))).toEqual(["second"]);
    expect(tokensOf(take("m"))).toEqual(["fourth"]);
    expect(take("m")).toBeUndefined();
  });
});

test("an ack id is in use until it is acknowledged", () => {
  const { subscription, add, take, ledger } = book("1.2");
  add(subscription("1", "client"), "a");
  expect(ledger.isTaken("ack of a")).toBe(true);
  take("a");
  expect(ledger.isTaken("ack of a")).toBe(false);
});

/** Is told whenever a property of an object is looked at. */
function watch(object: object, looked: () => void): void {
  for (const [name, first] of Object.entries(object)) {
    let value: unknown = first;
    const get = () => {
      looked();
      return value;
    };
    const set = (other: unknown) => {
      value = other;
    };
    Object.defineProperty(object, name, { get, set });
  }
}

describe("however many are open", () => {
  const many = 20_000;

  /** Many deliveries in one subscription, and how often any of them has been looked at since. */
  function watched(ack: AckMode) {
    const { subscription, add, take, tokens, ledger } = book("1.2");
    const one = subscription("1", ack);
    for (let at = 0; at < many; at++) add(one, String(at));
    let looks = 0;
    const entries = [];
    for (let at = 0; at < many; at++) entries.push(...(take(String(at)) ?? []));
    for (const entry of entries) watch(entry, () => looks++);
    ledger.restore(entries);
    looks = 0;
    return { ledger, take, tokens, looks: () => looks };
  }

  test.each(["0", "10000", "19999"])("taking %s out and putting it back takes few steps", (id) => {
    const { ledger, take, tokens, looks } = watched("client-individual");
    for (let round = 0; round < 100; round++) ledger.restore(take(id) ?? []);
    expect(looks()).toBeLessThan(1_000);
    expect(tokens()).toHaveLength(many);
  });

  test("taking all of them out, one by one, takes some steps for each", () => {
    for (const ack of ["client", "client-individual"] as const) {
      const { take, tokens, looks } = watched(ack);
      for (let at = 0; at < many; at++) expect(take(String(at))).toHaveLength(1);
      expect(looks()).toBeLessThan(10 * many);
      expect(tokens()).toEqual([]);
    }
  });

  test("putting many of two subscriptions back takes steps for each, not for each other", () => {
    const { subscription, add, take, ledger, tokens } = book("1.2");
    const [one, other] = [subscription("1", "client"), subscription("2", "client")];
    for (let at = 0; at < many; at++) add(at % 2 === 0 ? one : other, String(at));
    const before = tokens();
    const taken = [...(take(String(many - 1)) ?? []), ...(take(String(many - 2)) ?? [])];
    add(one, "late");
    let looks = 0;
    for (const entry of taken) watch(entry, () => looks++);
    ledger.restore(taken);
    expect(looks).toBeLessThan(100 * many);
    expect(tokens()).toEqual([...before, "late"]);
    expect(take("late")).toHaveLength(many / 2 + 1);
  });
});

test("what comes back after its place was given up stands in its old place again", () => {
  const { subscription, add, take, ledger } = book("1.2");
  const one = subscription("1", "client");
  for (const token of ["a", "b", "c", "d", "e"]) add(one, token);
  const taken = [take("b"), take("d")];
  add(one, "f");
  ledger.restore(taken.flatMap((entries) => entries ?? []));
  expect(tokensOf(take("c"))).toEqual(["a", "b", "c"]);
  expect(tokensOf(take("f"))).toEqual(["d", "e", "f"]);
});

test("what was acknowledged is let go of, although something older may come back", () => {
  const { subscription, add, take } = book("1.2");
  const one = subscription("1", "client-individual");
  add(one, "held");
  add(one, "next");
  const held = take("held");
  let last = "next";
  const grown = grownBytes(() => {
    for (let at = 0; at < 20_000; at++) {
      const next = String(at);
      add(one, next);
      take(last);
      last = next;
    }
    return held;
  });
  expect(grown).toBeLessThan(MEGABYTE);
});
