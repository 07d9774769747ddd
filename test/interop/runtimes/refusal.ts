/** A WebSocket that never opens: platforms tell it by different events, an engine in one way. */

import type { StompError } from "stomp-engine";
import { equal } from "../client/equal.ts";
import type { WebSocketClass } from "../client/websocket-link.ts";
import type { Checks } from "../report.ts";
import type { Platform } from "./everything.ts";

/** For events that come after the end. */
const AFTERWARDS_MS = 50;

export async function checkRefusal(checks: Checks, platform: Platform): Promise<void> {
  const { engine, refusing, webSocket } = platform;
  if (webSocket === undefined) return;
  await checks.check("WebSocket: a handshake that is refused", () =>
    beRefused(engine().webSocket, webSocket(), refusing),
  );
}

async function beRefused(
  { WebSocketClient, subprotocols }: typeof import("stomp-engine/websocket"),
  WebSocket: WebSocketClass,
  url: string,
): Promise<void> {
  const told: string[] = [];
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  class Hopeful extends WebSocketClient {
    protected override onConnected(): void {
      told.push("onConnected");
    }
    protected override onMessage(): void {}
    protected override onReceipt(): void {}
    protected override onError({ code }: StompError): void {
      told.push(`onError ${code}`);
    }
    protected override onClose({ reason }: { readonly reason: string }): void {
      told.push(`onClose ${reason}`);
      end();
    }
  }
  new Hopeful(new WebSocket(url, subprotocols())).connect();
  await ended;
  await new Promise((resolve) => setTimeout(resolve, AFTERWARDS_MS));
  equal(told, ["onError connection-lost", "onClose lost"]);
}
