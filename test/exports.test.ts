/** The names that the package promises: changing one of these lists is a change for users. And what is packed. */

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import manifest from "../package.json" with { type: "json" };

describe("the entry points", () => {
  test("are these", () => {
    expect(Object.keys(manifest.exports)).toEqual([
      ".",
      "./websocket",
      "./tcp",
      "./testing",
      "./package.json",
    ]);
  });

  test("need nothing else", () => {
    expect(manifest).not.toHaveProperty("dependencies");
    expect(manifest).not.toHaveProperty("main");
  });

  test("stomp-engine", async () => {
    expect(Object.keys(await import("stomp-engine")).sort()).toEqual([
      "ApplicationError",
      "ConnectionError",
      "FrameParser",
      "PreparedMessage",
      "ProtocolError",
      "StompClient",
      "StompError",
      "StompServer",
      "StompSession",
      "encodeFrame",
      "systemClock",
    ]);
  });

  test("stomp-engine/websocket", async () => {
    expect(Object.keys(await import("stomp-engine/websocket")).sort()).toEqual([
      "WebSocketClient",
      "WebSocketCloseError",
      "WebSocketServer",
      "WebSocketTransport",
      "chooseSubprotocol",
      "subprotocolVersion",
      "subprotocols",
    ]);
  });

  test("stomp-engine/tcp", async () => {
    expect(Object.keys(await import("stomp-engine/tcp")).sort()).toEqual([
      "TcpClient",
      "TcpServer",
      "TcpTransport",
    ]);
  });
});

test("what is packed was built for it", async () => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const folder = await mkdtemp(`${tmpdir()}/packed-test-`);
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const part of ["package.json", "tsconfig.json", "src"]) {
    await cp(`${root}${part}`, `${folder}/${part}`, { recursive: true });
  }
  await symlink(`${root}node_modules`, `${folder}/node_modules`);
  await mkdir(`${folder}/dist`);
  await writeFile(`${folder}/dist/of-yesterday.js`, "");
  const pack = promisify(execFile)("npm", ["pack", "--dry-run", "--json", "--silent"], {
    cwd: folder,
  });
  const [{ files }] = JSON.parse((await pack).stdout);
  const names = files.map(({ path }: { path: string }) => path);
  expect(names).toEqual(expect.arrayContaining(["dist/index.js", "dist/index.d.ts"]));
  expect(names).not.toContain("dist/of-yesterday.js");
});
