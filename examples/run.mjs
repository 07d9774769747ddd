// Runs a program of this repository: `node examples/run.mjs broker/main --help`.
// Installs and compiles what is missing or out of date first, so that `npm start` works in a fresh clone.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = `${root}node_modules/typescript/bin/tsc`;

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    // What is said on the way belongs on stderr: stdout is the program's.
    stdio: ["ignore", 2, 2],
  });
  if (error !== undefined) process.stderr.write(`${command}: ${error.message}\n`);
  if (status !== 0) process.exit(status ?? 1);
}

const [program, ...args] = process.argv.slice(2);
const project = /^(bench|fuzz|interop|mutate)\//.test(program)
  ? `test/${program.slice(0, program.indexOf("/"))}`
  : "examples";
if (!existsSync(tsc)) run(process.platform === "win32" ? "npm.cmd" : "npm", ["ci"]);
run(process.execPath, [tsc]);
run(process.execPath, [tsc, "-p", project]);

const main = `${root}.build/${project === "examples" ? "examples/" : ""}${program}.js`;
process.argv.splice(1, process.argv.length - 1, main, ...args);
await import(pathToFileURL(main).href);
