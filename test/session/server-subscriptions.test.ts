import type { Version } from "stomp-engine";
import { describe, expect, test } from "vitest";
import { DIALECTS } from "../../src/protocol/dialect.ts";
import { headersOf } from "../../src/protocol/headers.ts";
import {
  restored,
  SubscriptionRecord,
  Subscriptions,
} from "../../src/session/server-subscriptions.ts";

const entries = (headers: object) => headersOf(Object.entries(headers));
const record = (
  headers: { id?: string; destination?: string; k?: string },
  version: Version = "1.2",
) =>
  new SubscriptionRecord(headers.destination ?? "/a", "auto", entries(headers), DIALECTS[version]);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("a subscription", () => {
  test("goes by its id, or by its destination if it has none", () => {
    const named = record({ id: "1", destination: "/a", k: "v" });
    expect([named.id, named.name, text(named.prefix), named.active]).toEqual([
      "1",
      "1",
      "MESSAGE\nsubscription:1\nmessage-id:",
      true,
    ]);
    expect(named.prefix).toBe(named.prefix);
    expect(named.deliveries).toBe(named.deliveries);
    expect([...named.userHeaders]).toEqual([["k", "v"]]);
    const unnamed = record({ destination: "/a" }, "1.0");
    expect([unnamed.id, unnamed.name, text(unnamed.prefix)]).toEqual([
      "/a",
      undefined,
      "MESSAGE\nmessage-id:",
    ]);
  });

  test("out of a snapshot is as good as one that was asked for", () => {
    const back = restored(
      { id: "1", destination: "/a", ack: "client", headers: [["k", "v"]] },
      DIALECTS["1.1"],
    );
    expect([back.id, back.destination, back.ack, back.name]).toEqual(["1", "/a", "client", "1"]);
    expect(back.headers.all()).toEqual([
      ["id", "1"],
      ["destination", "/a"],
      ["ack", "client"],
      ["k", "v"],
    ]);
  });
});

describe("all subscriptions", () => {
  test("are found by id, and in 1.0 by destination", () => {
    const all = new Subscriptions();
    const [one, other] = [record({ id: "1", destination: "/a" }), record({ destination: "/b" })];
    all.add(one);
    all.add(other);
    expect(all.named(entries({ id: "1", destination: "/b" }))).toBe(one);
    expect(all.named(entries({ destination: "/b" }))).toBe(other);
    expect(all.named(entries({ destination: "/c" }))).toBeUndefined();
    expect(all.named(entries({}))).toBeUndefined();
  });

  test("remember what was dropped, each once, until the id is used again", () => {
    const all = new Subscriptions();
    const subscriptions = ["1", "2", "3"].map((id) => record({ id, destination: `/${id}` }));
    for (const each of subscriptions) {
      all.add(each);
      all.drop(each, 0);
      expect(each.active).toBe(false);
    }
    expect([all.wasDropped(entries({ id: "1" })), all.wasDropped(entries({ id: "1" }))]).toEqual([
      true,
      false,
    ]);
    expect(all.wasDropped(entries({ destination: "/2" }))).toBe(true);
    expect(all.wasDropped(entries({ destination: "/2" }))).toBe(false);
    expect(all.wasDropped(entries({}))).toBe(false);
    all.add(record({ id: "3", destination: "/new" }));
    expect(all.wasDropped(entries({ id: "3" }))).toBe(false);
  });
});
