/**
 * What is checked in every runtime, browsers included: the wire, two sessions in memory, and our
 * clients on a broker. It may use nothing that one of them lacks.
 */

import { checkOurClients, type Links } from "../client/checks.ts";
import type { Peer } from "../client/peer.ts";
import type { WebSocketClass } from "../client/websocket-link.ts";
import type { Checks } from "../report.ts";
import type { Engine } from "./engine.ts";
import { checkMemory } from "./memory.ts";
import { checkOpening } from "./opening.ts";
import { checkRefusal } from "./refusal.ts";
import { checkVectors } from "./vectors.ts";

/** What only a check itself asks for, so that the checks can be listed without it. */
export interface Platform {
  engine(): Engine;
  /** A file of this repository's tests. */
  json(path: string): Promise<unknown>;
  /** The address of a server that refuses WebSockets. */
  readonly refusing: string;
  /** Undefined where the runtime has none. */
  readonly webSocket: (() => WebSocketClass) | undefined;
  readonly links: Links;
}

export async function everything(checks: Checks, broker: Peer, platform: Platform): Promise<void> {
  await checkVectors(checks, platform);
  await checkMemory(checks, platform);
  await checkOpening(checks, broker, platform);
  await checkRefusal(checks, platform);
  await checkOurClients(checks, broker, platform.links);
}
