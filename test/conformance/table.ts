/** `npm run conformance`: a reporter that prints, rule by rule, where it is tested and what came of it. */

import type { Reporter, TestModule } from "vitest/node";
import { type Named, named } from "./names.ts";
import { RULES } from "./rules.ts";

interface Result extends Named {
  readonly file: string;
  readonly passed: boolean;
  readonly growthBytes: number | undefined;
}

export default class Table implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const results = distinct(modules.flatMap(resultsOf));
    for (const { id, title } of RULES) {
      const own = results.filter(({ rule }) => rule === id);
      const failed = own.filter(({ passed }) => !passed);
      const mark = own.length === 0 ? "untested" : failed.length === 0 ? "ok" : "FAILED";
      process.stdout.write(`${id.padEnd(19)}${mark.padEnd(9)}${title}\n`);
      for (const line of placesOf(own)) process.stdout.write(`    ${line}\n`);
      for (const each of failed) {
        process.stdout.write(`    failed: [${each.version}] ${each.part}: ${each.title}\n`);
      }
    }
    const tested = RULES.filter(({ id }) => results.some(({ rule }) => rule === id)).length;
    const passed = results.filter((each) => each.passed).length;
    process.stdout.write(
      `\n${tested} of ${RULES.length} rules tested; ${passed} of ${results.length} tests passed\n`,
    );
    process.stdout.write(`${growthOf(results)}\n`);
  }
}

function resultsOf(module: TestModule): Result[] {
  const results: Result[] = [];
  for (const test of module.children.allTests()) {
    const what = named(test.name);
    if (what === undefined) continue;
    results.push({
      ...what,
      file: module.relativeModuleId,
      passed: test.result().state === "passed",
      growthBytes: test.meta().growthBytes,
    });
  }
  return results;
}

/** What of all hostile input made memory grow most. */
function growthOf(results: readonly Result[]): string {
  let most: { rule: string; bytes: number } | undefined;
  for (const { rule, title, version, growthBytes: bytes } of results) {
    if (bytes === undefined || bytes <= (most?.bytes ?? Number.NEGATIVE_INFINITY)) continue;
    most = { rule: `${rule} [${version}] ${title}`, bytes };
  }
  return most === undefined
    ? "No growth of memory was measured"
    : `Memory grew by ${Math.round(most.bytes / 1024)} KiB beyond the limits at the most: ${most.rule}`;
}

/** Each test once, however often it was run: it has to pass every time. */
function distinct(results: readonly Result[]): Result[] {
  const byName = new Map<string, Result>();
  for (const result of results) {
    const name = `${result.file} ${result.rule} ${result.version} ${result.part} ${result.title}`;
    const passed = result.passed && byName.get(name)?.passed !== false;
    byName.set(name, { ...result, passed });
  }
  return [...byName.values()];
}

/** A line for each part and file: `server 1.0 1.1 1.2  4 tests  test/conformance/framing.test.ts`. */
function placesOf(results: readonly Result[]): string[] {
  const places = new Map<string, Result[]>();
  for (const result of results) {
    const place = `${result.part} ${result.file}`;
    places.set(place, [...(places.get(place) ?? []), result]);
  }
  return [...places.values()].map((own) => {
    const [{ part, file }] = own as [Result];
    const versions = [...new Set(own.map(({ version }) => version))].sort();
    const tests = own.length === 1 ? "1 test" : `${own.length} tests`;
    return `${part.padEnd(8)}${versions.join(" ").padEnd(12)}${tests.padEnd(10)}${file}`;
  });
}
