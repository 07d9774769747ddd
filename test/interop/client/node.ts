/** How the clients of this process come to their transports. */

import { connect } from "node:net";
import * as tcp from "stomp-engine/tcp";
import * as webSocket from "stomp-engine/websocket";
import { WebSocket } from "ws";
import type { Links } from "./checks.ts";
import { tcpLink } from "./tcp-link.ts";
import { webSocketLink } from "./websocket-link.ts";

export const OURS: Links = { tcp: tcpLink(tcp, connect), ws: webSocketLink(webSocket, WebSocket) };
