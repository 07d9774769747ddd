/**
 * STOMP over WebSocket ("stomp-engine/websocket"): those of browsers, workers, Node, Bun and Deno,
 * and those of the `ws` package, as a client and as a server.
 *
 * A frame travels as one message; a received message may hold any number of frames, or a part of one.
 * Make the session in the same turn in which you got the socket: what arrives earlier is lost.
 */

import { VERSIONS, type Version } from "../protocol/version.ts";
import { StompClient } from "../session/client.ts";
import type { ClientOptions, ConnectOptions } from "../session/client-options.ts";
import { StompServer } from "../session/server.ts";
import type { ServerOptions } from "../session/server-options.ts";
import { negotiatedVersions } from "./subprotocol.ts";
import type { WebSocketLike } from "./websocket-like.ts";
import {
  CONNECTING,
  checkedWebSocket,
  type WebSocketOptions,
  WebSocketTransport,
} from "./websocket-transport.ts";

export {
  chooseSubprotocol,
  type Subprotocol,
  subprotocols,
  subprotocolVersion,
} from "./subprotocol.ts";
export {
  WebSocketCloseError,
  type WebSocketCloseEvent,
  type WebSocketErrorEvent,
  type WebSocketLike,
} from "./websocket-like.ts";
export { type WebSocketOptions, WebSocketTransport } from "./websocket-transport.ts";

/** A client on a WebSocket: a subclass has only the hooks to write. */
export abstract class WebSocketClient extends StompClient {
  readonly #socket: WebSocketLike;
  readonly #versions: readonly Version[] | undefined;
  readonly #transport: WebSocketTransport;

  /** @param socket Connecting or open: `new WebSocket(url, subprotocols())`. */
  constructor(socket: WebSocketLike, options?: ClientOptions & WebSocketOptions) {
    super(options);
    this.#socket = socket;
    this.#versions = options?.versions;
    this.#transport = new WebSocketTransport(socket, this, options);
  }

  /**
   * May be called before the socket is open: CONNECT waits for that. It offers only the version that
   * the handshake has negotiated, if it has.
   *
   * @throws {ProtocolError} As that of `StompClient`.
   */
  override connect(options: ConnectOptions = {}): void {
    const socket = this.#socket;
    if (socket.readyState === CONNECTING) {
      const send = this.connectLater(options);
      socket.addEventListener("open", () => send(negotiatedVersions(socket.protocol, VERSIONS)));
    } else {
      const versions = options.versions ?? this.#versions;
      super.connect({ ...options, versions: negotiatedVersions(socket.protocol, versions) });
    }
  }

  protected override sendData(data: Uint8Array<ArrayBuffer>): boolean {
    return this.#transport.sendData(data);
  }

  protected override sendEnd(how: "flush" | "now"): void {
    this.#transport.sendEnd(how);
  }

  protected override resumeReading(): void {
    this.#transport.resumeReading();
  }
}

/** A server on a WebSocket: a subclass has only the hooks to write. */
export abstract class WebSocketServer<Token = unknown> extends StompServer<Token> {
  readonly #transport: WebSocketTransport;

  /** @param socket Open. Its subprotocol decides the version, if it stands for one of those to speak. */
  constructor(socket: WebSocketLike, options: ServerOptions & WebSocketOptions = {}) {
    checkedWebSocket(options);
    const left = negotiatedVersions(socket.protocol, options.versions);
    // None is left if the handshake offers more than the session speaks. What a client chose throws
    // nothing at whoever listens: that client is told, when it connects.
    super({ ...options, versions: left?.length === 0 ? options.versions : left });
    this.#transport = new WebSocketTransport(socket, this, options);
  }

  protected override sendData(data: Uint8Array<ArrayBuffer>): boolean {
    return this.#transport.sendData(data);
  }

  protected override sendEnd(how: "flush" | "now"): void {
    this.#transport.sendEnd(how);
  }

  protected override resumeReading(): void {
    this.#transport.resumeReading();
  }
}
