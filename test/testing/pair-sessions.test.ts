import { describe, expect, expectTypeOf, test } from "vitest";
import type { Transport } from "../../src/session/link.ts";
import type { SentMessage } from "../../src/session/sent-message.ts";
import { StompServer } from "../../src/session/server.ts";
import type { ServerOptions } from "../../src/session/server-options.ts";
import {
  Pair,
  type PairEnd,
  PairedClient,
  PairedServer,
  RecordingClient,
  RecordingServer,
} from "../../src/testing/index.ts";
import { TcpClient, TcpServer } from "../../src/transport/tcp.ts";
import { WebSocketClient, WebSocketServer } from "../../src/transport/websocket.ts";

describe("one's own sessions", () => {
  const echoed = [
    'C> SEND destination:/a content-type:text/plain "hi"',
    'S! onMessage /a "hi"',
    'S> MESSAGE subscription:0 message-id:m destination:/a "hi"',
    'C! onMessage 0 "hi"',
  ];

  /** What any server of these tests does. */
  const echo = (server: StompServer, message: SentMessage) => {
    server.message("0", { destination: message.destination, messageId: "m", body: message.body });
  };

  /** An application's server that takes whatever transport it is given. */
  class Composed extends StompServer {
    readonly #transport: Transport;

    constructor(transport: Transport, options: ServerOptions) {
      super(options);
      this.#transport = transport;
    }

    protected override sendData(data: Uint8Array<ArrayBuffer>) {
      return this.#transport.sendData(data);
    }

    protected override sendEnd(how: "flush" | "now") {
      this.#transport.sendEnd(how);
    }

    protected override onConnect() {
      return true;
    }

    protected override onMessage(message: SentMessage) {
      echo(this, message);
    }

    protected override onSubscribe() {}
    protected override onUnsubscribe() {}
    protected override onAck() {}
    protected override onNack() {}
    protected override onDisconnect() {}
    protected override onError() {}
  }

  class Paired extends PairedServer {
    protected override onConnect = () => true;
    protected override onMessage = (message: SentMessage) => echo(this, message);
    protected override onSubscribe = () => {};
    protected override onUnsubscribe = () => {};
    protected override onAck = () => {};
    protected override onNack = () => {};
    protected override onDisconnect = () => {};
    protected override onError = () => {};
  }

  class OverWebSocket extends WebSocketServer {
    protected override onConnect = () => true;
    protected override onMessage = (message: SentMessage) => echo(this, message);
    protected override onSubscribe = () => {};
    protected override onUnsubscribe = () => {};
    protected override onAck = () => {};
    protected override onNack = () => {};
    protected override onDisconnect = () => {};
    protected override onError = () => {};
  }

  class OverTcp extends TcpServer {
    protected override onConnect = () => true;
    protected override onMessage = (message: SentMessage) => echo(this, message);
    protected override onSubscribe = () => {};
    protected override onUnsubscribe = () => {};
    protected override onAck = () => {};
    protected override onNack = () => {};
    protected override onDisconnect = () => {};
    protected override onError = () => {};
  }

  const servers: Record<string, (end: PairEnd) => StompServer> = {
    "that take a transport": (end) => new Composed(end, { clock: end.clock }),
    "that extend PairedServer": (end) => new Paired(end),
    "that extend WebSocketServer": (end) =>
      new OverWebSocket(end.webSocket(), { clock: end.clock }),
    "that extend TcpServer": (end) => new OverTcp(end.socket(), { clock: end.clock }),
  };

  test.each(Object.entries(servers))("%s work as they are", (_, server) => {
    const pair = Pair.connected("1.2", { server });
    pair.client.subscribe("/a", { id: "0" });
    pair.drive();
    pair.client.message("/a", "hi");
    expect(pair.drive()).toEqual(echoed);
    pair.client.message("/a", new Uint8Array(10_000));
    expect(pair.drive().at(-1)).toMatch(/^C! onMessage 0 .* <10000 bytes>$/);
    pair.client.disconnect({ receipt: "bye" });
    expect(pair.drive().filter((line) => line.includes("onClose"))).toEqual([
      "S! onClose disconnect",
      "C! onClose disconnect",
    ]);
    expect(pair.clock.pending).toBe(0);
  });

  test("are in the time of the pair, also where an option is given as undefined", () => {
    const pair = new Pair({
      client: (end) => new RecordingClient(end, { clock: undefined }),
      server: (end) => new RecordingServer(end, { clock: undefined, sessionId: undefined }),
    });
    pair.client.connect();
    pair.drive();
    expect(pair.client.session).toBe("session-1");
    pair.toServer.held = true;
    expect(pair.advance(30_000)).toContain("S! onError heart-beat-lost");
    pair.toServer.held = false;
    pair.hangUp();
    expect(pair.clock.pending).toBe(0);
  });

  test("may be clients as well", () => {
    const hooks = { onConnected() {}, onMessage() {}, onReceipt() {}, onError() {} };
    class Mine extends PairedClient {
      protected override onConnected = hooks.onConnected;
      protected override onMessage = hooks.onMessage;
      protected override onReceipt = hooks.onReceipt;
      protected override onError = hooks.onError;
    }
    class MineOverWebSocket extends WebSocketClient {
      protected override onConnected = hooks.onConnected;
      protected override onMessage = hooks.onMessage;
      protected override onReceipt = hooks.onReceipt;
      protected override onError = hooks.onError;
    }
    class MineOverTcp extends TcpClient {
      protected override onConnected = hooks.onConnected;
      protected override onMessage = hooks.onMessage;
      protected override onReceipt = hooks.onReceipt;
      protected override onError = hooks.onError;
    }
    const clients = [
      Pair.connected("1.2", { client: (end) => new Mine(end) }),
      Pair.connected("1.2", {
        client: (end) => new MineOverWebSocket(end.webSocket(), { clock: end.clock }),
      }),
      Pair.connected("1.2", {
        client: (end) => new MineOverTcp(end.socket(), { clock: end.clock }),
      }),
    ];
    for (const pair of clients) {
      pair.client.message("/a", "hi", { receipt: "1" });
      expect(pair.drive().at(-1)).toBe("C! onReceipt 1");
      expect(pair.hangUp()).toContain("C! onClose ended");
      expect(pair.clock.pending).toBe(0);
    }
  });

  test("keep their types", () => {
    const pair = Pair.connected("1.2", { server: (end) => new Paired(end) });
    expectTypeOf(pair.server).toEqualTypeOf<Paired>();
    expectTypeOf(pair.client).toEqualTypeOf<RecordingClient>();
  });
});
