/** The broker of the examples, as `npm start` runs it. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Broker } from "./brokers.ts";
import { eventually, launch } from "./process.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const START_TIMEOUT_MS = 60_000;
const LOGIN = "interop";
const PASSCODE = "a:secret\\n";

/** Ready when it says where it listens. */
export async function startOurs(): Promise<Broker> {
  const { version } = JSON.parse(await readFile(`${ROOT}package.json`, "utf8"));
  const ports = ["--tcp", "0", "--http", "0"];
  const credentials = ["--login", LOGIN, "--passcode", PASSCODE];
  const program = launch(
    process.execPath,
    ["examples/run.mjs", "broker/main", ...ports, ...credentials, "--heart-beat", "500,500"],
    { cwd: ROOT },
  );
  const { pid, freeze, thaw, stop } = program;
  try {
    const [tcp, ws] = await eventually(
      async () => listening(program.output()),
      START_TIMEOUT_MS,
      () => program.running,
    );
    const reach = { tcp, ws, login: LOGIN, passcode: PASSCODE };
    return { name: "stomp-engine", version, ...reach, pid, freeze, thaw, stop };
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
