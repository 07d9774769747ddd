import { ApplicationError } from "stomp-engine";
import { describe, expect, test } from "vitest";
import { DIALECTS } from "../../src/protocol/dialect.ts";
import { Frame } from "../../src/protocol/frame.ts";
import { headersOf } from "../../src/protocol/headers.ts";
import {
  acceptanceOf,
  connectedHeaders,
  introductionOf,
} from "../../src/session/server-introduction.ts";
import { settleServer } from "../../src/session/server-options.ts";
import { codeOf } from "./scripted.ts";

const connect = (headers: Record<string, string>, command = "CONNECT") =>
  new Frame(command, headersOf(Object.entries(headers)), new Uint8Array(0));

describe("CONNECT", () => {
  test.each([
    [{}, "1.0"],
    [{ "accept-version": "1.0,1.1,2.0" }, "1.1"],
    [{ "accept-version": "1.2, 1.1" }, "1.2"],
    [{ "accept-version": "1.1,1.2" }, "1.2"],
    [{ "accept-version": "" }, "version-mismatch"],
    [{ "accept-version": "1.10,11.2,2" }, "version-mismatch"],
    [{ "accept-version": "1.2", "heart-beat": "1,2" }, "1.2"],
    [{ "accept-version": "1.2", "heart-beat": "1" }, "invalid-header"],
    [{ "heart-beat": "nonsense" }, "1.0"],
  ])("with %j comes to %s", (headers, outcome) => {
    const introduction = introductionOf(connect(headers), settleServer(undefined));
    expect("code" in introduction ? introduction.code : introduction.request.version).toBe(outcome);
  });

  test.each([
    [{ "accept-version": "1.1" }, "missing-header"],
    [{ "accept-version": "1.1", host: "" }, "1.1"],
    [{ "accept-version": "1.1, 1.2", host: "/" }, "1.1"],
    [{}, "1.0"],
  ])("with %j comes to %s if that is taken strictly", (headers, outcome) => {
    const introduction = introductionOf(connect(headers, "STOMP"), settleServer({ strict: true }));
    expect("code" in introduction ? introduction.code : introduction.request.version).toBe(outcome);
  });

  test("is taken as it stands from 1.1 on, and without padding in 1.0", () => {
    const headers = { login: " me ", passcode: " a\\cb " };
    const later = introductionOf(
      connect({ ...headers, "accept-version": "1.1" }),
      settleServer({}),
    );
    expect(later).toMatchObject({
      request: { login: " me ", passcode: " a\\cb ", host: undefined },
    });
    const first = introductionOf(connect(headers), settleServer({}));
    expect(first).toMatchObject({ request: { login: "me", passcode: "a\\cb" } });
  });
});

describe("an answer to it", () => {
  test.each([
    [true, {}],
    ["mine", { session: "mine" }],
    [
      { session: "s", headers: { k: "v" } },
      { session: "s", headers: { k: "v" } },
    ],
  ])("%j accepts", (answer, acceptance) => {
    expect(acceptanceOf(answer)).toEqual(acceptance);
  });

  test("false refuses", () => {
    expect(() => acceptanceOf(false)).toThrow(ApplicationError);
  });

  test.each([undefined, null, 1, { restore: {} }])("%j is none", (answer) => {
    expect(codeOf(() => acceptanceOf(answer))).toBe("invalid-option");
  });
});

describe("CONNECTED", () => {
  const settings = settleServer({ server: "shop/1", heartBeat: { sendMs: 500, receiveMs: 600 } });

  test("carries our own offer, where there are heart-beats", () => {
    expect(connectedHeaders(DIALECTS["1.2"], "s", settings, { headers: { k: "v" } })).toEqual([
      "version",
      "1.2",
      "session",
      "s",
      "server",
      "shop/1",
      "heart-beat",
      "500,600",
      "k",
      "v",
    ]);
    expect(connectedHeaders(DIALECTS["1.0"], "s", settleServer(undefined), {})).toEqual([
      "version",
      "1.0",
      "session",
      "s",
    ]);
  });

  test.each(["version", "session", "server", "heart-beat", "content-length"])(
    "is not told %s",
    (name) => {
      const acceptance = { headers: { [name]: "x" } };
      expect(codeOf(() => connectedHeaders(DIALECTS["1.2"], "s", settings, acceptance))).toBe(
        "owned-header",
      );
    },
  );
});
