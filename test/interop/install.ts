/** Debian's packages of the peers: installs what is missing where this machine allows it. */

import { existsSync } from "node:fs";
import { run } from "./process.ts";

const UPDATE_TIMEOUT_MS = 60_000;
const INSTALL_TIMEOUT_MS = 120_000;
const APT = "/usr/bin/apt-get";
/** Somebody else may be installing at this moment. */
const LOCK = ["-o", "DPkg::Lock::Timeout=60"];

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
  await apt(["install", ...missing], INSTALL_TIMEOUT_MS);
  const reasons = new Map<string, string>();
  // One that cannot be had keeps apt-get from installing the others.
  for (const name of await absent(missing)) {
    const complaint = await apt(["install", name], INSTALL_TIMEOUT_MS);
    if (complaint !== undefined) reasons.set(name, update ?? complaint);
  }
  return reasons;
}

/** Answers the last complaint, if it failed. */
async function apt(args: readonly string[], timeoutMs: number): Promise<string | undefined> {
  const { status, output } = await run(APT, ["-y", "--no-install-recommends", ...LOCK, ...args], {
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
