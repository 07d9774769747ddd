/** The broker of the examples, as `npm start` runs it. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Broker } from "./brokers.ts";
import { eventually, launch } from "./process.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const START_TIMEOUT_MS = 60_000;
const LOGIN = "interop";
const PASSCODE = "a:secret\\n";

/** What the broker runs in, if not in this Node. */
export interface Runtime {
  readonly name: string;
  readonly version: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Ready when it says where it listens.
 *
 * @param origin Whose pages may connect.
 * @param runtime Runs what has been compiled before.
 */
export async function startOurs(origin: string, runtime?: Runtime): Promise<Broker> {
  const { version } = JSON.parse(await readFile(`${ROOT}package.json`, "utf8"));
  const ports = ["--tcp", "0", "--http", "0"];
  const credentials = ["--login", LOGIN, "--passcode", PASSCODE];
  const rest = [...ports, ...credentials, "--heart-beat", "500,500", "--origin", origin];
  const program =
    runtime === undefined
      ? launch(process.execPath, ["examples/run.mjs", "broker/main", ...rest], { cwd: ROOT })
      : launch(runtime.command, [...runtime.args, ".build/examples/broker/main.js", ...rest], {
          cwd: ROOT,
          env: runtime.env,
        });
  const where = runtime === undefined ? "" : ` on ${runtime.name} ${runtime.version}`;
  const { pid, freeze, thaw, stop } = program;
  try {
    const [tcp, ws] = await eventually(
      async () => listening(program.output()),
      START_TIMEOUT_MS,
      () => program.running,
    );
    const reach = { tcp, ws, login: LOGIN, passcode: PASSCODE };
    return {
      name: "stomp-engine",
      version: `${version}${where}`,
      ...reach,
      pid,
      freeze,
      thaw,
      stop,
    };
  } catch (error) {
    await stop();
    throw new Error(program.output().trim().slice(-300), { cause: error });
  }
}

function listening(output: string): readonly [number, string] {
  const tcp = /stomp:\/\/[^\s:]+:(\d+)/.exec(output)?.[1];
  const ws = /ws:\/\/\S+/.exec(output)?.[0];
  if (tcp === undefined || ws === undefined) throw new Error("it does not say where it listens");
  return [Number(tcp), ws];
}
