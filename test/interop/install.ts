/** Debian's packages of the peers: installs what is missing where this machine allows it. */

import { existsSync } from "node:fs";
import { run } from "./process.ts";

const UPDATE_TIMEOUT_MS = 60_000;
const INSTALL_TIMEOUT_MS = 120_000;
const APT = "/usr/bin/apt-get";

/** Answers why a package is not there in the end; a package that is there has no entry. */
export async function install(
  packages: readonly string[],
  allowed: boolean,
): Promise<ReadonlyMap<string, string>> {
  const missing = await absent(packages);
  if (missing.length === 0) return new Map();
  const obstacle = !allowed
    ? "not installed, and --no-install was given"
    : !existsSync(APT)
      ? "not installed, and there is no apt-get here"
      : process.getuid?.() !== 0
        ? "not installed, and installing needs root"
        : undefined;
  if (obstacle !== undefined) return new Map(missing.map((name) => [name, obstacle]));
  const update = await apt(["update"], UPDATE_TIMEOUT_MS);
  const together = await apt(["install", ...missing], INSTALL_TIMEOUT_MS);
  const still = await absent(missing);
  const why = together ?? update ?? "not there after installation";
  return new Map(still.map((name) => [name, why]));
}

/** Answers the last complaint, if it failed. */
async function apt(args: readonly string[], timeoutMs: number): Promise<string | undefined> {
  const { status, output } = await run(APT, ["-y", "--no-install-recommends", ...args], {
    env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" },
    timeoutMs,
  });
  if (status === 0) return undefined;
  const complaint = output
    .split("\n")
    .filter((line) => line.startsWith("E: "))
    .at(-1);
  const timeout = status === undefined ? `apt-get ${args[0]} took over ${timeoutMs} ms` : undefined;
  return complaint ?? timeout ?? `apt-get ${args[0]} failed with ${status}`;
}

async function absent(packages: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (const name of packages) {
    const { output } = await run("dpkg-query", ["-s", name], { timeoutMs: 10_000 });
    if (!/^Status: .* installed$/m.test(output)) missing.push(name);
  }
  return missing;
}
