/** A43–A45: RECEIPT and ERROR. */

import { expect } from "vitest";
import { ApplicationError } from "../../src/errors.ts";
import { client } from "./client.ts";
import { ALL, acknowledging, frame, message, served, subscribe } from "./frames.ts";
import { rule } from "./rule.ts";
import { server } from "./server.ts";
import { later, turns } from "./waiting.ts";

function receipt(id: string): string {
  return served("RECEIPT", [`receipt-id:${id}`]);
}

rule("A43", ALL, "server", "every command may ask, and is answered after its hook", (version) => {
  const peer = server(version);
  peer.says(subscribe("ack:client", "receipt:1"));
  expect(peer.course()).toEqual(["onSubscribe 1", `> ${receipt("1")}`]);
  peer.deliver(1);
  const commands: [string, string[], string[]][] = [
    ["SEND", ["destination:/a"], ["onMessage /a"]],
    ["BEGIN", ["transaction:t"], ["onBegin t"]],
    ["ACK", [...acknowledging(version, 1), "transaction:t"], []],
    ["COMMIT", ["transaction:t"], ["onCommit t ack", "onAck m-1"]],
    ["BEGIN", ["transaction:u"], ["onBegin u"]],
    ["ABORT", ["transaction:u"], ["onAbort u"]],
    ["UNSUBSCRIBE", ["id:1"], ["onUnsubscribe 1"]],
  ];
  for (const [command, lines, hooks] of commands) {
    peer.says(frame(command, [...lines, "receipt:2"]));
    expect(peer.course(), command).toEqual([...hooks, `> ${receipt("2")}`]);
  }
});

rule("A43", ALL, "server", "the value comes back as it came, escaped again", (version) => {
  const values =
    version === "1.0" ? ["", "a:b", "a\\c", "é"] : ["", " a b ", "a\\cb", "\\\\\\n", "__proto__"];
  for (const value of values) {
    const peer = server(version);
    peer.says(frame("SEND", ["destination:/a", `receipt:${value}`]));
    expect(Buffer.from(peer.heard(), "latin1").toString()).toBe(receipt(value));
  }
});

rule(
  "A43",
  ALL,
  "server",
  "no RECEIPT before the hook is through, none overtakes another",
  async (version) => {
    const works = [later(), later(), later()];
    let started = 0;
    const peer = server(
      version,
      { maxInFlight: 2 },
      { onMessage: () => works[started++]?.promise },
    );
    for (const id of ["1", "2", "3"]) peer.says(frame("SEND", ["destination:/a", `receipt:${id}`]));
    expect(started).toBe(2);
    works[1]?.resolve();
    await turns();
    expect(peer.heard()).toBe("");
    works[0]?.resolve();
    await turns();
    expect(peer.heard()).toBe(receipt("1") + receipt("2"));
    expect(started).toBe(3);
    works[2]?.resolve();
    await turns();
    expect(peer.heard()).toBe(receipt("3"));
  },
);

rule("A43", ALL, "client", "a RECEIPT confirms the command that asked for it", async (version) => {
  const peer = client(version);
  const one = peer.session.message("/a", "x", { receipt: "a:b" });
  const other = peer.session.message("/a", "x", { receipt: true });
  expect(other.id).not.toBe(one.id);
  const wire = version === "1.0" ? "a:b" : "a\\cb";
  expect(peer.heard()).toContain(`\nreceipt:${wire}\n`);
  peer.says(receipt("nobody's"), receipt(wire), receipt(wire));
  expect(peer.hooks()).toEqual(["onReceipt a:b"]);
  expect((await one.done).command).toBe("RECEIPT");
  peer.session.receiveEnd();
  await expect(other.done).rejects.toMatchObject({ code: "connection-lost" });
  expect(peer.session.closing?.unconfirmed).toEqual([other]);
});

