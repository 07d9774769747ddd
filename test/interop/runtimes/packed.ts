/** A folder with the package as npm would publish it, installed, and the checks beside it. */

import { copyFile, cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../process.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** The checks as they were compiled: this file is one of them. */
const COMPILED = fileURLToPath(new URL("../", import.meta.url));
const TIMEOUT_MS = 60_000;

export async function layOut(folder: string): Promise<void> {
  await npm(["pack", "--ignore-scripts", "--pack-destination", folder, ROOT], folder);
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack makes no tarball");
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  await npm(["install", "--no-audit", "--no-fund", `./${tarball}`], folder);

  await mkdir(join(folder, "interop"));
  await copyFile(join(COMPILED, "report.js"), join(folder, "interop/report.js"));
  for (const name of ["client", "runtimes"]) {
    await cp(join(COMPILED, name), join(folder, "interop", name), { recursive: true });
  }
  await mkdir(join(folder, "transport"));
  await copyFile(
    join(COMPILED, "../transport/certificate.js"),
    join(folder, "transport/certificate.js"),
  );
  await copyFile(join(ROOT, "test/interop/runtimes/page.html"), join(folder, "page.html"));
  await mkdir(join(folder, "vectors"));
  for (const name of ["decode.json", "encode.json"]) {
    await copyFile(join(ROOT, "test/vectors", name), join(folder, "vectors", name));
  }
}

/** Runs npm in a folder. */
export async function npm(args: readonly string[], cwd: string): Promise<void> {
  const command = process.platform === "win32" ? "npm.cmd" : "npm";
  const { status, output } = await run(command, args, { cwd, timeoutMs: TIMEOUT_MS });
  if (status === 0) return;
  const errors = output.split("\n").filter((line) => line.startsWith("npm error"));
  const reason = errors.find((line) => !/^npm error (code|errno|syscall) /.test(line));
  const how = status === undefined ? `took over ${TIMEOUT_MS} ms` : `failed with ${status}`;
  throw new Error(reason ?? `npm ${args[0]} ${how}`);
}
