/** Servers and sockets of one test, on this machine only, ended with it. */

import { once } from "node:events";
import type { Server } from "node:net";
import { onTestFinished } from "vitest";
import { type ServerOptions, WebSocketServer } from "ws";

/** Starts listening; the test's end stops it. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return portOf(server);
}

/** Where a server listens. */
export function portOf(server: { address(): unknown }): number {
  return (server.address() as { port: number }).port;
}

/** A port on which nobody listens. */
export async function unusedPort(server: Server): Promise<number> {
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

/** The test's end is that of the socket, too. */
export function endingWithTest<Socket extends { destroy(): unknown }>(socket: Socket): Socket {
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** A server of `ws` that listens soon; the test's end stops it. */
export function webSocketServer(options: ServerOptions = {}): WebSocketServer {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", ...options });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return server;
}
