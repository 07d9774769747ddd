/**
 * STOMP over TCP and TLS ("stomp-engine/tcp"): the sockets of `node:net` and `node:tls`, as Bun and
 * Deno have them too, as a client and as a server.
 *
 * - Bodies of received messages are views on the chunks that the socket read, up to 64 KiB each:
 *   a session that keeps small bodies for long sets `copyBodies`.
 * - A TLS server is given the socket of `secureConnection`, not that of `connection`.
 * - A TLS client may be given its socket at once: nothing is sent before the peer's certificate was
 *   verified. Who sets `rejectUnauthorized: false` to verify it himself makes the session in
 *   `secureConnect`, after that, or the passcode is sent to whoever answered.
 */

import { StompClient } from "../session/client.ts";
import type { ClientOptions } from "../session/client-options.ts";
import { StompServer } from "../session/server.ts";
import type { ServerOptions } from "../session/server-options.ts";
import { checkedTcp, type SocketLike, type TcpOptions, TcpTransport } from "./tcp-transport.ts";

export { type SocketLike, type TcpOptions, TcpTransport } from "./tcp-transport.ts";

/** A client on a socket: a subclass has only the hooks to write. */
export abstract class TcpClient extends StompClient {
  readonly #transport: TcpTransport;

  /** @param socket Connecting or connected; nothing needs to be awaited before `connect()`. */
  constructor(socket: SocketLike, options?: ClientOptions & TcpOptions) {
    super(options);
    this.#transport = new TcpTransport(socket, this, options);
  }

  protected override sendData(data: Uint8Array<ArrayBuffer>): boolean {
    return this.#transport.sendData(data);
  }

  protected override sendParts(parts: readonly Uint8Array<ArrayBuffer>[]): boolean {
    return this.#transport.sendParts(parts);
  }

  protected override sendEnd(how: "flush" | "now"): void {
    this.#transport.sendEnd(how);
  }

  protected override resumeReading(): void {
    this.#transport.resumeReading();
  }
}

/** A server on a socket: a subclass has only the hooks to write. */
export abstract class TcpServer<Token = unknown> extends StompServer<Token> {
  readonly #transport: TcpTransport;

  /** @param socket Connected. */
  constructor(socket: SocketLike, options: ServerOptions & TcpOptions = {}) {
    super(checkedTcp(options));
    this.#transport = new TcpTransport(socket, this, options);
  }

  protected override sendData(data: Uint8Array<ArrayBuffer>): boolean {
    return this.#transport.sendData(data);
  }

  protected override sendParts(parts: readonly Uint8Array<ArrayBuffer>[]): boolean {
    return this.#transport.sendParts(parts);
  }

  protected override sendEnd(how: "flush" | "now"): void {
    this.#transport.sendEnd(how);
  }

  protected override resumeReading(): void {
    this.#transport.resumeReading();
  }
}
