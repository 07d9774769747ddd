/** CONNECT before and after a WebSocket is open: what is offered, and what is agreed. */

import type { Frame, StompError, Version } from "stomp-engine";
import { equal } from "../client/equal.ts";
import type { Peer } from "../client/peer.ts";
import type { WebSocketClass } from "../client/websocket-link.ts";
import type { Checks } from "../report.ts";
import type { Platform } from "./everything.ts";

interface Course {
  readonly name: string;
  /** What the handshake offers; undefined: all. */
  readonly handshake?: readonly Version[];
  readonly when: "connecting" | "open";
  /** The accept-version of CONNECT. */
  readonly offered: string;
  readonly agreed: Version;
}

const COURSES: readonly Course[] = [
  // Sent once it is open, and then it is known what the handshake has brought.
  { name: "connect() at once", when: "connecting", offered: "1.2", agreed: "1.2" },
  {
    name: "connect() at once, narrowed by the handshake",
    handshake: ["1.0", "1.1"],
    when: "connecting",
    offered: "1.1",
    agreed: "1.1",
  },
  {
    name: "connect() once open",
    handshake: ["1.0", "1.1"],
    when: "open",
    offered: "1.1",
    agreed: "1.1",
  },
];

export async function checkOpening(
  checks: Checks,
  broker: Peer,
  platform: Platform,
): Promise<void> {
  const { webSocket } = platform;
  if (webSocket === undefined) return;
  for (const course of COURSES) {
    await checks.check(`WebSocket: ${course.name}`, () =>
      follow(course, broker, platform.engine().webSocket, webSocket()),
    );
  }
}

async function follow(
  { handshake, when, offered, agreed }: Course,
  { ws, login, passcode }: Peer,
  { WebSocketClient, subprotocols, subprotocolVersion }: typeof import("stomp-engine/websocket"),
  WebSocket: WebSocketClass,
): Promise<void> {
  const frames: Frame[] = [];
  let close: (error?: StompError) => void = () => undefined;
  const closed = new Promise<StompError | undefined>((resolve) => {
    close = resolve;
  });
  class Watched extends WebSocketClient {
    protected override onFrame(_: "in" | "out", frame: Frame): void {
      frames.push(frame);
    }
    protected override onConnected(): void {
      this.disconnect();
    }
    protected override onMessage(): void {}
    protected override onReceipt(): void {}
    protected override onError(): void {}
    protected override onClose({ error }: { readonly error?: StompError | undefined }): void {
      close(error);
    }
  }

  const socket = new WebSocket(ws ?? "", subprotocols(handshake));
  const ended = new Promise<{ readonly code: number }>((resolve) => {
    socket.addEventListener("close", resolve);
  });
  const client = new Watched(socket);
  const connect = () => client.connect({ login, passcode });
  if (when === "connecting") connect();
  else socket.addEventListener("open", connect);

  const error = await closed;
  if (error !== undefined) throw error;
  const [sent, received] = frames;
  equal([sent?.command, sent?.headers.get("accept-version")], ["CONNECT", offered]);
  equal([received?.command, received?.headers.get("version")], ["CONNECTED", agreed]);
  equal([subprotocolVersion(socket.protocol), client.version], [agreed, agreed]);
  equal((await ended).code, 1000, "close code:");
}
