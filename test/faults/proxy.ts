/** Stands between clients and a server, and breaks what it carries. */

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { endingWithTest, listen } from "../transport/loopback.ts";

export class BreakingProxy {
  readonly port: number;
  readonly #sockets: Set<Socket>;

  private constructor(port: number, sockets: Set<Socket>) {
    this.port = port;
    this.#sockets = sockets;
  }

  static async to(port: number): Promise<BreakingProxy> {
    const sockets = new Set<Socket>();
    const listener = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      for (const socket of [near, far]) {
        sockets.add(endingWithTest(socket));
        socket.on("error", () => undefined);
        socket.on("close", () => sockets.delete(socket));
      }
      near.pipe(far).pipe(near);
    });
    return new BreakingProxy(await listen(listener), sockets);
  }

  /** All connections are gone at once, for both sides. */
  async break(): Promise<void> {
    const sockets = [...this.#sockets];
    const closed = sockets.map((socket) => once(socket, "close"));
    for (const socket of sockets) socket.resetAndDestroy();
    await Promise.all(closed);
  }
}
