/**
 * `npm run interop`: our clients against RabbitMQ and ActiveMQ, and the clients of others against
 * our broker. Installs and starts what this machine allows, says what it had to leave out, and stops
 * all that it started.
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
import { checkForeignClients } from "./foreign.ts";
import { install } from "./install.ts";
import { startOurs } from "./our-broker.ts";
import { Report, reasonOf } from "./report.ts";

const HELP = `Usage: npm run interop -- [options]

  --no-install   use what is installed, install nothing
  --only <text>  run only the checks whose line contains this, as "rabbitmq" or "transactions"
  --help         print this
`;
const PACKAGES = ["rabbitmq-server", "activemq", "python3-stomp", "ruby-stomp"];
/** Nothing here should take so long; if it does, it is reported and everything is stopped. */
const LIMIT_MS = 5 * 60_000;

const { values } = parseArgs({
  options: {
    "no-install": { type: "boolean", default: false },
    only: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const report = new Report(values.only);
const started: Broker[] = [];

async function main(): Promise<number> {
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const missing = await install(PACKAGES, !values["no-install"]);
  const why = (name: string) => missing.get(name) ?? "not where Debian puts it";
  const [rabbitMq, activeMq, ours] = await Promise.all([
    begin("RabbitMQ", startRabbitMq, rabbitMqInstalled(), why("rabbitmq-server")),
    begin("ActiveMQ", startActiveMq, activeMqInstalled(), why("activemq")),
    begin("our broker", startOurs, true, ""),
  ]);
  for (const broker of [rabbitMq, activeMq, ours]) {
    if (broker !== undefined) await checkOurClients(report, broker);
  }
  if (ours !== undefined) await checkForeignClients(report, ours, missing);
  return report.close();
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
