/** Runs a measurement in a process of its own. */

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** @param measurement Which, as the program in this folder names them. */
export function inProcess<Result>(measurement: string, name = ""): Promise<Result> {
  const file = fileURLToPath(new URL("./program.js", import.meta.url));
  const child = fork(file, [measurement, name], { execArgv: ["--expose-gc"], stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as Result));
    child.once("exit", (code) => reject(new Error(`${measurement} ${name} ended with ${code}`)));
  });
}

/** What is in use after everything unused is gone. */
export function usedBytes(): { heap: number; external: number } {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) throw new Error("node must be run with --expose-gc");
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, external };
}
