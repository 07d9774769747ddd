/**
 * `npm run interop`: our clients against RabbitMQ and ActiveMQ, the clients of others against our
 * broker, and the packed engine in Chromium, Bun and Deno. Installs and starts what this machine
 * allows, says what it had to leave out, and stops all that it started.
 */

import { parseArgs } from "node:util";
import {
  activeMqInstalled,
  type Broker,
  rabbitMqInstalled,
  startActiveMq,
  startRabbitMq,
} from "./brokers.ts";
import { checkOurClients } from "./client/checks.ts";
import { OURS } from "./client/node.ts";
import { checkForeignClients } from "./foreign.ts";
import { install } from "./install.ts";
import { startOurs } from "./our-broker.ts";
import { temporaryFolder } from "./process.ts";
import { Report, reasonOf } from "./report.ts";
import { checkChromium, checkProgram } from "./runtimes/checks.ts";
import { chromiumInstalled } from "./runtimes/chromium.ts";
import { Host } from "./runtimes/host.ts";
import { layOut } from "./runtimes/packed.ts";
import { node, others, type Runtime } from "./runtimes/programs.ts";

const HELP = `Usage: npm run interop -- [options]

  --no-install         use what is installed, install nothing
  --only <text>        run only the checks whose line contains this, as "rabbitmq" or "transactions"
  --screenshot <path>  where to put a picture of the page in Chromium, a .png
  --help               print this

What Debian has is installed with apt-get, Bun and Deno with npm in ~/.cache/stomp-engine-interop.
`;
const PACKAGES = ["rabbitmq-server", "activemq", "python3-stomp", "ruby-stomp", "chromium"];
/** Nothing here should take so long; if it does, it is reported and everything is stopped. */
const LIMIT_MS = 10 * 60_000;

const { values } = parseArgs({
  options: {
    "no-install": { type: "boolean", default: false },
    only: { type: "string" },
    screenshot: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const only = values.only?.toLowerCase() ?? "";
const report = new Report((name) => name.toLowerCase().includes(only));
const started: Broker[] = [];

async function main(): Promise<number> {
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const allowed = !values["no-install"];
  const missing = await install(PACKAGES, allowed);
  const why = (name: string) => missing.get(name) ?? "not where Debian puts it";
  const host = new Host(await temporaryFolder("stomp-runtimes-"));
  await host.listen();
  const [rabbitMq, activeMq, ours] = await Promise.all([
    begin("RabbitMQ", startRabbitMq, rabbitMqInstalled(), why("rabbitmq-server")),
    begin("ActiveMQ", startActiveMq, activeMqInstalled(), why("activemq")),
    begin("our broker", () => startOurs(host.origin), true, ""),
  ]);
  for (const broker of [rabbitMq, activeMq, ours]) {
    if (broker !== undefined) await checkOurClients(report, broker, OURS);
  }
  if (ours !== undefined) {
    await checkForeignClients(report, ours, missing);
    await layOut(host.folder);
    if (chromiumInstalled()) await checkChromium(report, host, ours, values.screenshot);
    else report.skipped("chromium", why("chromium"));
    for (const runtime of [node(), ...(await available(allowed))]) {
      await checkProgram(report, host, ours, runtime);
      if (runtime.name !== "node") await checkBrokerOn(runtime, host);
    }
  }
  return report.close();
}

/** Bun and Deno, as far as they are to be had. */
async function available(allowed: boolean): Promise<readonly Runtime[]> {
  const runtimes: Runtime[] = [];
  for (const found of await others(allowed)) {
    if ("why" in found) report.skipped(found.name, found.why);
    else runtimes.push(found);
  }
  return runtimes;
}

/** The servers of the engine in another runtime: our broker, with our clients of this Node on it. */
async function checkBrokerOn(runtime: Runtime, host: Host): Promise<void> {
  const name = `our broker on ${runtime.name} ${runtime.version}`;
  const broker = await begin(name, () => startOurs(host.origin, runtime), true, "");
  if (broker !== undefined) await checkOurClients(report, broker, OURS);
}

/** A broker that is there and does not start is a failure; one that is not there is skipped. */
async function begin(
  name: string,
  start: () => Promise<Broker>,
  installed: boolean,
  why: string,
): Promise<Broker | undefined> {
  if (!installed) {
    report.skipped(name, why);
    return undefined;
  }
  try {
    const broker = await start();
    started.push(broker);
    return broker;
  } catch (error) {
    report.failed(`${name} starts`, reasonOf(error));
    return undefined;
  }
}

let leaving: Promise<never> | undefined;

/** The first reason to leave decides the exit code. */
function leave(code: number): Promise<never> {
  leaving ??= Promise.allSettled(started.map((broker) => broker.stop())).then(() =>
    process.exit(code),
  );
  return leaving;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    report.interrupt();
    void leave(130);
  });
}
setTimeout(() => {
  report.interrupt();
  console.log(`failed: not done within ${LIMIT_MS / 60_000} minutes`);
  void leave(1);
}, LIMIT_MS);

main().then(leave, (error: unknown) => {
  console.error(error);
  return leave(1);
});
