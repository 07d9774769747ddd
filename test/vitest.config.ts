import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  resolve: {
    // Tests and examples import the package by its own name and get its sources, so that no build is needed.
    alias: [
      { find: /^stomp-engine$/, replacement: source("index.ts") },
      { find: /^stomp-engine\/(websocket|tcp)$/, replacement: source("transport/$1.ts") },
      { find: /^stomp-engine\/testing$/, replacement: source("testing/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    // Properties, heaps and sockets take their time on a busy machine; nothing is asserted about it.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What only makes it faster must not make a difference: everything runs with it and without.
    projects: [
      { extends: true, test: { name: "prediction" } },
      {
        extends: true,
        test: { name: "no prediction", setupFiles: ["test/without-prediction.ts"] },
      },
    ],
    coverage: {
      include: ["src/**"],
      reporter: ["text", "json-summary"],
      thresholds: { lines: 100, branches: 100, functions: 100, statements: 100 },
    },
  },
});
