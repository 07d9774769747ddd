/** The programs as a user starts them: compiled, each in a process of its own. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { createServer as createTlsServer } from "node:tls";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { CERTIFICATE, KEY } from "../transport/certificate.ts";
import { BrokerHarness, bodies } from "./broker-harness.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const RUN = "examples/run.mjs";
const BROKER = ".build/examples/broker/main.js";
const CLIENT = ".build/examples/broker/client.js";

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

class Program {
  readonly process: ChildProcess;
  stdout = "";
  stderr = "";
  readonly outcome: Promise<Outcome>;

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const env = { ...process.env, ...environment };
    this.process = spawn(process.execPath, args, { cwd: ROOT, env });
    this.process.stdout?.on("data", (chunk) => {
      this.stdout += chunk;
    });
    this.process.stderr?.on("data", (chunk) => {
      this.stderr += chunk;
    });
    this.outcome = new Promise((resolve) => {
      this.process.on("close", (code) => {
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
    onTestFinished(async () => {
      this.process.kill("SIGKILL");
      await this.outcome;
    });
  }

  /** Resolves as soon as it has said so, on either output. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (let waits = 0; waits < 500; waits += 1) {
      const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (match !== null) return match;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`it does not say ${pattern}: ${this.stdout}${this.stderr}`);
  }
}

function run(...args: string[]): Promise<Outcome> {
  return new Program(args).outcome;
}

// Compiles, as `npm start` does in a fresh clone.
beforeAll(async () => {
  const compiling = spawn(process.execPath, [RUN, "broker/main", "--help"], { cwd: ROOT });
  const code = await new Promise((resolve) => compiling.on("close", resolve));
  if (code !== 0) throw new Error(`${RUN} broker/main --help ends with ${code}`);
}, 120_000);

describe("the broker", () => {
  test("explains its options", async () => {
    const { code, stdout, stderr } = await run(BROKER, "--help");
    expect([code, stderr]).toEqual([0, ""]);
    for (const option of [
      "--tcp",
      "--http",
      "--host",
      "--login",
      "--backend",
      "--max-deliveries",
    ]) {
      expect(stdout).toContain(option);
    }
  });

  test.each([
    [["--nonsense"], "--nonsense"],
    [["--tcp"], "--tcp"],
    [["--tcp", "many"], "--tcp"],
    [["--tcp", "65536"], "--tcp"],
    [["--http", "-1"], "--http"],
    [["surplus"], "surplus"],
    [["--login", "me"], "--passcode"],
    [["--host", ""], "--host"],
    [["--login", "me", "--passcode", ""], "--passcode"],
    [["--login", "", "--passcode", "secret"], "--login"],
    [["--backend", "nats://127.0.0.1:4222"], "nats"],
    [["--backend", "paper"], "memory"],
    [["--max-deliveries", "0"], "--max-deliveries"],
    [["--heart-beat", "soon"], "--heart-beat"],
  ])("refuses %j in one line", async (args, named) => {
    const broker = new Program([BROKER, "--tcp", "0", "--http", "0", ...args]);
    // It would run for ever if it were content.
    broker.process.stdout?.once("data", () => broker.process.kill());
    const { code, stdout, stderr } = await broker.outcome;
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^broker: .+\n$/);
    expect(stderr).toContain(named);
  });

  test("says in one line that a port is in use", async () => {
    const occupier = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => occupier.once("listening", resolve));
    onTestFinished(() => void occupier.close());
    const address = occupier.address();
    const port = String(typeof address === "object" ? address?.port : 0);
    for (const args of [
      ["--tcp", port, "--http", "0"],
      ["--tcp", "0", "--http", port],
    ]) {
      const { code, stderr } = await run(BROKER, ...args);
      expect(code).toBe(1);
      expect(stderr).toBe(`broker: cannot listen on 127.0.0.1:${port}: the port is in use\n`);
    }
  });

  test("tells of every frame, but of no passcode, and ends cleanly", async () => {
    const credentials = ["--login", "me", "--passcode", "top-secret"];
    const broker = new Program([BROKER, "--tcp", "0", "--http", "0", "--verbose", ...credentials]);
    const [, url = ""] = await broker.says(/(stomp:\S+)/);
    const sent = await run(CLIENT, "-u", url, "-d", "/queue/a", "-m", "hello", ...credentials);
    expect(sent).toEqual({ code: 0, stdout: "", stderr: "" });
    await broker.says(/SEND destination:\/queue\/a/);
    const refused = await run(
      CLIENT,
      "-u",
      url,
      "-d",
      "/queue/a",
      "-m",
      "x",
      "--login",
      "me",
      "--passcode",
      "guess",
    );
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^client: .*wrong.*\n$/);
    broker.process.kill("SIGINT");
    const { code, stdout, stderr } = await broker.outcome;
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).not.toMatch(/top-secret|guess/);
  });
});

describe("the client", () => {
  test("explains its options", async () => {
    const { code, stdout } = await run(CLIENT, "--help");
    expect(code).toBe(0);
    for (const flag of [
      "-u, --url",
      "-d, --destination",
      "-h, --host",
      "-a, --ack",
      "-r, --receipts",
      "-m, --message",
    ]) {
      expect(stdout).toContain(flag);
    }
  });

  test.each([
    [[], "--destination"],
    [["-d", "/queue/a", "-u", "http://x"], "stomp://"],
    [["-d", "/queue/a", "-u", "x"], "stomp://"],
    [["-d", "/queue/a", "-u", "stomp://me:100%@127.0.0.1:1"], "%25"],
    [["-d", "/queue/a", "-a", "never"], "--ack"],
    [["-d", "/queue/a", "-n", "0"], "--count"],
    [["-d", "/queue/a", "--header", "x"], "--header"],
    [["-d", "/queue/a", "-l", "-m", "-"], "stdin"],
  ])("refuses %j in one line", async (args, named) => {
    const { code, stdout, stderr } = await run(CLIENT, ...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^client: .+\n$/);
    expect(stderr).toContain(named);
  });

  test.each(["stomp://127.0.0.1:1", "ws://127.0.0.1:1/", "stomps://127.0.0.1:1"])(
    "says in one line that %s cannot be reached",
    async (url) => {
      const { code, stdout, stderr } = await run(CLIENT, "-u", url, "-d", "/queue/a");
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^client: .*ECONNREFUSED.*\n$/);
    },
  );

  test("says in one line what the server refused", async () => {
    const { running } = await BrokerHarness.start();
    const url = `stomp://127.0.0.1:${running.tcp.port}`;
    const { code, stderr } = await run(CLIENT, "-u", url, "-d", "/elsewhere", "-m", "x");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^client: .* says: .*\/queue\/<name>.*\n$/);
  });

  test.each(["tcp", "ws"])("sends over %s, and prints what comes", async (transport) => {
    const { running } = await BrokerHarness.start();
    const tcp = `stomp://127.0.0.1:${running.tcp.port}`;
    const url = transport === "tcp" ? tcp : `ws://me:100%25@127.0.0.1:${running.http.port}/#page`;
    const sent = await run(CLIENT, "-u", url, "-d", "/queue/a", "-m", "one", "-m", "two", "-r");
    expect([sent.code, sent.stdout]).toEqual([0, ""]);
    expect(sent.stderr.match(/ for SEND/g)).toHaveLength(2);
    const got = await run(CLIENT, "-u", url, "-d", "/queue/a", "-a", "client", "-n", "2");
    expect(got).toEqual({ code: 0, stdout: "one\ntwo\n", stderr: "" });
    // It acknowledged them.
    const rest = new Program([CLIENT, "-u", url, "-d", "/queue/a", "-m", "three", "-s"]);
    await rest.says(/three\n/);
    expect(rest.stdout).toBe("three\n");
  });

  test("reads bodies from stdin", async () => {
    const broker = await BrokerHarness.start();
    const url = `stomp://127.0.0.1:${broker.running.tcp.port}`;
    const whole = new Program([
      CLIENT,
      "-u",
      url,
      "-d",
      "/queue/a",
      "-m",
      "-",
      "--header",
      "kind:whole",
    ]);
    whole.process.stdin?.end("a\nb\0c\n");
    const lines = new Program([CLIENT, "-u", url, "-d", "/queue/b", "--lines"]);
    lines.process.stdin?.end("a\nb\n");
    expect((await whole.outcome).code).toBe(0);
    expect((await lines.outcome).code).toBe(0);
    const wire = await broker.client();
    await wire.confirmed("SUBSCRIBE", "id:1\ndestination:/queue/a");
    const frame = await wire.take("MESSAGE");
    expect([frame.body.toString(), frame.headers.get("kind")]).toEqual(["a\nb\0c\n", "whole"]);
    await wire.confirmed("SUBSCRIBE", "id:2\ndestination:/queue/b");
    expect(await bodies(wire, 2)).toEqual(["a", "b"]);
  });

  test.each(["stomps", "wss"])(
    "trusts a certificate that it can verify, and no other, over %s",
    async (scheme) => {
      const { running } = await BrokerHarness.start();
      const behind = scheme === "stomps" ? running.tcp.port : running.http.port;
      const proxy = createTlsServer({ key: KEY, cert: CERTIFICATE }, (socket) => {
        const inner = connect(behind, "127.0.0.1");
        socket.pipe(inner).pipe(socket);
        for (const each of [socket, inner]) each.on("error", () => each.destroy());
      }).listen(0, "127.0.0.1");
      await new Promise((resolve) => proxy.once("listening", resolve));
      onTestFinished(() => void proxy.close());
      const folder = await mkdtemp(`${tmpdir()}/client-test-`);
      onTestFinished(() => rm(folder, { recursive: true }));
      const file = `${folder}/ca.pem`;
      await writeFile(file, CERTIFICATE);
      const address = proxy.address();
      const port = typeof address === "object" ? address?.port : 0;
      const args = [CLIENT, "-u", `${scheme}://localhost:${port}/`, "-d", "/queue/a", "-m", "x"];
      const trusting = new Program(args, { NODE_EXTRA_CA_CERTS: file });
      expect(await trusting.outcome).toEqual({ code: 0, stdout: "", stderr: "" });
      const { code, stderr } = await run(...args);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^client: .*certificate.*\n$/);
    },
  );

  test("says goodbye on SIGINT", async () => {
    const verbose: string[] = [];
    const broker = await BrokerHarness.start({ verbose: (line) => verbose.push(line) });
    const url = `stomp://127.0.0.1:${broker.running.tcp.port}`;
    const client = new Program([CLIENT, "-u", url, "-d", "/topic/a"]);
    const wire = await broker.client();
    await vi.waitFor(() => expect(verbose.join("\n")).toContain("SUBSCRIBE"), 5_000);
    await wire.confirmed("SEND", "destination:/topic/a", "hello");
    await client.says(/hello/);
    client.process.kill("SIGINT");
    expect(await client.outcome).toEqual({ code: 0, stdout: "hello\n", stderr: "" });
    expect(verbose.some((line) => /> DISCONNECT receipt:/.test(line))).toBe(true);
  });

  test("says in one line that the server is gone", async () => {
    const { running } = await BrokerHarness.start();
    const url = `stomp://127.0.0.1:${running.tcp.port}`;
    const client = new Program([CLIENT, "-u", url, "-d", "/topic/a", "-v"]);
    await client.says(/SUBSCRIBE/);
    await running.stop();
    const { code, stderr } = await client.outcome;
    expect(code).toBe(1);
    expect(stderr).toMatch(/\nclient: .+\n$/);
  });
});

test("the launcher runs what npm start and npm run client name", async () => {
  const { code, stdout } = await run(RUN, "broker/client", "--help");
  expect(code).toBe(0);
  expect(stdout).toContain("npm run client");
}, 60_000);
