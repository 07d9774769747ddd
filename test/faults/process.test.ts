/** The package as it is built, in processes of its own: killed, and with intrinsics that nobody can change. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ClientClosing, Receipt } from "stomp-engine";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { endingWithTest } from "../transport/loopback.ts";
import { FaultClient } from "./sessions.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
// Beside "dist", which others may be about to read; and each of those who do this has its own.
const BUILT = `${ROOT}.build/package-${process.pid}`;
const COMPILER = `${ROOT}node_modules/typescript/bin/tsc`;
const MOST_MS = 60_000;

beforeAll(() => {
  const { status, stdout } = spawnSync(process.execPath, [COMPILER, "--outDir", BUILT], {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stdout);
}, MOST_MS);

afterAll(() => {
  rmSync(BUILT, { recursive: true, force: true });
});

test(
  "a server that is killed is a lost link: what it has not confirmed is unconfirmed",
  async () => {
    const { process: server, port } = await serverInProcess();
    const client = new FaultClient(endingWithTest(connect(port, "127.0.0.1")));
    client.connect();
    await client.inbox.next("onConnected");
    client.subscribe("/a", { id: "s", ack: "client" });
    const before = client.message("/a", "echo", { receipt: true });
    await client.inbox.next("onMessage");
    await before.done;
    const transaction = client.begin();
    const within = client.message("/a", "in a transaction", { transaction, receipt: true });
    await within.done;
    server.kill("SIGKILL");
    const after = client.commit(transaction, { receipt: true }) as Receipt;
    const closing = await client.inbox.next<ClientClosing>("onClose");
    expect(closing.reason).toMatch(/^(lost|ended)$/);
    expect(closing.unconfirmed).toEqual([after]);
    await expect(after.done).rejects.toMatchObject({ code: "connection-lost" });
    expect(client.transactions.size).toBe(0);
    expect(() => client.begin()).toThrow(expect.objectContaining({ code: "closed" }));
  },
  MOST_MS,
);

test(
  "runs where intrinsics are frozen",
  async () => {
    const { stdout, code } = await output(["--frozen-intrinsics"], FLOW);
    expect(stdout).toContain("frozen: true");
    expect(stdout).toContain('C! onMessage s "ünïcödé"');
    expect(stdout).toContain("S! onCommit t");
    expect(stdout).toContain("C! onClose disconnect");
    expect(code).toBe(0);
  },
  MOST_MS,
);

const url = (path: string) => JSON.stringify(pathToFileURL(`${BUILT}/${path}`).href);

/** Echoes to the subscription "s"; says where it listens. */
const SERVER = `
  import { createServer } from "node:net";
  import { TcpServer } from ${url("transport/tcp.js")};
  class Echo extends TcpServer {
    onConnect() { return true; }
    onMessage(message) { this.message("s", { destination: "/a", body: message.body }); }
    onSubscribe() {} onUnsubscribe() {} onAck() {} onNack() {} onDisconnect() {} onError() {}
  }
  const listener = createServer((socket) => new Echo(socket));
  listener.listen(0, "127.0.0.1", () => console.log("port " + listener.address().port));
`;

/** All that a short life takes: text, bytes, a transaction, heart-beats, the end. */
const FLOW = `
  import { Pair, randomPieces } from ${url("testing/index.js")};
  console.log("frozen: " + Object.isFrozen(Array.prototype));
  const pair = Pair.connected("1.2");
  pair.toServer.chunking = pair.toClient.chunking = randomPieces(1);
  pair.client.subscribe("/a", { id: "s", ack: "client", headers: { "x:y": "a\\nb" } });
  pair.drive();
  pair.server.message("s", { destination: "/a", body: "ünïcödé" });
  pair.server.message("s", { destination: "/a", body: { json: true } });
  pair.advance(60_000);
  const transaction = pair.client.begin({ id: "t" });
  pair.client.messages[1].ack({ transaction });
  pair.client.message("/b", new Uint8Array(10_000), { transaction });
  pair.client.commit(transaction, { receipt: true });
  pair.client.disconnect();
  pair.drive();
  console.log(String(pair.transcript));
`;

async function serverInProcess(): Promise<{ process: ChildProcess; port: number }> {
  const child = run([], SERVER);
  const [line] = (await once(child.stdout ?? child, "data")) as [Buffer];
  return { process: child, port: Number(/port (\d+)/.exec(String(line))?.[1]) };
}

async function output(
  flags: readonly string[],
  program: string,
): Promise<{ stdout: string; code: number | null }> {
  const child = run(flags, program);
  let stdout = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      stdout += chunk;
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { stdout, code };
}

function run(flags: readonly string[], program: string): ChildProcess {
  const child = spawn(process.execPath, [...flags, "--input-type=module", "-e", program]);
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}
