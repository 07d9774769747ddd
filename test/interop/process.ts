/** Programs of this machine: started in a group of their own, and never left behind. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Program {
  readonly pid: number;
  readonly running: boolean;
  /** Everything it has written so far, both streams. */
  output(): string;
  /** Stops it in its tracks, as a machine that hangs; `thaw()` lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Asks it to end, and insists after five seconds. */
  stop(): Promise<void>;
}

export interface Environment {
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

// A program that is ending may still be writing.
const REMOVE = { recursive: true, force: true, maxRetries: 5 };

const running = new Set<ChildProcess>();
const folders = new Set<string>();

// Whatever way this process takes out, nothing that it started or made outlives it.
process.on("exit", () => {
  for (const child of running) signal(child, "SIGKILL");
  for (const folder of folders) rmSync(folder, REMOVE);
});

export function launch(
  command: string,
  args: readonly string[],
  environment: Environment = {},
): Program {
  const { child, output } = start(command, args, environment);
  const ended = once(child, "close").catch(() => undefined);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} cannot be started`);
  return {
    pid,
    get running() {
      return running.has(child);
    },
    output,
    freeze: () => signal(child, "SIGSTOP"),
    thaw: () => signal(child, "SIGCONT"),
    async stop() {
      if (!running.has(child)) return;
      signal(child, "SIGCONT");
      signal(child, "SIGTERM");
      const insist = setTimeout(() => signal(child, "SIGKILL"), 5000);
      await ended;
      clearTimeout(insist);
    },
  };
}

/** Runs a program to its end; past the time it is killed, and the status is undefined. */
export async function run(
  command: string,
  args: readonly string[],
  options: Environment & { readonly timeoutMs: number },
): Promise<{ readonly status: number | undefined; readonly output: string }> {
  const { child, output } = start(command, args, options);
  const timer = setTimeout(() => signal(child, "SIGKILL"), options.timeoutMs);
  try {
    const [status] = await once(child, "close");
    return { status: typeof status === "number" ? status : undefined, output: output() };
  } catch (error) {
    return { status: undefined, output: String(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** Repeats an attempt until it succeeds or there is no hope; fails with its last error. */
export async function eventually<T>(
  attempt: () => Promise<T>,
  timeoutMs: number,
  hopeful: () => boolean = () => true,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline || !hopeful()) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** A folder of its own for a program to write in. */
export async function temporaryFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  folders.add(folder);
  return folder;
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, REMOVE);
  folders.delete(folder);
}

/** A port of 127.0.0.1 that was free just now, for programs that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function start(command: string, args: readonly string[], { cwd, env }: Environment) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  running.add(child);
  child.once("error", () => running.delete(child));
  child.once("exit", () => running.delete(child));
  let written = "";
  const keep = (chunk: string) => {
    written += chunk;
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  return { child, output: () => written };
}

/** To the whole group: what a script started belongs to it. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined || !running.has(child)) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
