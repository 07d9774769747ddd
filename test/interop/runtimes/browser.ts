/** The checks in a page or a worker of a browser. */

import { type WebSocketClass, webSocketLink } from "../client/websocket-link.ts";
import { loadEngine } from "./engine.ts";
import { refusing, runErrand } from "./errand.ts";
import { everything } from "./everything.ts";
import { checkPolicy } from "./policy.ts";

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly default: string }>>;
}

declare const WebSocket: WebSocketClass;
declare const addEventListener: (
  type: string,
  listener: (event: { readonly violatedDirective: string; readonly blockedURI: string }) => void,
) => void;

const violations: string[] = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
  violations.push(`${violatedDirective} ${blockedURI}`);
});

export async function runInBrowser(
  base: string,
  place: string,
  show: (line: string) => void,
): Promise<void> {
  await runErrand(
    base,
    place,
    async (report, broker, json) => {
      const folder = `${base}node_modules/stomp-engine/`;
      const { exports } = (await json("node_modules/stomp-engine/package.json")) as Manifest;
      const engine = await loadEngine((entry) => folder + exports[entry]?.default);
      await everything(report, broker, {
        engine: () => engine,
        json,
        refusing: refusing(base),
        webSocket: () => WebSocket,
        links: { ws: webSocketLink(engine.webSocket, WebSocket) },
      });
      await checkPolicy(report, violations);
    },
    show,
  );
}
