/** The brokers under test: how each is started and stopped. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  activeMqInstalled,
  type Broker,
  rabbitMqInstalled,
  startActiveMq,
  startRabbitMq,
} from "../../interop/brokers.ts";
import { eventually, freePort, launch } from "../../interop/process.ts";
import { Link, type Reach } from "./link.ts";

/** A broker that can be started. */
export interface System {
  readonly name: string;
  /** Why it cannot be started here. */
  missing(): string | undefined;
  /** Whether it understands acknowledgements. */
  readonly acknowledges: boolean;
  start(): Promise<Started>;
}

/** A broker that listens. */
export interface Started {
  readonly tcp: Reach;
  readonly webSocket: Reach | undefined;
  readonly login: string;
  readonly passcode: string;
  /** The process that leads its group. */
  readonly pid: number;
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PROGRAM = fileURLToPath(new URL("../../examples/broker/main.js", import.meta.url));
const RELAY = fileURLToPath(new URL("./relay.js", import.meta.url));

/** The name of the broker that is made of this engine. */
export const OURS = "examples/broker";
/** The broker that the goals are against. */
export const ACTIVE_MQ = "ActiveMQ";

export const SYSTEMS: readonly System[] = [
  {
    name: OURS,
    missing: compiled,
    acknowledges: true,
    start: startOurs,
  },
  {
    name: "RabbitMQ",
    missing: () => (rabbitMqInstalled() ? undefined : "RabbitMQ is not installed"),
    acknowledges: true,
    start: async () => reached(await startRabbitMq()),
  },
  {
    name: ACTIVE_MQ,
    missing: () => (activeMqInstalled() ? undefined : "ActiveMQ is not installed"),
    acknowledges: true,
    start: async () => reached(await startActiveMq()),
  },
  { name: "relay", missing: () => undefined, acknowledges: false, start: startRelay },
];

/** Compiles the examples, as `npm start` does. */
function compiled(): string | undefined {
  const tsc = `${ROOT}node_modules/typescript/bin/tsc`;
  const { status } = spawnSync(process.execPath, [tsc, "-p", `${ROOT}examples`], {
    stdio: "inherit",
  });
  return status === 0 ? undefined : "examples/broker does not compile";
}

async function startOurs(): Promise<Started> {
  const [tcp, http] = [await freePort(), await freePort()];
  const args = [PROGRAM, "--tcp", String(tcp), "--http", String(http), "--backend", "memory"];
  return await listening(args, { port: tcp, path: undefined }, { port: http, path: "/" });
}

async function startRelay(): Promise<Started> {
  const port = await freePort();
  return await listening([RELAY, String(port)], { port, path: undefined }, undefined);
}

async function listening(
  args: readonly string[],
  tcp: Reach,
  webSocket: Reach | undefined,
): Promise<Started> {
  const program = launch(process.execPath, args);
  try {
    await eventually(async () => (await Link.open(tcp)).close(), 10_000);
  } catch (error) {
    await program.stop();
    throw new Error(program.output(), { cause: error });
  }
  return { tcp, webSocket, login: "", passcode: "", pid: program.pid, stop: () => program.stop() };
}

function reached({ tcp, ws, login, passcode, pid, stop }: Broker): Started {
  const url = ws === undefined ? undefined : new URL(ws);
  return {
    tcp: { port: tcp, path: undefined },
    webSocket: url === undefined ? undefined : { port: Number(url.port), path: url.pathname },
    login,
    passcode,
    pid,
    stop,
  };
}
