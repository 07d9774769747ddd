/** Node, and Bun and Deno from npm, kept in a cache of this machine between runs. */

import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "../process.ts";
import { reasonOf } from "../report.ts";
import { npm } from "./packed.ts";

/** How to run a program in a runtime. */
export interface Runtime {
  readonly name: string;
  readonly version: string;
  readonly command: string;
  /** What comes before the program's path. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Whether it has one of its own. */
  readonly webSocket: boolean;
}

interface Installable {
  readonly name: "bun" | "deno";
  /** Known to work; another one is taken where it is installed already. */
  readonly version: string;
  /** Where npm puts the program: a package for each platform, in this folder. */
  readonly scope: string;
  readonly args: readonly string[];
  /** Keeps what it writes down for itself out of the way. */
  readonly env: Readonly<Record<string, string>>;
}

const INSTALLABLE: readonly Installable[] = [
  {
    name: "bun",
    version: "1.4.5",
    scope: "@oven",
    args: ["run"],
    env: { BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
  },
  {
    name: "deno",
    version: "2.9.6",
    scope: "@deno",
    args: ["run", "--allow-all", "--no-prompt", "--node-modules-dir=manual"],
    env: { DENO_DIR: join(cache(), "deno") },
  },
];

export function node(): Runtime {
  const flag = "--experimental-websocket";
  const own = "WebSocket" in globalThis;
  // Node 20 has one only if it is asked, and the first of them not even then.
  const asked = !own && process.allowedNodeEnvironmentFlags.has(flag);
  return {
    name: "node",
    version: process.versions.node,
    command: process.execPath,
    args: asked ? ["--no-warnings", flag] : [],
    env: {},
    webSocket: own || asked,
  };
}

/** Bun and Deno: as the cache has them, or this machine; else installed; else why they are not there. */
export async function others(
  allowed: boolean,
): Promise<readonly (Runtime | { readonly name: string; readonly why: string })[]> {
  return await Promise.all(
    INSTALLABLE.map(async (wanted) => {
      const folder = join(cache(), `${wanted.name}-${wanted.version}`);
      const found = (await cached(folder, wanted)) ?? (await probe(wanted, wanted.name));
      if (found !== undefined) return found;
      if (!allowed) return { name: wanted.name, why: "not installed, and --no-install was given" };
      try {
        await install(folder, wanted);
      } catch (error) {
        return { name: wanted.name, why: reasonOf(error) };
      }
      const why = `npm has no ${wanted.name} that runs on ${process.platform} ${process.arch}`;
      return (await cached(folder, wanted)) ?? { name: wanted.name, why };
    }),
  );
}

function cache(): string {
  const { XDG_CACHE_HOME } = process.env;
  return join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "stomp-engine-interop");
}

/** Scripts of packages are not run: the program is in a package of its own anyway. */
async function install(folder: string, { name, version }: Installable): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "private": true }\n');
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts"];
  // Where there is no network, that is to be known soon.
  const soon = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"];
  await npm(["install", ...quiet, ...soon, `${name}@${version}`], folder);
}

async function cached(folder: string, wanted: Installable): Promise<Runtime | undefined> {
  const scope = join(folder, "node_modules", wanted.scope);
  if (!existsSync(scope)) return undefined;
  for (const packaged of await readdir(scope)) {
    for (const path of [wanted.name, `${wanted.name}.exe`, `bin/${wanted.name}`]) {
      const command = join(scope, packaged, path);
      // Some are for processors that this is not.
      const runtime = existsSync(command) ? await probe(wanted, command) : undefined;
      if (runtime !== undefined) return runtime;
    }
  }
  return undefined;
}

async function probe(
  { name, args, env }: Installable,
  command: string,
): Promise<Runtime | undefined> {
  const { status, output } = await run(command, ["--version"], { env, timeoutMs: 10_000 });
  const version = /\d+\.\d+\.\d+/.exec(output)?.[0];
  return status === 0 && version !== undefined
    ? { name, version, command, args, env, webSocket: true }
    : undefined;
}
