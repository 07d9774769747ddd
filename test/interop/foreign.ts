/** Clients of other languages and libraries on a broker: a program each, in `foreign/`. */

import { fileURLToPath } from "node:url";
import type { Broker } from "./brokers.ts";
import { run } from "./process.ts";
import type { Report } from "./report.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const VERSIONS = ["1.0", "1.1", "1.2"];
/** What every program checks, in this order; after a failure it stops. */
const checksIn = (version: string): string[] => [
  ...["connect", "subscribe"],
  ...(version === "1.0" ? [] : ["idle"]),
  ...["text", "headers", "binary", "commit", "abort", "disconnect"],
];
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

/**
 * Probes every library, then runs its program once in each version.
 *
 * @param missing Why a package of Debian could not be installed.
 */
export async function checkForeignClients(
  report: Report,
  broker: Broker,
  missing: ReadonlyMap<string, string>,
): Promise<void> {
  for (const client of CLIENTS) {
    const { name, transport } = client;
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
  const checks = checksIn(version);
  if (!checks.some((check) => report.wanted(`${line} ${check}`))) return;
  const path = `${ROOT}test/interop/foreign/${script}`;
  const { status, output } = await run(
    command,
    [path, version, ...reach(broker), broker.login, broker.passcode],
    { cwd: ROOT, timeoutMs: TIMEOUT_MS },
  );
  const said = new Map<string, string>();
  for (const [, outcome, check, why] of output.matchAll(/^(ok|failed) (\w+)(?:: (.*))?$/gm)) {
    said.set(check ?? "", outcome === "ok" ? "" : (why ?? "it does not say why"));
  }
  for (const check of checks) {
    // It must not pass for having said nothing.
    const why = said.get(check) ?? `${reasonFor(status)}: ${lastLine(output)}`;
    if (why === "") report.passed(`${line} ${check}`);
    else return report.failed(`${line} ${check}`, why);
  }
  if (status !== 0) report.failed(`${line} end`, reasonFor(status));
}

const reasonFor = (status: number | undefined) =>
  status === undefined ? `not done within ${TIMEOUT_MS} ms` : `it ended with ${status}`;
const lastLine = (output: string) => output.trim().split("\n").at(-1) ?? "";
