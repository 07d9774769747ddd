/** What the layout promises, read off the sources. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = readdirSync(`${ROOT}src`, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => path.replaceAll("\\", "/"));
const text = (path: string) => readFileSync(`${ROOT}src/${path}`, "utf8");

/** Each layer may use those before it, and itself. */
const LAYERS = ["errors", "protocol", "session", "transport", "testing"];
/** Platform values, and the one file that may declare each. */
const DECLARED: Readonly<Record<string, readonly string[]>> = {
  "protocol/utf8.ts": ["TextDecoder", "TextEncoder"],
  "session/clock.ts": ["setTimeout", "clearTimeout", "performance"],
  "session/identity.ts": ["crypto"],
  "transport/turn-writer.ts": ["setImmediate"],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const IMPORTS: readonly Import[] = SOURCES.flatMap((from) =>
  [...text(from).matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)";/gms)].map(
    ([, type, specifier = ""]) => ({
      from,
      to: specifier.startsWith(".") ? posix.join(posix.dirname(from), specifier) : specifier,
      typeOnly: type !== undefined,
    }),
  ),
);

function layerOf(path: string): number {
  return LAYERS.indexOf(path.replace(/\.ts$/, "").split("/")[0] ?? "");
}

describe("imports", () => {
  test("are found", () => {
    expect(IMPORTS.length).toBeGreaterThan(SOURCES.length);
  });

  test("name files of the package, with their extension", () => {
    expect(IMPORTS.filter(({ to }) => !SOURCES.includes(to))).toEqual([]);
  });

  test("point downwards only", () => {
    const upwards = IMPORTS.filter(
      ({ from, to, typeOnly }) =>
        from !== "index.ts" &&
        layerOf(to) > layerOf(from) &&
        // An error names the frame that it is about, and a refusal its headers and body: as types.
        !(from === "errors.ts" && typeOnly && to.startsWith("protocol/")),
    );
    expect(upwards).toEqual([]);
  });

  test("keep client and server apart", () => {
    const side = (path: string) => /(client|server)[\w-]*\.ts$/.exec(path)?.[1];
    const crossing = IMPORTS.filter(({ from, to }) => {
      const [one, other] = [side(from), side(to)];
      return from.startsWith("session/") && one && other && one !== other;
    });
    expect(crossing).toEqual([]);
  });

  test("leave transports and testing to entry points of their own", () => {
    const { to } = IMPORTS.find(({ from, to }) => from === "index.ts" && layerOf(to) > 2) ?? {};
    expect(to).toBeUndefined();
  });
});

describe("platforms", () => {
  test("are declared where the layout says, and nowhere else", () => {
    const declared = SOURCES.flatMap((path) =>
      [...text(path).matchAll(/^declare const (\w+)/gm)].map(([, name]) => `${path} ${name}`),
    );
    const promised = Object.entries(DECLARED).flatMap(([path, names]) =>
      names.map((name) => `${path} ${name}`),
    );
    expect(declared.sort()).toEqual(promised.sort());
  });

  test("are not referenced, and not asked for", () => {
    const asking = SOURCES.filter((path) =>
      /\/\/\/\s*<reference|declare global|\bimport\s*\(|\brequire\(/.test(text(path)),
    );
    expect(asking).toEqual([]);
  });

  test("no code is made at run time, and no expression out of what a peer sent", () => {
    const making = SOURCES.filter((path) =>
      /\beval\(|new Function\b|new RegExp\b/.test(text(path)),
    );
    expect(making).toEqual([]);
  });
});

describe("state of a module", () => {
  test("is replaced in the shapes of headers and the rules of parsers alone", () => {
    const changing = SOURCES.filter((path) => /^(?:export )?(?:let|var) /m.test(text(path)));
    expect(changing.sort()).toEqual(["protocol/header-shape.ts", "protocol/rules.ts"]);
  });
});

describe("the built declarations", () => {
  const out = mkdtempSync(join(tmpdir(), "stomp-engine-"));
  afterAll(() => rmSync(out, { recursive: true }));

  test("name no type of a platform", () => {
    execFileSync(process.execPath, [
      `${ROOT}node_modules/typescript/bin/tsc`,
      "-p",
      ROOT,
      "--outDir",
      out,
    ]);
    const declarations = readdirSync(out, { recursive: true, encoding: "utf8" }).filter((path) =>
      path.endsWith(".d.ts"),
    );
    expect(declarations.length).toBe(SOURCES.length);
    const platform = /\b(Buffer|NodeJS|EventTarget|MessageEvent|HTMLElement|Window)\b|from "node:/;
    const naming = declarations.filter((path) => {
      const code = readFileSync(join(out, path), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
      return platform.test(code);
    });
    expect(naming).toEqual([]);
  });
});

describe("files", () => {
  test("say what they are for", () => {
    expect(SOURCES.filter((path) => !text(path).startsWith("/**"))).toEqual([]);
  });

  test("have names that say something", () => {
    expect(SOURCES.filter((path) => /(utils?|types|constants|helpers?)\.ts$/.test(path))).toEqual(
      [],
    );
  });
});
