/**
 * RabbitMQ and ActiveMQ as Debian packages them, each on free ports of 127.0.0.1 and with all that
 * it writes in a temporary folder. Nothing under /etc or /var is read or changed.
 */

import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import type { Peer } from "./client/peer.ts";
import {
  eventually,
  freePort,
  launch,
  type Program,
  removeFolder,
  temporaryFolder,
} from "./process.ts";

export interface Broker extends Peer {
  readonly pid: number;
  stop(): Promise<void>;
}

const RABBITMQ = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const ACTIVEMQ = "/usr/share/activemq/bin/activemq.jar";
const START_TIMEOUT_MS = 60_000;

export const rabbitMqInstalled = (): boolean => existsSync(RABBITMQ);
export const activeMqInstalled = (): boolean => existsSync(ACTIVEMQ);

/** RabbitMQ with its STOMP and Web STOMP plugins; ready when STOMP is answered. */
export async function startRabbitMq(): Promise<Broker> {
  const folder = await temporaryFolder("stomp-rabbitmq-");
  const [tcp, web, distribution, names] = await Promise.all([1, 2, 3, 4].map(() => freePort()));
  const file = (name: string) => join(folder, name);
  await writeFile(
    file("rabbitmq.conf"),
    [
      "listeners.tcp = none",
      `stomp.listeners.tcp.1 = 127.0.0.1:${tcp}`,
      "web_stomp.tcp.ip = 127.0.0.1",
      `web_stomp.tcp.port = ${web}`,
      // The default, text, makes RabbitMQ refuse bodies that are not UTF-8.
      "web_stomp.ws_frame = binary",
      "",
    ].join("\n"),
  );
  await writeFile(file("enabled_plugins"), "[rabbitmq_stomp,rabbitmq_web_stomp].\n");
  const env = {
    HOME: folder,
    RABBITMQ_NODENAME: "interop@localhost",
    RABBITMQ_CONFIG_FILE: file("rabbitmq.conf"),
    RABBITMQ_CONF_ENV_FILE: file("rabbitmq-env.conf"),
    RABBITMQ_ENABLED_PLUGINS_FILE: file("enabled_plugins"),
    RABBITMQ_MNESIA_BASE: file("mnesia"),
    RABBITMQ_LOG_BASE: file("log"),
    RABBITMQ_PID_FILE: file("pid"),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
    ERL_EPMD_PORT: String(names),
    ERL_EPMD_ADDRESS: "127.0.0.1",
  };
  // Erlang's name server would otherwise be started as a daemon, and stay.
  const epmd = launch("epmd", ["-port", String(names), "-address", "127.0.0.1"]);
  const server = launch(RABBITMQ, [], { cwd: folder, env });
  return await ready("RabbitMQ", [server, epmd], folder, {
    tcp: Number(tcp),
    ws: `ws://127.0.0.1:${web}/ws`,
    login: "guest",
    passcode: "guest",
  });
}

/** ActiveMQ with a stomp:// connector; ready when STOMP is answered. */
export async function startActiveMq(): Promise<Broker> {
  const folder = await temporaryFolder("stomp-activemq-");
  const file = (name: string) => join(folder, name);
  await Promise.all(["conf", "data", "tmp"].map((name) => mkdir(file(name))));
  const tcp = await freePort();
  const server = launch(
    "java",
    [
      "-Xmx256m",
      "-Dactivemq.home=/usr/share/activemq",
      `-Dactivemq.base=${folder}`,
      `-Dactivemq.conf=${file("conf")}`,
      `-Dactivemq.data=${file("data")}`,
      `-Djava.io.tmpdir=${file("tmp")}`,
      "-jar",
      ACTIVEMQ,
      "start",
      `broker:(stomp://127.0.0.1:${tcp})?persistent=false&useJmx=false&brokerName=interop`,
    ],
    { cwd: folder },
  );
  return await ready("ActiveMQ", [server], folder, { tcp, ws: undefined, login: "", passcode: "" });
}

async function ready(
  name: string,
  programs: readonly [Program, ...Program[]],
  folder: string,
  reach: Pick<Broker, "tcp" | "ws" | "login" | "passcode">,
): Promise<Broker> {
  const [server] = programs;
  const stop = async () => {
    for (const program of programs) await program.stop();
    await removeFolder(folder);
  };
  try {
    const hopeful = () => server.running;
    const version = await eventually(() => askVersion(reach), START_TIMEOUT_MS, hopeful);
    const { ws } = reach;
    if (ws !== undefined) await eventually(() => opens(new URL(ws)), START_TIMEOUT_MS, hopeful);
    const { pid, freeze, thaw } = server;
    return { name, version, ...reach, pid, freeze, thaw, stop };
  } catch (error) {
    await stop();
    throw new Error(`${name} does not start: ${server.output().trim().slice(-300)}`, {
      cause: error,
    });
  }
}

/** The version that the broker's CONNECTED tells, by a CONNECT written by hand. */
function askVersion({ tcp, login, passcode }: Pick<Broker, "tcp" | "login" | "passcode">) {
  return new Promise<string>((resolve, reject) => {
    const socket = connect({ port: tcp, host: "127.0.0.1" });
    let answer = "";
    socket.setTimeout(2000, () => socket.destroy(new Error("no CONNECTED")));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed without CONNECTED")));
    socket.on("connect", () => {
      const user = login === "" ? "" : `login:${login}\npasscode:${passcode}\n`;
      socket.write(`CONNECT\naccept-version:1.2\nhost:/\n${user}\n\0`);
    });
    socket.setEncoding("utf8").on("data", (text: string) => {
      answer += text;
      if (!answer.includes("\0")) return;
      resolve(/^server:\w+\/(\S+)$/m.exec(answer)?.[1] ?? "of unknown version");
      socket.end("DISCONNECT\n\n\0");
    });
  });
}

function opens({ hostname, port }: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(port), host: hostname });
    socket.on("error", reject);
    socket.on("connect", () => {
      socket.destroy();
      resolve();
    });
  });
}
