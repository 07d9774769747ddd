/** The checks as a program of Node, Bun or Deno: `program.js URL PLACE`. */

import { connect, createServer } from "node:net";
import process from "node:process";
import { tcpLink } from "../client/tcp-link.ts";
import { type WebSocketClass, webSocketLink } from "../client/websocket-link.ts";
import { loadEngine } from "./engine.ts";
import { runErrand } from "./errand.ts";
import { everything } from "./everything.ts";
import { checkFlood } from "./flood.ts";

// Node 20 has none unless it is asked.
const { WebSocket } = globalThis as { WebSocket?: WebSocketClass };
const [base = "", place = ""] = process.argv.slice(2);

await runErrand(base, place, async (report, broker, json) => {
  const engine = await loadEngine((entry) => entry.replace(".", "stomp-engine"));
  const tcp = await import("stomp-engine/tcp");
  await everything(report, broker, {
    engine: () => engine,
    json,
    webSocket: WebSocket && (() => WebSocket),
    links: {
      tcp: tcpLink(tcp, connect),
      ws: WebSocket && webSocketLink(engine.webSocket, WebSocket),
    },
  });
  await checkFlood(report, () => tcp, { connect, createServer });
});
process.exit(0);
