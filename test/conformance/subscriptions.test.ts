/** A29–A33: SUBSCRIBE, UNSUBSCRIBE and MESSAGE. */

import { expect } from "vitest";
import type { AckMode } from "../../src/protocol/dialect.ts";
import type { Version } from "../../src/protocol/version.ts";
import { client } from "./client.ts";
import { ALL, frame, message, NEWER, served, subscribe } from "./frames.ts";
import { rule } from "./rule.ts";
import { server } from "./server.ts";

rule("A29", ALL, "server", "destination always, id from 1.1 on", (version) => {
  const bare = server(version);
  bare.says(frame("SUBSCRIBE", ["id:1"]));
  bare.expectError("missing-header");
  const anonymous = server(version);
  anonymous.says(frame("SUBSCRIBE", ["destination:/a"]));
  if (version === "1.0") expect(anonymous.hooks()).toEqual(["onSubscribe /a"]);
  else anonymous.expectError("missing-header");
});

rule("A29", ALL, "server", "an id that is in use is an ERROR", (version) => {
  const peer = server(version);
  peer.says(subscribe(), frame("SUBSCRIBE", ["id:1", "destination:/b"]));
  expect(peer.hooks()[0]).toBe("onSubscribe 1");
  expect(peer.session.lastError?.code).toBe("duplicate-subscription");
  expect(peer.session.closing?.subscriptions.map(({ destination }) => destination)).toEqual(["/a"]);
});

rule("A29", ALL, "server", "one destination may have several subscriptions", (version) => {
  const peer = server(version);
  peer.says(subscribe(), frame("SUBSCRIBE", ["id:2", "destination:/a"]));
  expect(peer.hooks()).toEqual(["onSubscribe 1", "onSubscribe 2"]);
  peer.deliver(1, "1");
  peer.deliver(1, "2");
  peer.expectAlive();
});

rule("A29", ALL, "server", "an id may be used again after UNSUBSCRIBE", (version) => {
  const peer = server(version);
  peer.says(subscribe(), frame("UNSUBSCRIBE", ["id:1"]), subscribe());
  expect(peer.hooks()).toEqual(["onSubscribe 1", "onUnsubscribe 1", "onSubscribe 1"]);
});

rule("A29", ALL, "client", "an id is always sent, and an id in use throws", (version) => {
  const peer = client(version);
  const one = peer.session.subscribe("/a");
  const two = peer.session.subscribe("/a");
  expect(one.id).not.toBe(two.id);
  expect(peer.heard()).toBe(
    [one, two].map(({ id }) => frame("SUBSCRIBE", [`id:${id}`, "destination:/a"])).join(""),
  );
  const duplicate = expect.objectContaining({ code: "duplicate-subscription" });
  expect(() => peer.session.subscribe("/b", { id: one.id })).toThrow(duplicate);
  expect(() => peer.session.subscribe("")).toThrow(
    expect.objectContaining({ code: "invalid-header" }),
  );
  peer.expectQuiet();
});

const MODES: Readonly<Record<Version, readonly AckMode[]>> = {
  "1.0": ["auto", "client"],
  "1.1": ["auto", "client", "client-individual"],
  "1.2": ["auto", "client", "client-individual"],
};

rule("A30", ALL, "server", "the modes of the version, auto unless told, no others", (version) => {
  for (const mode of MODES[version]) {
    const peer = server(version);
    peer.says(subscribe(`ack:${mode}`));
    expect(peer.session.subscriptions.get("1")?.ack).toBe(mode);
  }
  const silent = server(version);
  silent.says(subscribe());
  expect(silent.session.subscriptions.get("1")?.ack).toBe("auto");
  for (const mode of [
    "",
    "Client",
    "AUTO",
    "manual",
    ...(version === "1.0" ? ["client-individual"] : []),
  ]) {
    const peer = server(version);
    peer.says(subscribe(`ack:${mode}`));
    peer.expectError("invalid-header");
    expect(peer.session.closing?.subscriptions).toEqual([]);
  }
});

rule("A30", ALL, "client", "the modes of the version, no others", (version) => {
  const peer = client(version);
  for (const [index, ack] of MODES[version].entries()) {
    peer.session.subscribe("/a", { id: String(index), ack });
    const line = ack === "auto" ? [] : [`ack:${ack}`];
    expect(peer.heard()).toBe(frame("SUBSCRIBE", [`id:${index}`, "destination:/a", ...line]));
  }
  for (const ack of ["manual", ...(version === "1.0" ? ["client-individual"] : [])]) {
    expect(() => peer.session.subscribe("/a", { ack: ack as AckMode })).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  }
  peer.expectQuiet();
});

rule("A31", NEWER, "server", "UNSUBSCRIBE needs the id of a subscription", (version) => {
  const peer = server(version);
  peer.says(subscribe(), frame("UNSUBSCRIBE", ["destination:/a"]));
  expect(peer.hooks()).toContain("onError missing-header");
});

rule("A31", ALL, "server", "UNSUBSCRIBE of what is not there is an ERROR", (version) => {
  const peer = server(version);
  peer.says(subscribe(), frame("UNSUBSCRIBE", ["id:2"]));
  expect(peer.hooks()).toEqual([
    "onSubscribe 1",
    "onError unknown-subscription",
    "onClose error unknown-subscription",
  ]);
  const twice = server(version);
  twice.says(subscribe(), frame("UNSUBSCRIBE", ["id:1"]), frame("UNSUBSCRIBE", ["id:1"]));
  expect(twice.hooks()).toContain("onError unknown-subscription");
});

