import { describe, expect, test } from "vitest";
import {
  chooseSubprotocol,
  negotiatedVersions,
  subprotocols,
  subprotocolVersion,
} from "../../src/transport/subprotocol.ts";

describe("subprotocols", () => {
  test("offers all versions, the best first", () => {
    expect(subprotocols()).toEqual(["v12.stomp", "v11.stomp", "v10.stomp"]);
  });

  test("offers those that are asked for, whatever their order", () => {
    expect(subprotocols(["1.0", "1.2"])).toEqual(["v12.stomp", "v10.stomp"]);
    expect(subprotocols([])).toEqual([]);
  });
});

describe("chooseSubprotocol", () => {
  test.each<[string, Parameters<typeof chooseSubprotocol>[0], string | undefined]>([
    ["a header", "v10.stomp, v12.stomp,v11.stomp", "v12.stomp"],
    ["an array", ["v10.stomp", "v11.stomp"], "v11.stomp"],
    ["an array of headers", ["graphql-ws, v10.stomp", "v11.stomp , mqtt"], "v11.stomp"],
    ["the set that ws hands over", new Set(["v10.stomp"]), "v10.stomp"],
    ["others' names only", "mqtt, stomp, v12.stomp2, V12.STOMP", undefined],
    ["an empty header", "", undefined],
    ["no header", undefined, undefined],
  ])("takes %s", (_, offered, chosen) => {
    expect(chooseSubprotocol(offered)).toBe(chosen);
  });

  test("chooses among the server's own versions", () => {
    expect(chooseSubprotocol("v12.stomp, v11.stomp", ["1.0", "1.1"])).toBe("v11.stomp");
    expect(chooseSubprotocol("v12.stomp", ["1.0", "1.1"])).toBeUndefined();
  });
});

test("subprotocolVersion knows the versions, and nothing else", () => {
  expect(subprotocols().map(subprotocolVersion)).toEqual(["1.2", "1.1", "1.0"]);
  expect(subprotocolVersion("")).toBeUndefined();
  expect(subprotocolVersion("mqtt")).toBeUndefined();
});

describe("negotiatedVersions", () => {
  test("is what was negotiated, if something was", () => {
    expect(negotiatedVersions("v11.stomp", undefined)).toEqual(["1.1"]);
    expect(negotiatedVersions("v11.stomp", ["1.2", "1.1"])).toEqual(["1.1"]);
    expect(negotiatedVersions("v11.stomp", ["1.2"])).toEqual([]);
  });

  test("is what it was otherwise", () => {
    expect(negotiatedVersions("", undefined)).toBeUndefined();
    expect(negotiatedVersions("mqtt", ["1.2"])).toEqual(["1.2"]);
  });
});
