/** What the README shows is a file, and the file runs; what its tables say is what the sources say. */

import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { MessageChannel } from "node:worker_threads";
import type { ReceivedMessage, ServerSubscription, StompError } from "stomp-engine";
import * as engine from "stomp-engine";
import { TcpServer } from "stomp-engine/tcp";
import { Pair, RecordingServer } from "stomp-engine/testing";
import { subprotocols, WebSocketClient } from "stomp-engine/websocket";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { start } from "../examples/broker/broker.ts";
import { Billing } from "../examples/readme/commands.ts";
import { mount } from "../examples/readme/embedding.ts";
import { PortClient } from "../examples/readme/transport.ts";
import { missesHeartBeats, refusesWhatIsNoOrder } from "../examples/readme/unit-test.ts";
import { sessionLimits } from "../src/protocol/limits.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(`${ROOT}${path}`, "utf8");
const README = read("README.md");

/** The rows of the tables under a heading, without those that head a table. */
function rows(heading: string): string[][] {
  const [, section = ""] = README.split(`\n## ${heading}\n`);
  const [text = ""] = section.split("\n## ");
  return [...text.matchAll(/^\| (.+) \|$/gm)]
    .map(([, row = ""]) => row.split(" | ").map((cell) => cell.trim()))
    .filter(([first = ""]) => first.includes("`") && !first.includes("Error`:"));
}

