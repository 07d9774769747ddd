/** A client and a server joined in memory, under a clock moved by hand; and the clock that is not. */

import type { Version } from "stomp-engine";
import { equal } from "../client/equal.ts";
import type { Checks } from "../report.ts";
import type { Platform } from "./everything.ts";

const VERSIONS: readonly Version[] = ["1.0", "1.1", "1.2"];

export async function checkMemory(checks: Checks, platform: Platform): Promise<void> {
  for (const version of VERSIONS) {
    await checks.check(`in memory ${version}: a delivery and its acknowledgement`, async () =>
      deliver(platform, version),
    );
  }
  await checks.check("in memory: heart-beats that stay away", async () => silence(platform));
  await checks.check("the system's clock", async () => ticks(platform));
}

function deliver(platform: Platform, version: Version): void {
  const pair = platform.engine().testing.Pair.connected(version);
  pair.toServer.chunking = "bytes";
  pair.toClient.chunking = "bytes";
  const { client, server } = pair;
  client.subscribe("/a", { id: "0", ack: "client", receipt: "7" });
  pair.drive();
  server.message("0", { destination: "/a", body: "Grüße 🚀", headers: { "x-ä": "ö" } });
  pair.drive();
  const [message] = client.messages;
  equal([message?.text(), message?.headers.get("x-ä")], ["Grüße 🚀", "ö"]);
  message?.ack({ receipt: "8" });
  pair.drive();
  client.disconnect();
  pair.drive();
  equal(
    [client.receipts.map(({ id }) => id).slice(0, 2), server.acknowledgements.length],
    [["7", "8"], 1],
  );
  equal([client.closing?.reason, server.closing?.reason], ["disconnect", "disconnect"]);
  equal([...client.errors, ...server.errors].length, 0);
}

function silence(platform: Platform): void {
  const pair = platform.engine().testing.Pair.connected("1.2");
  pair.toServer.held = true;
  pair.advance(30_000);
  equal(
    pair.server.errors.map(({ code }) => code),
    ["heart-beat-lost"],
  );
}

/** The one clock that the engine takes from the platform. */
async function ticks(platform: Platform): Promise<void> {
  const { systemClock } = platform.engine().core;
  const before = systemClock.now();
  await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 30));
  const tookMs = systemClock.now() - before;
  // Timers of browsers and of the engine's clock may be a little early by each other's measure.
  if (tookMs < 25 || tookMs > 2000) throw new Error(`30 ms took ${tookMs} ms`);
  let fired = false;
  const cancelled = systemClock.setTimeout(() => {
    fired = true;
  }, 1);
  systemClock.clearTimeout(cancelled);
  await new Promise((resolve) => setTimeout(resolve, 20));
  equal(fired, false, "a cancelled timer fires:");
}
