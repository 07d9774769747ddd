/** How much memory one idle thing takes, of a hundred thousand. */

import { createRequire } from "node:module";
import { usedBytes } from "./child.ts";

/** Bytes for each. */
export interface Footprint {
  readonly heap: number;
  readonly external: number;
}

/** What can be weighed: a factory of factories, so that only its own library is loaded. */
const THINGS: Readonly<Record<string, () => Promise<() => unknown>>> = {
  parser: async () => {
    const { FrameParser } = await import("stomp-engine");
    return () => new FrameParser({ version: "1.2" });
  },
  "session, connected": async () => {
    const { connectedServer, QuietServer } = await import("../contenders/quiet-sessions.ts");
    return () => connectedServer(new QuietServer());
  },
  "session, with options": async () => {
    const { connectedServer, QuietServer } = await import("../contenders/quiet-sessions.ts");
    return () => connectedServer(new QuietServer({ server: "bench", limits: { maxHeaders: 50 } }));
  },
  "session, with heart-beats": async () => {
    const { connectedServer, QuietServer } = await import("../contenders/quiet-sessions.ts");
    return () => connectedServer(new QuietServer(), 10_000);
  },
  "session, one subscription": async () => {
    const { connectedServer, QuietServer } = await import("../contenders/quiet-sessions.ts");
    const subscribe = Buffer.from("SUBSCRIBE\nid:0\ndestination:/topic/a\n\n\0");
    return () => {
      const server = connectedServer(new QuietServer());
      server.receiveData(subscribe);
      return server;
    };
  },
  "stompjs Parser": async () => {
    const { Parser } = await import("@stomp/stompjs");
    const nothing = () => {};
    return () => new Parser(nothing, nothing);
  },
  "stompit IncomingFrameStream": async () => {
    const { IncomingFrameStream } = createRequire(import.meta.url)("stompit");
    return () => new IncomingFrameStream();
  },
};

export const WEIGHED: readonly string[] = Object.keys(THINGS);

const COUNT = 100_000;
const WARM_UP = 200;

/** One of them. */
export async function weigh(thing: string): Promise<Footprint> {
  const create = await THINGS[thing]?.();
  if (create === undefined) throw new Error(`Nothing is called ${thing}`);
  // Compiled code and what is shared by all is not theirs.
  for (let made = 0; made < WARM_UP; made++) create();
  const kept = new Array<unknown>(COUNT).fill(undefined);
  const before = usedBytes();
  for (let index = 0; index < COUNT; index++) kept[index] = create();
  const after = usedBytes();
  if (kept[COUNT - 1] === undefined) throw new Error("Nothing was made");
  return {
    heap: (after.heap - before.heap) / COUNT,
    external: (after.external - before.external) / COUNT,
  };
}
