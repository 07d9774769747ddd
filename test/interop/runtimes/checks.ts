/** The packed package in every runtime that this machine can have. */

import type { Broker } from "../brokers.ts";
import { run } from "../process.ts";
import { type Checks, type Report, reasonOf } from "../report.ts";
import { startChromium } from "./chromium.ts";
import { refusing } from "./errand.ts";
import { everything, type Platform } from "./everything.ts";
import { checkFlood } from "./flood.ts";
import type { Host } from "./host.ts";
import { checkPolicy } from "./policy.ts";
import type { Runtime } from "./programs.ts";
import { Visit } from "./visit.ts";

const TIMEOUT_MS = 90_000;

const nowhere = (): never => {
  throw new Error("The checks are only listed here");
};
const listed = (tcp: boolean, ws: boolean): Platform => ({
  engine: nowhere,
  refusing: "",
  json: nowhere,
  webSocket: ws ? nowhere : undefined,
  links: { tcp: tcp ? nowhere : undefined, ws: ws ? nowhere : undefined },
});

/** Everything as a program of Node, Bun or Deno. */
export async function checkProgram(
  report: Report,
  host: Host,
  broker: Broker,
  { name, version, command, args, env, webSocket }: Runtime,
): Promise<void> {
  const title = `${name} ${version}`;
  if (!webSocket) report.skipped(`${title}: WebSocket`, "it has none");
  const visit = await Visit.prepare(report, title, async (checks) => {
    await everything(checks, broker, listed(true, webSocket));
    const net = { connect: nowhere, createServer: nowhere };
    await checkFlood(checks, nowhere, { tcp: net, tls: net });
  });
  if (visit.wanted.length === 0) return;
  host.expect(name, broker, visit);
  const { status, output } = await run(
    command,
    [...args, `${host.folder}/interop/runtimes/program.js`, `${host.origin}/`, name],
    { cwd: host.folder, env: { ...env, NO_COLOR: "1" }, timeoutMs: TIMEOUT_MS },
  );
  const how = status === undefined ? `not done within ${TIMEOUT_MS} ms` : `it ended with ${status}`;
  // A program that ended early may have left it frozen.
  broker.thaw();
  const lines = output.trim().split("\n");
  const why = `${how}: ${lines.find((line) => /error/i.test(line)) ?? lines.at(-1)}`;
  visit.settle(why);
  if (status !== 0) report.failed(`${title}: end`, why);
}

/** Everything that needs no sockets of its own in a page of Chromium, and in a worker of it. */
export async function checkChromium(
  report: Report,
  host: Host,
  broker: Broker,
  screenshot: string | undefined,
): Promise<void> {
  const list = async (checks: Checks) => {
    await everything(checks, broker, listed(false, true));
    await checkPolicy(checks, []);
  };
  const page = await Visit.prepare(report, "chromium page", list);
  const worker = await Visit.prepare(report, "chromium worker", list);
  const silent = "chromium: no error, and none in the console";
  if (page.wanted.length + worker.wanted.length === 0 && !report.wanted(silent)) return;
  host.expect("page", broker, page);
  host.expect("worker", broker, worker);
  const browser = await startChromium().catch((error: unknown) => {
    report.failed("chromium starts", reasonOf(error));
  });
  if (browser === undefined) return;
  try {
    console.log(`chromium ${browser.version}`);
    const left = setTimeout(() => [page, worker].map((visit) => visit.end()), TIMEOUT_MS);
    await browser.visit(`${host.origin}/`);
    await Promise.all([page.done, worker.done]);
    clearTimeout(left);
    broker.thaw();
    if (screenshot !== undefined) await browser.photograph(screenshot);
    for (const visit of [page, worker]) {
      visit.settle(browser.complaints[0] ?? `not done within ${TIMEOUT_MS} ms`);
    }
    await report.check(silent, async () => {
      const refusal = `WebSocket connection to '${refusing(`${host.origin}/`)}' failed: `;
      const unexpected = browser.complaints.filter((each) => !each.startsWith(refusal));
      if (unexpected.length > 0) throw new Error(unexpected.join("; "));
    });
  } finally {
    await browser.close();
  }
}
