/** Listening, said in one line when it fails, and stopping for good. */

import type { AddressInfo, Server, Socket } from "node:net";
import { createServer } from "node:net";
import { Failure } from "./command-line.ts";

/** Where to listen; port 0 lets the system choose. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Something that listens. */
export interface Listener {
  readonly address: Address;
  /** Takes no more connections, and cuts those that are still open after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** What may wait in a socket before it counts as saturated: enough to be busy for while others are served. */
const HIGH_WATER_MARK_BYTES = 131_072;

/** Listens for TCP connections. */
export function listenTcp(address: Address, accept: (socket: Socket) => void): Promise<Listener> {
  const options = { allowHalfOpen: true, highWaterMark: HIGH_WATER_MARK_BYTES };
  return listen(createServer(options, accept), address);
}

/**
 * Makes a server of node:net, node:tls or node:http listen.
 *
 * @throws {Failure} if it cannot, in words for whoever started the program.
 */
export async function listen(server: Server, address: Address): Promise<Listener> {
  const open = new Set<Socket>();
  // Before whoever takes the connection: that may fail.
  server.prependListener("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(new Failure(reasonFor(error, address))));
    server.listen(address.port, address.host, resolve);
  });
  return {
    address: { host: address.host, port: (server.address() as AddressInfo).port },
    close: (graceMs) => close(server, open, graceMs),
  };
}

/** `host:port`, with brackets around an IPv6 host as URLs have them. */
export function authority({ host, port }: Address): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

async function close(server: Server, open: ReadonlySet<Socket>, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const cut = setTimeout(() => {
    for (const socket of open) socket.destroy();
  }, graceMs);
  await closed;
  clearTimeout(cut);
}

function reasonFor(error: NodeJS.ErrnoException, address: Address): string {
  const reasons: Record<string, string> = {
    EADDRINUSE: "the port is in use",
    EACCES: "this needs more rights",
    EADDRNOTAVAIL: "this machine does not have the address",
    ENOTFOUND: "there is no such host",
  };
  return `cannot listen on ${authority(address)}: ${reasons[error.code ?? ""] ?? error.message}`;
}
