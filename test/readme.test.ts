/** What the README shows is a file, and the file runs; what its tables say is what the sources say. */

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { MessageChannel } from "node:worker_threads";
import type { ReceivedMessage } from "stomp-engine";
import { subprotocols, WebSocketClient } from "stomp-engine/websocket";
import { describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { start } from "../examples/broker/broker.ts";
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

describe("the examples", () => {
  test.each(["hello", "transport", "embedding", "unit-test"])("%s.ts is what is shown", (name) => {
    const shown = [...README.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
    expect(shown).toContain(read(`examples/readme/${name}.ts`));
  });

  test("hello.ts greets, and ends", async () => {
    const broker = await start({ tcp: { port: 0 }, http: { port: 0 } });
    const log = vi.spyOn(console, "log").mockReturnValue();
    const { argv } = process;
    process.argv = ["node", "hello", String(broker.tcp.port)];
    try {
      await import("../examples/readme/hello.ts");
      await vi.waitUntil(() => log.mock.calls.length > 0);
      expect(log.mock.calls).toEqual([["/topic/greetings", { hello: "world" }]]);
    } finally {
      process.argv = argv;
      log.mockRestore();
      await broker.stop();
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
    let others = 0;
    http.on("upgrade", (request, socket) => {
      if (request.headers["sec-websocket-protocol"] !== "chess") return;
      others++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const url = `ws://127.0.0.1:${(http.address() as { port: number }).port}`;
    const heard: string[] = [];
    class Guest extends WebSocketClient {
      protected override onConnected(): void {
        this.subscribe("/room");
        this.message("/room", "hello");
      }
      protected override onMessage(message: ReceivedMessage): void {
        heard.push(message.text());
        this.disconnect();
      }
      protected override onReceipt(): void {}
      protected override onError(): void {}
    }
    const guest = new Guest(new WebSocket(url, subprotocols()));
    guest.connect({ login: "ada", passcode: "lovelace" });
    const chess = new WebSocket(url, "chess");
    chess.on("error", () => {});
    await vi.waitUntil(() => guest.state === "closed" && others === 1);
    expect(heard).toEqual(["hello"]);
    await new Promise((resolve) => http.close(resolve));
  });

  test("unit-test.ts tells a refusal and a silent peer", () => {
    expect(refusesWhatIsNoOrder()).toContain('S> ERROR message:"No such destination" receipt-id:2');
    expect(missesHeartBeats()).toContain("S! onClose lost heart-beat-lost");
  });
});

describe("the tables", () => {
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
  });

  test("have every option", () => {
    const optionsOf = (file: string, name: string) => {
      const [, text = ""] = read(`src/session/${file}.ts`).split(`interface ${name} `);
      const [body = ""] = text.split("\n}\n");
      return [...body.matchAll(/^ {2}(\w+)\?:/gm)].map(([, option]) => `\`${option}\``);
    };
    const options = rows("Options").map(([option = ""]) => option);
    expect(options).toEqual([
      ...optionsOf("settings", "SessionOptions"),
      ...optionsOf("client-options", "ClientOptions").map((option) => `client: ${option}`),
      ...optionsOf("server-options", "ServerOptions").map((option) => `server: ${option}`),
    ]);
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
  });
});
