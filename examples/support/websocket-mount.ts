/**
 * STOMP over WebSocket on an http server that may have a life of its own: only an upgrade that
 * offers a STOMP subprotocol is taken; pages and other WebSockets, also those that are added
 * later, never notice.
 */

import { type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Version } from "stomp-engine";
import { chooseSubprotocol, subprotocolVersion } from "stomp-engine/websocket";
import { type WebSocket, WebSocketServer } from "ws";

/** What a mount takes, and what it does with it. */
export interface Mount {
  /** Takes upgrades of this path only. Default: of any. */
  readonly path?: string | undefined;
  /**
   * Origins besides the server's own whose pages may connect; `*` is any. A browser sends along
   * what it knows of the user to whatever page asks for it, so the default is none.
   */
  readonly origins?: readonly string[] | undefined;
  /** The longest message that is taken, in bytes. */
  readonly maxMessageBytes: number;
  /** How long another listener may take to answer an upgrade that is not ours. Default 10,000. */
  readonly othersAnswerWithinMs?: number | undefined;
  /** Called with each WebSocket, and the version that its subprotocol stands for. */
  accept(socket: WebSocket, version: Version, request: IncomingMessage): void;
}

/** The mounts of each server: they share one listener, so that they do not take each other for strangers. */
const mounted = new WeakMap<Server, Map<Mount, WebSocketServer>>();

/**
 * Mounts STOMP on an http server.
 *
 * @returns A function that takes the mount off again; connections that are open stay.
 */
export function mountWebSocket(server: Server, mount: Mount): () => void {
  const mounts = mounted.get(server) ?? intercept(server);
  mounts.set(
    mount,
    new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: mount.maxMessageBytes,
      handleProtocols: (offered) => chooseSubprotocol(offered) ?? false,
    }),
  );
  return () => mounts.delete(mount);
}

/** An upgrade, as the http server hands it over. */
interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/**
 * Ours must not reach the other listeners: `ws` answers, on its own account, whatever it is shown.
 * An event cannot be stopped by one of its listeners, so it is looked at before it is emitted.
 */
function intercept(server: Server): Map<Mount, WebSocketServer> {
  const mounts = new Map<Mount, WebSocketServer>();
  mounted.set(server, mounts);
  const emit = server.emit.bind(server);
  server.emit = (event: string, ...details: unknown[]): boolean => {
    if (event !== "upgrade") return emit(event, ...details);
    const [request, socket, head] = details as [IncomingMessage, Duplex, Buffer];
    const upgrade = { request, socket, head };
    const version = offeredVersion(request);
    const path = request.url?.split("?", 1)[0];
    for (const [mount, engine] of mounts) {
      if (version === undefined) break;
      if (mount.path !== undefined && mount.path !== path) continue;
      take(engine, mount, upgrade, version);
      return true;
    }
    const [first] = mounts.keys();
    leaveToOthers(server, emit, upgrade, first?.othersAnswerWithinMs ?? 10_000);
    return true;
  };
  // Without a listener Node does not even look for upgrades.
  server.on("upgrade", () => undefined);
  return mounts;
}

function take(engine: WebSocketServer, mount: Mount, upgrade: Upgrade, version: Version): void {
  const { request, socket, head } = upgrade;
  if (!isWelcome(request, mount.origins ?? [])) {
    refuse(socket, 403, "Pages of this origin may not connect");
    return;
  }
  engine.handleUpgrade(request, socket, head, (webSocket) => {
    // What goes wrong is followed by a close, and that is what the session is told.
    webSocket.on("error", () => undefined);
    mount.accept(webSocket, version, request);
  });
}

/** Nobody else may be there, or nobody who feels addressed: then the client still gets an answer. */
function leaveToOthers(
  server: Server,
  emit: (event: string, ...details: unknown[]) => boolean,
  { request, socket, head }: Upgrade,
  withinMs: number,
): void {
  const before = bytesWritten(socket);
  const answer = () => {
    if (socket.destroyed || bytesWritten(socket) !== before) return;
    refuse(socket, 400, "Offer one of the subprotocols v12.stomp, v11.stomp, v10.stomp");
  };
  if (server.listenerCount("upgrade") > 1) {
    emit("upgrade", request, socket, head);
    setTimeout(answer, withinMs).unref();
  } else if (request.headers.upgrade?.toLowerCase() === "websocket") {
    answer();
  } else {
    // An offer to go on in some other protocol, which a server may pass over: a page as any other.
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Parameters<ServerResponse["assignSocket"]>[0]);
    response.once("finish", () => socket.end());
    emit("request", request, response);
  }
}

function refuse(socket: Duplex, status: 400 | 403, reason: string): void {
  // The client may be gone already; there is nobody left to tell.
  socket.on("error", () => socket.destroy());
  const body = `${reason}.\n`;
  socket.end(
    `HTTP/1.1 ${status} ${status === 400 ? "Bad Request" : "Forbidden"}\r\n` +
      "Connection: close\r\nContent-Type: text/plain; charset=utf-8\r\n" +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** Whether the page that connects is one of this server, or of an origin that may; programs have no origin. */
function isWelcome(request: IncomingMessage, origins: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || origins.includes("*") || origins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

function offeredVersion(request: IncomingMessage): Version | undefined {
  const chosen = chooseSubprotocol(request.headers["sec-websocket-protocol"]);
  return chosen === undefined ? undefined : subprotocolVersion(chosen);
}

function bytesWritten(socket: Duplex): unknown {
  return "bytesWritten" in socket ? socket.bytesWritten : undefined;
}
