/** The checks as a program of Node, Bun or Deno: `program.js URL PLACE`. */

import * as net from "node:net";
import process from "node:process";
import * as tls from "node:tls";
import { CERTIFICATE, KEY } from "../../transport/certificate.ts";
import { tcpLink } from "../client/tcp-link.ts";
import { type WebSocketClass, webSocketLink } from "../client/websocket-link.ts";
import { loadEngine } from "./engine.ts";
import { refusing, runErrand } from "./errand.ts";
import { everything } from "./everything.ts";
import { checkFlood, type Net } from "./flood.ts";

const HOST = "127.0.0.1";
const TCP: Net = {
  createServer: (accept) => net.createServer({ allowHalfOpen: true }, accept),
  connect: (port) => net.connect({ host: HOST, port }),
};
const TLS: Net = {
  createServer: (accept) => tls.createServer({ key: KEY, cert: CERTIFICATE }, accept),
  connect: (port) => tls.connect({ host: HOST, port, ca: CERTIFICATE, servername: "localhost" }),
};

// Node 20 has none unless it is asked.
const { WebSocket } = globalThis as { WebSocket?: WebSocketClass };
const [base = "", place = ""] = process.argv.slice(2);

await runErrand(base, place, async (report, broker, json) => {
  const engine = await loadEngine((entry) => entry.replace(".", "stomp-engine"));
  const tcp = await import("stomp-engine/tcp");
  await everything(report, broker, {
    engine: () => engine,
    json,
    refusing: refusing(base),
    webSocket: WebSocket && (() => WebSocket),
    links: {
      tcp: tcpLink(tcp, net.connect),
      ws: WebSocket && webSocketLink(engine.webSocket, WebSocket),
    },
  });
  await checkFlood(report, () => tcp, { tcp: TCP, tls: TLS });
});
process.exit(0);
