/** How a client program reaches a server: `stomp://`, `stomps://`, `ws://` or `wss://`. */

import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Receiver, Transport } from "stomp-engine";
import { TcpTransport } from "stomp-engine/tcp";
import { subprotocols, WebSocketTransport } from "stomp-engine/websocket";
import { WebSocket } from "ws";
import { UsageError } from "./command-line.ts";

/** The port of each scheme that has no standard one. */
const PORTS: Readonly<Record<string, number>> = { "stomp:": 61_613, "stomps:": 61_614 };

/**
 * The URL of a server.
 *
 * @throws {UsageError} if it is none.
 */
export function serverUrl(text: string): URL {
  if (URL.canParse(text)) {
    const url = new URL(text);
    const known = ["stomp:", "stomps:", "ws:", "wss:"].includes(url.protocol);
    if (known && url.hostname !== "") return url;
  }
  throw new UsageError(
    "--url is one of stomp://, stomps://, ws://, wss://, with a host and a port",
  );
}

/**
 * What the URL says of who connects.
 *
 * @throws {UsageError} if it is not escaped as URLs are.
 */
export function credentials(url: URL): { login?: string; passcode?: string } {
  if (url.username === "") return {};
  try {
    const [login = "", passcode = ""] = [url.username, url.password].map(decodeURIComponent);
    return { login, passcode };
  } catch {
    throw new UsageError("--url has a % in its login or passcode that escapes nothing: it is %25");
  }
}

/** Opens the connection; that it failed is told to the session. */
export function openTransport(url: URL, session: Receiver): Transport {
  if (url.protocol === "ws:" || url.protocol === "wss:") {
    const bare = new URL(url);
    // The credentials are CONNECT's; in a handshake they would be those of HTTP. A fragment is refused.
    bare.username = "";
    bare.password = "";
    bare.hash = "";
    const socket = new WebSocket(bare, subprotocols(), { perMessageDeflate: false });
    return new WebSocketTransport(socket, session);
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? PORTS[url.protocol] : Number(url.port);
  const address = { host, port: port ?? 0 };
  const socket = url.protocol === "stomps:" ? connectTls(tlsOptions(address)) : connect(address);
  return new TcpTransport(socket, session);
}

function tlsOptions(address: { host: string; port: number }) {
  // An address is no name that a certificate could be asked for by.
  const isAddress = /^[\d.]+$|:/.test(address.host);
  return isAddress ? address : { ...address, servername: address.host };
}
