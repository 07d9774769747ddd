import { expect, test } from "vitest";
import { COMMANDS, NOT_PASSED_ON, ruleOf } from "../../src/protocol/commands.ts";
import { VERSIONS } from "../../src/protocol/version.ts";

test("has a rule for every command of STOMP", () => {
  expect([...COMMANDS].sort()).toEqual([
    "ABORT",
    "ACK",
    "BEGIN",
    "COMMIT",
    "CONNECT",
    "CONNECTED",
    "DISCONNECT",
    "ERROR",
    "MESSAGE",
    "NACK",
    "RECEIPT",
    "SEND",
    "STOMP",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
  ]);
});

test.each(["send", "Send", "constructor", "toString", "__proto__", ""])(
  "has none for %j",
  (name) => {
    expect(ruleOf(name)).toBeUndefined();
  },
);

test("only SEND, MESSAGE and ERROR may have a body", () => {
  expect(COMMANDS.filter((command) => ruleOf(command).body).sort()).toEqual([
    "ERROR",
    "MESSAGE",
    "SEND",
  ]);
});

test("CONNECT, STOMP and CONNECTED are never escaped", () => {
  expect(COMMANDS.filter((command) => !ruleOf(command).escaped).sort()).toEqual([
    "CONNECT",
    "CONNECTED",
    "STOMP",
  ]);
});

test("1.0 has no NACK, and is the only version without a command", () => {
  for (const command of COMMANDS) {
    for (const version of VERSIONS) {
      const missing = ruleOf(command).required[version] === null;
      expect(missing, `${command} in ${version}`).toBe(command === "NACK" && version === "1.0");
    }
  }
});

test("ACK names what it acknowledges differently in each version", () => {
  expect(ruleOf("ACK").required).toEqual({
    "1.0": ["message-id"],
    "1.1": ["message-id", "subscription"],
    "1.2": ["id"],
  });
});

test("the headers that a command needs are owned by it", () => {
  for (const command of COMMANDS) {
    const { required, owned } = ruleOf(command);
    for (const version of VERSIONS) {
      for (const name of required[version] ?? []) expect(owned, command).toContain(name);
    }
  }
});

test("nobody but the session writes content-length", () => {
  for (const command of COMMANDS)
    expect(ruleOf(command).owned, command).toContain("content-length");
});

test("a relay passes on nothing that would lie about the sender", () => {
  for (const name of ["message-id", "subscription", "ack", "receipt", "transaction", "passcode"]) {
    expect(NOT_PASSED_ON.has(name), name).toBe(true);
  }
});
