import { describe, expect, test } from "vitest";
import { COMMANDS, ruleOf } from "../../src/protocol/commands.ts";
import { DIALECTS } from "../../src/protocol/dialect.ts";
import { Frame } from "../../src/protocol/frame.ts";
import { headersOf } from "../../src/protocol/headers.ts";
import { clientFault, fault, required, serverFault } from "../../src/session/faults.ts";
import type { State } from "../../src/session/state.ts";
import { VERSIONS } from "./scripted.ts";

const frame = (command: string, headers: readonly string[] = []) =>
  new Frame(command, headersOf(headers.map((name) => [name, "x"])), new Uint8Array(0));
const STATES: readonly State[] = ["idle", "connecting", "connected", "disconnecting"];
const ALL = ["destination", "id", "message-id", "subscription", "transaction", "receipt-id"];

describe.each(VERSIONS)("in %s", (version) => {
  const spoken = DIALECTS[version];

  test.each(COMMANDS)("a server takes %s when and if it has it", (command) => {
    const rule = ruleOf(command);
    const connects = command === "CONNECT" || command === "STOMP";
    for (const state of STATES) {
      const code = serverFault(frame(command, ALL), state, spoken)?.code;
      if (connects) expect(code).toBe(state === "idle" ? undefined : "unexpected-command");
      else if (state === "idle" || rule.from === "server") expect(code).toBe("unexpected-command");
      else expect(code).toBe(rule.required[version] === null ? "unknown-command" : undefined);
    }
  });

  test.each(COMMANDS)("a client takes %s when it may come", (command) => {
    const { from } = ruleOf(command);
    for (const state of STATES) {
      const code = clientFault(frame(command, ALL), state, spoken)?.code;
      const expected =
        from === "server" &&
        state !== "idle" &&
        (command === "ERROR" || (command === "CONNECTED") === (state === "connecting"));
      expect(code).toBe(expected ? undefined : "unexpected-command");
    }
  });

  test.each(COMMANDS)("%s needs each of its headers, and a destination needs a name", (command) => {
    const { from, required: needed } = ruleOf(command);
    const faultOf = from === "client" ? serverFault : clientFault;
    const state =
      command === "CONNECT" || command === "STOMP"
        ? "idle"
        : command === "CONNECTED"
          ? "connecting"
          : "connected";
    for (const name of needed[version] ?? []) {
      const others = ALL.filter((each) => each !== name);
      expect(faultOf(frame(command, others), state, spoken)).toMatchObject({
        code: "missing-header",
        command,
      });
      if (name !== "destination") continue;
      const nowhere = new Frame(
        command,
        headersOf([["destination", ""], ...others.map((each) => [each, "x"] as const)]),
        new Uint8Array(0),
      );
      expect(faultOf(nowhere, state, spoken)?.code).toBe("invalid-header");
    }
  });
});

test("a command that STOMP does not have is left to the server's application, and wrong for a client", () => {
  expect(serverFault(frame("PING"), "connected", DIALECTS["1.2"])).toBeUndefined();
  expect(clientFault(frame("PING"), "connected", DIALECTS["1.2"])?.code).toBe("unknown-command");
});

test("an ERROR before a version is agreed on needs nothing", () => {
  expect(clientFault(frame("ERROR"), "connecting", undefined)).toBeUndefined();
});

test("a fault has its frame with it, without a passcode", () => {
  const { frame: harmless, command } = fault(
    "invalid-header",
    "x",
    frame("SEND", ["passcode", "k"]),
  );
  expect([command, harmless?.headers.all()]).toEqual([
    "SEND",
    [
      ["passcode", "***"],
      ["k", "x"],
    ],
  ]);
});

test("a header that was found to be there is there", () => {
  expect(required(frame("SEND", ["destination"]), "destination")).toBe("x");
});