/** Blocks of this language, or of none. */
function blocks(language: string): string[] {
  const fenced = [...README.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
  return fenced.filter(([, of]) => of === language).map(([, , text = ""]) => text);
}

/** Runs an example that is a program, with the port that it is to connect to. */
async function run(name: string, port: number): Promise<void> {
  const { argv } = process;
  process.argv = ["node", name, String(port)];
  try {
    await import(`../examples/readme/${name}.ts`);
  } finally {
    process.argv = argv;
  }
}

/** Looks often, so that it waits for no more than it has to. */
async function until(met: () => boolean): Promise<void> {
  await vi.waitUntil(met, { interval: 1, timeout: 10_000 });
}

describe("the examples", () => {
  test("are what is shown, and nothing else is but lines of this test", () => {
    const files = readdirSync(`${ROOT}examples/readme`).map((name) => `examples/readme/${name}`);
    const shown = blocks("ts");
    expect(files.filter((file) => !shown.includes(read(file)))).toEqual([]);
    const others = shown.filter((code) => !files.some((file) => read(file) === code));
    const lines = read("test/readme.test.ts")
      .split("\n")
      .map((line) => line.trim());
    expect(others.map((code) => code.trim()).filter((line) => !lines.includes(line))).toEqual([]);
  });

  test("hello.ts greets, and ends", async () => {
    const broker = await start({ tcp: { port: 0 }, http: { port: 0 } });
    const log = vi.spyOn(console, "log").mockReturnValue();
    try {
      await run("hello", broker.tcp.port);
      await vi.waitUntil(() => log.mock.calls.length > 0);
      expect(log.mock.calls).toEqual([["/topic/greetings", { hello: "world" }]]);
    } finally {
      log.mockRestore();
      await broker.stop();
    }
  });

  test("commands.ts settles an order and its bill in one transaction", () => {
    class Orders extends RecordingServer {
      protected override onSubscribe({ id }: ServerSubscription): void {
        this.message(id, { destination: "/queue/orders", body: "tea" });
      }
    }
    class Bills extends Billing {
      protected override onReceipt(): void {}
      protected override onError(): void {}
    }
    const pair = new Pair({
      client: (end) => new Bills(end.socket(), { clock: end.clock }),
      server: (end) => new Orders(end),
    });
    pair.client.start();
    expect(pair.drive().filter((line) => !line.startsWith("S>"))).toEqual([
      "C> CONNECT accept-version:1.0,1.1,1.2 host:/ login:ada passcode:*** heart-beat:10000,10000",
      "S! onConnect 1.2",
      "C! onConnected 1.2",
      "C> SUBSCRIBE id:sub-1 destination:/queue/orders ack:client-individual",
      "S! onSubscribe sub-1",
      'C! onMessage sub-1 "tea"',
      "C> BEGIN transaction:tx-2",
      expect.stringMatching(/^C> SEND destination:\/queue\/bills .* transaction:tx-2 /),
      "C> ACK id:a-1 transaction:tx-2",
      "C> COMMIT transaction:tx-2 receipt:receipt-3",
      "S! onBegin tx-2",
      "S! onCommit tx-2",
      expect.stringMatching(/^S! onMessage \/queue\/bills .*order.*tea/),
      "S! onAck m-1",
      "C! onReceipt receipt-3",
    ]);
  });

  test("reconnect.ts comes back later and later, with its subscription", async () => {
    const subscribed: string[] = [];
    class News extends TcpServer {
      protected override onConnect(): boolean {
        return true;
      }
      protected override onSubscribe({ id, destination }: ServerSubscription): void {
        subscribed.push(`${id} ${destination}`);
        this.message(id, { destination, body: `news ${subscribed.length}` });
      }
      protected override onMessage(): void {}
      protected override onUnsubscribe(): void {}
      protected override onAck(): void {}
      protected override onNack(): void {}
      protected override onDisconnect(): void {}
      protected override onError(): void {}
    }
    const sockets: Socket[] = [];
    const server = createTcpServer((socket) => {
      sockets.push(socket);
      // The second connection does not even get as far as CONNECTED.
      if (sockets.length === 2) socket.destroy();
      else new News(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const log = vi.spyOn(console, "log").mockReturnValue();
    const error = vi.spyOn(console, "error").mockReturnValue();
    const printed = () => log.mock.calls.flat();
    // It comes back when the test says so; the engine's own timer is left alone.
    const delays: (number | undefined)[] = [];
    let comeBack = () => {};
    const { setTimeout } = globalThis;
    const timer = (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
      if (callback.name !== "follow") return setTimeout(callback, ms, ...args);
      delays.push(ms);
      comeBack = () => callback(...args);
      return undefined;
    };
    vi.stubGlobal("setTimeout", timer);
    try {
      await run("reconnect", (server.address() as AddressInfo).port);
      await until(() => printed().length === 1);
      sockets[0]?.resetAndDestroy();
      await until(() => delays.length === 1);
      comeBack();
      await until(() => delays.length === 2);
      comeBack();
      await until(() => printed().length === 2);
      sockets[2]?.destroy();
      await until(() => delays.length === 3);
      expect(delays).toEqual([100, 200, 100]);
      expect(subscribed).toEqual(["sub-1 /topic/news", "sub-1 /topic/news"]);
      expect(printed()).toEqual(["news 1", "news 2"]);
      expect(error.mock.calls[0]).toEqual([
        "connection-lost",
        "The transport failed",
        expect.objectContaining({ code: "ECONNRESET" }),
      ]);
    } finally {
      vi.unstubAllGlobals();
      vi.restoreAllMocks();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test("transport.ts carries a session over a MessagePort", async () => {
    const { port1, port2 } = new MessageChannel();
    const bytes: string[] = [];
    const ended = new Promise<void>((resolve) => {
      port2.on("message", (chunk: Uint8Array | null) => {
        if (chunk === null) resolve();
        else bytes.push(new TextDecoder().decode(chunk));
        if (bytes.length === 1) port2.postMessage(Buffer.from("CONNECTED\nversion:1.2\n\n\0"));
      });
    });
    class Client extends PortClient {
      protected override onConnected(): void {
        this.disconnect({ receipt: false });
      }
      protected override onMessage(): void {}
      protected override onReceipt(): void {}
      protected override onError(): void {}
    }
    new Client(port1).connect();
    await ended;
    expect(bytes[0]).toMatch(/^CONNECT\n/);
    expect(bytes[1]).toBe("DISCONNECT\n\n\0");
  });

  test("embedding.ts serves a room, and leaves other upgrades alone", async () => {
    const http = createServer();
    mount(http);
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const heard: string[] = [];
    const ends: unknown[] = [];
    class Chat extends WebSocketClient {
      protected override onConnected(): void {
        this.subscribe("/room");
        this.message("/room", "hello");
      }
      protected override onMessage(message: ReceivedMessage): void {
        heard.push(message.text());
        this.disconnect();
      }
      protected override onReceipt(): void {}
      protected override onError({ code }: StompError): void {
        ends.push(code);
      }
      protected override onClose({ reason }: engine.ClientClosing): void {
        ends.push(reason);
      }
    }
    const [login, passcode] = ["ada", "lovelace"];
    new Chat(new WebSocket(url, subprotocols())).connect({ login, passcode });
    await until(() => ends.length === 1);
    expect(heard).toEqual(["hello"]);
    new Chat(new WebSocket(url)).connect();
    await until(() => ends.length === 3);
    expect(ends).toEqual(["disconnect", "connection-lost", "lost"]);
    let others = 0;
    http.on("upgrade", (request, socket) => {
      if (request.headers["sec-websocket-protocol"] !== "chess") return;
      others++;
      socket.destroy();
    });
    const chess = new WebSocket(url, "chess");
    chess.on("error", () => {});
    await until(() => others === 1);
    await new Promise((resolve) => http.close(resolve));
  });

  test("embedding.ts takes a message as long as a frame may be, and none that is longer", async () => {
    const http = createServer();
    mount(http);
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const { port } = http.address() as AddressInfo;
    const { maxFrameBytes } = sessionLimits();
    const error = vi.spyOn(console, "error").mockReturnValue();
    onTestFinished(() => error.mockRestore());
    const ends: unknown[] = [];
    for (const octets of [maxFrameBytes, 2 * maxFrameBytes]) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}`, subprotocols());
      socket.on("error", () => {});
      socket.on("close", (code) => ends.push(code));
      socket.on("open", () => socket.send(new Uint8Array(octets)));
      const before = ends.length;
      await until(() => ends.length > before);
    }
    expect(ends).toEqual([1000, 1009]);
    await new Promise((resolve) => http.close(resolve));
  });

  test("unit-test.ts tells a refusal and a silent peer", () => {
    const [shown = ""] = blocks("").filter((block) => block.includes("S! onMessage"));
    const lines = shown.trim().split("\n");
    expect(lines.at(-1)).toBe('S> ERROR message:"No such destination" receipt-id:2');
    expect(refusesWhatIsNoOrder().slice(0, lines.length)).toEqual(lines);
    expect(missesHeartBeats()).toContain("S! onClose lost heart-beat-lost");
  });
});

describe("the tables", () => {
  test("have every command, and what works alone", () => {
    const membersOf = (file: string, kind: RegExp) => {
      const [, body = ""] = read(`src/session/${file}.ts`).split("\nexport abstract class ");
      return new Set([...body.matchAll(kind)].map(([, name = ""]) => name));
    };
    const METHODS = /^ {2}(?:override )?(?!constructor)(\w+)\(/gm;
    const GETTERS = /^ {2}get (\w+)\(/gm;
    const [, receiver = ""] = read("src/session/link.ts").split("interface Receiver ");
    const inputs = new Set([...receiver.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name));
    const shared = ["snapshot", "pause", "resume"];
    const commands = rows("Commands").map(([first = ""]) =>
      first.replace(/`(?:new )?(\w+)\(.*/, "$1"),
    );
    const alone = ["FrameParser", "encodeFrame", "PreparedMessage"];
    expect(commands).toEqual([
      ...[...membersOf("client", METHODS)].filter((name) => !shared.includes(name)),
      ...[...membersOf("server", METHODS)].filter((name) => !shared.includes(name)),
      ...shared,
      ...alone,
    ]);
    expect(Object.keys(engine)).toEqual(expect.arrayContaining(alone));
    const ofSessions = [...membersOf("session", METHODS), "snapshot"];
    expect(ofSessions.filter((name) => !inputs.has(name)).sort()).toEqual([...shared].sort());
    const [, section = ""] = README.split("\n## Commands\n");
    for (const name of ["session", "client", "server"].flatMap((file) => [
      ...membersOf(file, GETTERS),
    ])) {
      expect(section).toContain(`\`${name}\``);
    }
  });

  test("have every error code, and no other", () => {
    const codes = [...read("src/errors.ts").matchAll(/^ {2}\|? ?"([a-z0-9-]+)";?$/gm)].map(
      ([, code]) => code,
    );
    expect(codes.length).toBeGreaterThan(35);
    expect(rows("Errors").map(([code]) => code?.replaceAll("`", ""))).toEqual(codes);
  });

  test("have every limit, with its default", () => {
    const limits = Object.entries(sessionLimits()).map(([name, limit]) => [
      `\`${name}\``,
      Number.isFinite(limit) ? String(limit) : "none",
    ]);
    expect(rows("Limits").map(([name, limit]) => [name, limit])).toEqual(limits);
    expect(sessionLimits({ maxHeaderBytes: 10, maxBodyBytes: 20 })).toMatchObject({
      maxFrameBytes: 10 + 20,
      maxTransactionBytes: 4 * 20,
      maxPendingBytes: 2 * (10 + 20),
    });
  });

  test("have every option", () => {
    const optionsOf = (file: string, name: string) => {
      const [, text = ""] = read(`src/${file}.ts`).split(`interface ${name} `);
      const [body = ""] = text.split("\n}\n");
      return [...body.matchAll(/^ {2}(\w+)\?:/gm)].map(([, option]) => `\`${option}\``);
    };
    const options = rows("Options").map(([option = ""]) => option);
    const session = optionsOf("session/settings", "SessionOptions");
    const tcp = optionsOf("transport/tcp-transport", "TcpOptions");
    const webSocket = optionsOf("transport/websocket-transport", "WebSocketOptions");
    const ofTransports = [...new Set([...tcp, ...webSocket])].filter(
      (option) => !session.includes(option),
    );
    expect(options).toEqual([
      ...session,
      ...optionsOf("session/client-options", "ClientOptions").map((option) => `client: ${option}`),
      ...optionsOf("session/server-options", "ServerOptions").map((option) => `server: ${option}`),
      ...ofTransports.map((option) =>
        tcp.includes(option) ? `TCP, WebSocket: ${option}` : `WebSocket: ${option}`,
      ),
    ]);
    // What is said of those of a transport: one that has them all.
    expect(tcp.filter((option) => !webSocket.includes(option))).toEqual([]);
    const unknown = { nonsense: 1 };
    class Server extends RecordingServer {}
    expect(
      () => new Pair({ server: (end) => new Server(end, { limits: unknown as object }) }),
    ).toThrow(expect.objectContaining({ code: "invalid-option" }));
    expect(() => new Pair({ server: (end) => new Server(end, unknown as object) })).not.toThrow();
  });

  test("have every hook", () => {
    const hooksOf = (file: string) =>
      [...read(`src/session/${file}.ts`).matchAll(/^ {2}protected (?:abstract )?(on\w+)\(/gm)].map(
        ([, hook]) => hook,
      );
    const hooks = rows("Hooks").map(([hook = ""]) => hook.replace(/`(\w+)\(.*/, "$1"));
    expect(hooks.sort()).toEqual(
      [...hooksOf("client"), ...hooksOf("server"), ...hooksOf("outputs")].sort(),
    );
    const [, reason] = /the reason is always "(.+?)"/.exec(README) ?? [];
    const pair = Pair.connected();
    pair.client.disconnect();
    expect(pair.drive()).toContain(`S! onDisconnect ${reason}`);
  });
});