rule("A31", ["1.0"], "server", "UNSUBSCRIBE names it by id or destination", (version) => {
  for (const line of ["id:1", "destination:/a"]) {
    const peer = server(version);
    peer.says(subscribe(), frame("UNSUBSCRIBE", [line]));
    expect(peer.hooks()).toEqual(["onSubscribe 1", "onUnsubscribe 1"]);
    expect(peer.session.subscriptions.size).toBe(0);
  }
  const anonymous = server(version);
  anonymous.says(frame("SUBSCRIBE", ["destination:/a"]), frame("UNSUBSCRIBE", ["destination:/a"]));
  expect(anonymous.hooks()).toEqual(["onSubscribe /a", "onUnsubscribe /a"]);
  const nameless = server(version);
  nameless.says(frame("UNSUBSCRIBE"));
  nameless.expectError("missing-header");
});

rule(
  "A31",
  ALL,
  "client",
  "UNSUBSCRIBE carries the id; of what is not there it throws",
  (version) => {
    const peer = client(version);
    const subscription = peer.session.subscribe("/a", { id: "1" });
    peer.course();
    peer.session.unsubscribe(subscription);
    expect(peer.heard()).toBe(frame("UNSUBSCRIBE", ["id:1"]));
    const unknown = expect.objectContaining({ code: "unknown-subscription" });
    expect(() => peer.session.unsubscribe(subscription)).toThrow(unknown);
    expect(() => peer.session.unsubscribe("2")).toThrow(unknown);
    peer.expectQuiet();
  },
);

rule("A32", ALL, "server", "a MESSAGE has destination, message-id and subscription", (version) => {
  const peer = server(version);
  peer.says(subscribe());
  peer.session.message("1", { destination: "/a/b", messageId: "7", body: "x" });
  expect(peer.heard()).toBe(
    served(
      "MESSAGE",
      [
        "subscription:1",
        "message-id:7",
        "destination:/a/b",
        "content-type:text/plain",
        "content-length:1",
      ],
      "x",
    ),
  );
});

rule("A32", ALL, "server", "message ids that it makes differ", (version) => {
  const peer = server(version);
  peer.says(subscribe());
  const ids = Array.from(
    { length: 10 },
    () => peer.session.message("1", { destination: "/a" }).messageId,
  );
  expect(new Set(ids).size).toBe(10);
});

rule("A32", ["1.0"], "server", "no subscription header where the client gave no id", (version) => {
  const peer = server(version);
  peer.says(frame("SUBSCRIBE", ["destination:/a"]));
  peer.session.message("/a", { destination: "/a" });
  expect(peer.heard()).toBe(served("MESSAGE", ["message-id:m-1", "destination:/a"]));
});

rule("A32", ALL, "client", "a MESSAGE without what it needs is fatal", (version) => {
  const lines = ["destination:/a", "message-id:1", "subscription:1"];
  for (const missing of lines) {
    const peer = client(version);
    peer.session.subscribe("/a", { id: "1" });
    peer.heard();
    peer.says(
      served(
        "MESSAGE",
        lines.filter((line) => line !== missing),
      ),
    );
    if (version === "1.0" && missing === "subscription:1")
      expect(peer.hooks()).toEqual(["onMessage /a"]);
    else peer.expectFailed("missing-header");
  }
});

rule("A33", ALL, "server", "ack in 1.2 only, and for subscriptions that acknowledge", (version) => {
  for (const mode of MODES[version]) {
    const peer = server(version);
    peer.says(subscribe(`ack:${mode}`));
    const delivery = peer.session.message("1", { destination: "/a" });
    const expected = version === "1.2" && mode !== "auto";
    expect(peer.heard().includes("\nack:")).toBe(expected);
    expect(delivery.ackId === undefined).toBe(!expected);
  }
});

rule(
  "A33",
  ["1.2"],
  "server",
  "each ack is another one, and an application's own is sent as given",
  (version) => {
    const peer = server(version);
    peer.says(
      subscribe("ack:client"),
      frame("SUBSCRIBE", ["id:2", "destination:/a", "ack:client"]),
    );
    const ids = ["1", "2", "1"].map(
      (id) => peer.session.message(id, { destination: "/a", messageId: "7" }).ackId,
    );
    expect(new Set(ids).size).toBe(3);
    peer.course();
    peer.session.message("1", { destination: "/a" }, { ackId: "mine:1" });
    expect(peer.heard()).toContain("\nack:mine\\c1\n");
    expect(() => peer.session.message("2", { destination: "/a" }, { ackId: "mine:1" })).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
    peer.expectQuiet();
  },
);

rule(
  "A33",
  ["1.2"],
  "client",
  "an auto subscription needs no ack, another acknowledges by it",
  (version) => {
    const peer = client(version);
    peer.session.subscribe("/a", { id: "1" });
    peer.session.subscribe("/a", { id: "2", ack: "client" });
    peer.heard();
    peer.says(served("MESSAGE", ["destination:/a", "message-id:7", "subscription:1"]));
    peer.says(message(version, 3).replace("subscription:1", "subscription:2"));
    expect(peer.hooks()).toEqual(["onMessage 1", "onMessage 2"]);
    peer.session.messages[1]?.ack();
    expect(peer.heard()).toBe(frame("ACK", ["id:a-3"]));
  },
);
