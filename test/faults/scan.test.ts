/** Nothing in the sources makes code, or patterns, out of text. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SOURCES = fileURLToPath(new URL("../../src/", import.meta.url));

const FILES = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".ts"),
);

/** What would be code, or a pattern of a peer's making: a literal is neither. */
const FORBIDDEN = [
  /\beval\s*\(/,
  /\bFunction\s*\(/,
  /\bnew\s+Function\b/,
  /\bRegExp\s*\(/,
  /\bset(?:Timeout|Interval)\s*\(\s*["'`]/,
  /\.(?:matchAll|search)\(\s*(?!\/)/,
  /\bimport\s*\(/,
];

test("no source does", () => {
  const found = FILES.flatMap((name) => {
    const code = withoutComments(readFileSync(SOURCES + name, "utf8"));
    return FORBIDDEN.filter((pattern) => pattern.test(code)).map((pattern) => [name, pattern]);
  });
  expect(FILES.length).toBeGreaterThan(50);
  expect(found).toEqual([]);
});

test("would find them", () => {
  for (const bad of [
    "eval(x)",
    "new Function(x)",
    "new RegExp(x)",
    "RegExp (x)",
    "text.search(x)",
  ]) {
    expect(FORBIDDEN.some((pattern) => pattern.test(bad))).toBe(true);
  }
});

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
}