rule("A44", ALL, "server", "ERROR names the receipt, and there is no RECEIPT", (version) => {
  const refusal = new ApplicationError("No", { body: "Why not: see above" });
  const peer = server(
    version,
    {},
    {
      onMessage: () => {
        throw refusal;
      },
    },
  );
  peer.says(frame("SEND", ["destination:/a", "receipt:7"]));
  const error = peer.expectError("refused");
  expect(error).toContain("\nreceipt-id:7\n");
  expect(error).toContain("\ncontent-type:text/plain\n");
  expect(error).toContain("\ncontent-length:18\n");
  expect(error).not.toContain("RECEIPT");
});

rule(
  "A44",
  ALL,
  "server",
  "also where the frame itself is wrong, or the answer comes late",
  async (version) => {
    const wrong = server(version);
    wrong.says(frame("SEND", ["receipt:7"]));
    expect(wrong.expectError("missing-header")).toContain("\nreceipt-id:7\n");
    const work = later();
    const late = server(version, {}, { onMessage: () => work.promise });
    late.says(frame("SEND", ["destination:/a", "receipt:8"]));
    work.reject(new ApplicationError("No"));
    await turns();
    expect(late.expectError("refused")).toContain("\nreceipt-id:8\n");
  },
);

rule(
  "A44",
  ALL,
  "client",
  "ERROR fails the command that it names, the others are lost",
  async (version) => {
    const peer = client(version);
    const one = peer.session.message("/a", "x", { receipt: true });
    const other = peer.session.message("/b", "x", { receipt: true });
    peer.says(served("ERROR", ["message:no", `receipt-id:${other.id}`], "because"));
    await expect(other.done).rejects.toMatchObject({ code: "error-frame" });
    await expect(one.done).rejects.toMatchObject({
      code: "connection-lost",
      cause: { code: "error-frame" },
    });
    expect(peer.session.closing?.unconfirmed).toEqual([one]);
  },
);

rule("A45", ALL, "server", "nothing behind the fault is looked at", (version) => {
  const peer = server(version);
  peer.says(
    frame("SEND", ["destination:/a"]) +
      frame("SEND") +
      frame("SEND", ["destination:/b"]) +
      frame("DISCONNECT", ["receipt:1"]),
  );
  expect(peer.session.messages.map(({ destination }) => destination)).toEqual(["/a"]);
  const error = peer.expectError("missing-header");
  expect(error).toMatch(/^ERROR\n[^\0]*\0\n$/);
  expect(peer.log.ends).toEqual(["flush"]);
});

rule(
  "A45",
  ALL,
  "server",
  "an ERROR by the application is the end too, and no command goes on",
  (version) => {
    const peer = server(version);
    peer.says(subscribe());
    peer.course();
    peer.session.error("Go away");
    expect(peer.course()).toEqual([
      `> ${served("ERROR", ["message:Go away"])}`,
      "(end flush)",
      "onClose error refused",
    ]);
    peer.says(frame("SEND", ["destination:/a"]));
    expect(() => peer.session.message("1", { destination: "/a" })).toThrow(
      expect.objectContaining({ code: "closed" }),
    );
    expect(() => peer.session.error("Again")).toThrow(expect.objectContaining({ code: "closed" }));
    expect(peer.course()).toEqual([]);
  },
);

rule(
  "A45",
  ALL,
  "server",
  "what was pending when it came has no effect any more",
  async (version) => {
    const work = later();
    const peer = server(version, {}, { onMessage: () => work.promise });
    peer.says(frame("SEND", ["destination:/a", "receipt:1"]));
    peer.session.error("Go away");
    peer.course();
    work.resolve();
    await turns();
    expect(peer.course()).toEqual([]);
  },
);

rule("A45", ALL, "client", "ERROR is the end, whatever follows", async (version) => {
  const peer = client(version);
  const asked = peer.session.message("/a", "x", { receipt: "1" });
  peer.heard();
  peer.says(served("ERROR", ["message:no"]) + receipt("1") + message(version, 1));
  await expect(asked.done).rejects.toMatchObject({ code: "connection-lost" });
  expect(peer.expectFailed("error-frame")).toBe("");
  expect(peer.log.ends).toEqual(["flush"]);
  expect(() => peer.session.message("/a")).toThrow(expect.objectContaining({ code: "closed" }));
});
