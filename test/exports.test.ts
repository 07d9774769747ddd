/** The names that the package promises. Changing one of these lists is a change for users. */

import { describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };

describe("the entry points", () => {
  test("are these", () => {
    expect(Object.keys(manifest.exports)).toEqual([
      ".",
      "./websocket",
      "./tcp",
      "./testing",
      "./package.json",
    ]);
  });

  test("need nothing else", () => {
    expect(manifest).not.toHaveProperty("dependencies");
    expect(manifest).not.toHaveProperty("main");
  });

  test("stomp-engine", async () => {
    expect(Object.keys(await import("stomp-engine")).sort()).toEqual([
      "ApplicationError",
      "ConnectionError",
      "FrameParser",
      "PreparedMessage",
      "ProtocolError",
      "StompClient",
      "StompError",
      "StompServer",
      "StompSession",
      "encodeFrame",
      "systemClock",
    ]);
  });

  test("stomp-engine/websocket", async () => {
    expect(Object.keys(await import("stomp-engine/websocket")).sort()).toEqual([
      "WebSocketClient",
      "WebSocketCloseError",
      "WebSocketServer",
      "WebSocketTransport",
      "chooseSubprotocol",
      "subprotocolVersion",
      "subprotocols",
    ]);
  });

  test("stomp-engine/tcp", async () => {
    expect(Object.keys(await import("stomp-engine/tcp")).sort()).toEqual([
      "TcpClient",
      "TcpServer",
      "TcpTransport",
    ]);
  });
});
