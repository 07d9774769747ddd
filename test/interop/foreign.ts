/** Clients of other languages and libraries on a broker: a program each, in `foreign/`. */

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Broker } from "./brokers.ts";
import { run } from "./process.ts";
import type { Report } from "./report.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const VERSIONS = ["1.0", "1.1", "1.2"];
const TIMEOUT_MS = 30_000;

interface Client {
  readonly name: string;
  readonly transport: "tcp" | "ws";
  readonly command: string;
  readonly script: string;
  /** Prints the library's version, and fails where it is not installed. */
  readonly probe: readonly string[];
  /** Debian's package, where it is not a devDependency. */
  readonly debian?: string;
  reach(broker: Broker): readonly string[];
}

const hostAndPort = ({ tcp }: Broker) => ["127.0.0.1", String(tcp)];
const printVersion = (name: string) => [
  "-p",
  `JSON.parse(require("fs").readFileSync("node_modules/${name}/package.json", "utf8")).version`,
];

const CLIENTS: readonly Client[] = [
  {
    name: "stomp.py",
    transport: "tcp",
    command: "/usr/bin/python3",
    script: "stomp_py.py",
    probe: ["-c", "import stomp; print('.'.join(map(str, stomp.__version__)))"],
    debian: "python3-stomp",
    reach: hostAndPort,
  },
  {
    name: "ruby-stomp",
    transport: "tcp",
    command: "ruby",
    script: "ruby_stomp.rb",
    probe: ["-r", "stomp", "-e", "puts Stomp::Version::STRING"],
    debian: "ruby-stomp",
    reach: hostAndPort,
  },
  {
    name: "stompit",
    transport: "tcp",
    command: process.execPath,
    script: "stompit.mjs",
    probe: printVersion("stompit"),
    reach: hostAndPort,
  },
  {
    name: "stompjs",
    transport: "tcp",
    command: process.execPath,
    script: "stompjs.mjs",
    probe: printVersion("@stomp/stompjs"),
    reach: ({ tcp }) => [`tcp://127.0.0.1:${tcp}`],
  },
  {
    name: "stompjs",
    transport: "ws",
    command: process.execPath,
    script: "stompjs.mjs",
    probe: printVersion("@stomp/stompjs"),
    reach: ({ ws }) => [ws ?? ""],
  },
];

/** @param missing Why a package of Debian could not be installed. */
export async function checkForeignClients(
  report: Report,
  broker: Broker,
  missing: ReadonlyMap<string, string>,
): Promise<void> {
  for (const client of CLIENTS) {
    const { name, transport } = client;
    if (!VERSIONS.some((version) => report.wanted(`${name} ${transport} ${version}`))) continue;
    const probe = await run(client.command, client.probe, { cwd: ROOT, timeoutMs: TIMEOUT_MS });
    if (probe.status !== 0) {
      report.skipped(
        `${name} ${transport}`,
        missing.get(client.debian ?? "") ?? lastLine(probe.output),
      );
      continue;
    }
    for (const version of VERSIONS) {
      await runProgram(report, client, probe.output.trim(), version, broker);
    }
  }
}

async function runProgram(
  report: Report,
  { name, transport, command, script, reach }: Client,
  library: string,
  version: string,
  broker: Broker,
): Promise<void> {
  const line = `${name} ${library} ${transport} ${version}`;
  const path = `${ROOT}test/interop/foreign/${script}`;
  if (!existsSync(path)) throw new Error(`${path} is missing`);
  const { status, output } = await run(
    command,
    [path, version, ...reach(broker), broker.login, broker.passcode],
    { cwd: ROOT, timeoutMs: TIMEOUT_MS },
  );
  let failed = false;
  for (const said of output.split("\n")) {
    const [, outcome, check, why] = /^(ok|failed) (\w+)(?:: (.*))?$/.exec(said) ?? [];
    if (check === undefined) continue;
    if (outcome === "ok") report.passed(`${line} ${check}`);
    else report.failed(`${line} ${check}`, why ?? "");
    failed ||= outcome === "failed";
  }
  // It must not pass for having said nothing.
  if (status !== 0 && !failed) {
    const why = status === undefined ? `not done within ${TIMEOUT_MS} ms` : `exit code ${status}`;
    report.failed(`${line} program`, `${why}: ${lastLine(output)}`);
  }
}

const lastLine = (output: string) => output.trim().split("\n").at(-1) ?? "";
