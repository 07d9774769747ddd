/** No rule without its tests, no test without its rule. */

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { MUTANTS } from "../mutate/mutants.ts";
import { named, wanted } from "./names.ts";
import { RULES } from "./rules.ts";

/** The names of all tests beside this file: they are loaded, and what they would test is written down instead. */
async function testNames(): Promise<string[]> {
  const names: string[] = [];
  vi.doMock("./rule.ts", () => ({
    rule: (id: string, versions: readonly string[], part: string, title: string) => {
      names.push(...versions.map((version) => `${id} [${version}] ${part}: ${title}`));
    },
  }));
  for (const file of readdirSync(fileURLToPath(new URL(".", import.meta.url)))) {
    const [name] = file.split(".test.ts");
    if (name !== file && name !== "completeness") await import(`./${name}.test.ts`);
  }
  return names;
}

test("every rule is tested, in every version and part that it binds", async () => {
  const tested = new Set<string>();
  const ids = new Set<string>(RULES.map(({ id }) => id));
  for (const name of await testNames()) {
    const what = named(name);
    expect(what, `${name} is named after a rule`).toBeDefined();
    expect(ids, name).toContain(what?.rule);
    tested.add(`${what?.rule} [${what?.version}] ${what?.part}`);
  }
  expect(wanted().filter((each) => !tested.has(each))).toEqual([]);
  expect(ids.size).toBe(RULES.length);
}, 30_000);

test("every rule of the specifications, every limit and every hostile input has its mutants", () => {
  const mutated = new Set(MUTANTS.map(({ rule }) => rule));
  // What its test reads is the source as it is on disk, which mutants leave alone.
  mutated.add("C-CVE-2018-1270");
  const bare = RULES.filter(({ id }) => /^[ABC]/.test(id) && !mutated.has(id));
  expect(bare.map(({ id }) => id)).toEqual([]);
  for (const { rule } of MUTANTS) expect(RULES.map(({ id }): string => id)).toContain(rule);
});
