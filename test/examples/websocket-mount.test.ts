/** Which upgrades a mount takes, and that it leaves everything else alone. */

import { createServer, get, type IncomingMessage, type Server } from "node:http";
import { connect } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { listen } from "../../examples/support/listeners.ts";
import { type Mount, mountWebSocket } from "../../examples/support/websocket-mount.ts";

interface Taken {
  readonly version: string;
  readonly protocol: string;
}

async function serve(mount: Partial<Mount> = {}) {
  const server = createServer((request, response) => response.end(`page ${request.url}`));
  const taken: Taken[] = [];
  const unmount = mountWebSocket(server, {
    maxMessageBytes: 1_000,
    accept(socket, version) {
      taken.push({ version, protocol: socket.protocol });
      socket.on("message", (data) => socket.send(`stomp ${data}`));
    },
    ...mount,
  });
  const listener = await listen(server, { host: "127.0.0.1", port: 0 });
  onTestFinished(() => listener.close(0));
  const { port } = listener.address;
  return { server, taken, unmount, port, url: `ws://127.0.0.1:${port}` };
}

/** What an upgrade comes to: the chosen subprotocol, or the status of a refusal. */
function upgrade(
  url: string,
  protocols: string[] = [],
  headers: Record<string, string> = {},
): Promise<string | number> {
  const socket = new WebSocket(url, protocols, { headers });
  return new Promise((resolve, reject) => {
    socket.on("open", () => {
      socket.close();
      resolve(socket.protocol);
    });
    socket.on("unexpected-response", (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on("error", reject);
  });
}

/** Says something, and resolves with the answer. */
function talk(url: string, protocols: string[] = []): Promise<string> {
  const socket = new WebSocket(url, protocols);
  return new Promise((resolve, reject) => {
    socket.on("open", () => socket.send("hello"));
    socket.on("message", (data) => {
      socket.close();
      resolve(String(data));
    });
    socket.on("error", reject);
  });
}

function echo(server: Server, path: string, name: string): void {
  const own = new WebSocketServer({ server, path });
  own.on("connection", (socket) => {
    socket.on("message", (data) => socket.send(`${name} ${data}`));
  });
}

function page(port: number, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path: "/x", headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    }).on("error", reject);
  });
}

describe("an upgrade is taken", () => {
  test.each([
    [["v12.stomp"], "1.2"],
    [["v11.stomp"], "1.1"],
    [["v10.stomp"], "1.0"],
    [["v10.stomp", "v11.stomp", "v12.stomp"], "1.2"],
    [["v11.stomp", "v10.stomp"], "1.1"],
    [["other", "v10.stomp"], "1.0"],
  ])("that offers %s, as %s", async (offered, version) => {
    const { url, taken } = await serve();
    const protocol = `v${version.replace(".", "")}.stomp`;
    expect(await upgrade(url, offered)).toBe(protocol);
    expect(taken).toEqual([{ version, protocol }]);
  });

  test("on the path of the mount only", async () => {
    const { url } = await serve({ path: "/stomp" });
    expect(await upgrade(`${url}/stomp?token=1`, ["v12.stomp"])).toBe("v12.stomp");
    expect(await upgrade(`${url}/elsewhere`, ["v12.stomp"])).toBe(400);
  });

  test("by the mount whose path it is, if there are several", async () => {
    const { server, url, taken } = await serve({ path: "/one" });
    const others: string[] = [];
    mountWebSocket(server, {
      path: "/two",
      maxMessageBytes: 1_000,
      accept: (_, version) => others.push(version),
    });
    await upgrade(`${url}/one`, ["v11.stomp"]);
    await upgrade(`${url}/two`, ["v12.stomp"]);
    expect([taken.map(({ version }) => version), others]).toEqual([["1.1"], ["1.2"]]);
  });

  test("no longer after the mount was taken off", async () => {
    const { url, unmount } = await serve();
    unmount();
    expect(await upgrade(url, ["v12.stomp"])).toBe(400);
  });
});

describe("an upgrade gets an answer", () => {
  test.each([[[]], [["graphql-ws"]], [["v13.stomp"]], [["V12.STOMP"]]])(
    "400 if it offers %j",
    async (offered) => {
      const { url, taken } = await serve();
      expect(await upgrade(url, offered)).toBe(400);
      expect(taken).toEqual([]);
    },
  );

  test("and the connection is closed after it", async () => {
    const { port } = await serve();
    const socket = connect(port, "127.0.0.1");
    socket.write(
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    );
    let text = "";
    for await (const chunk of socket) text += chunk;
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(text).toContain("v12.stomp");
  });

  test("if its handshake is broken", async () => {
    const { port } = await serve();
    const socket = connect(port, "127.0.0.1");
    socket.write(
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Version: 1\r\nSec-WebSocket-Protocol: v12.stomp\r\n\r\n",
    );
    let text = "";
    for await (const chunk of socket) text += chunk;
    expect(text).toMatch(/^HTTP\/1\.1 4/);
  });

  test.each([
    ["403, for a page of another origin", { origin: "https://evil.example" }, [], 403],
    ["403, for an origin that is none", { origin: "null" }, [], 403],
    [
      "101, for a page of this server",
      { origin: "http://shop.example", host: "shop.example" },
      [],
      "v12.stomp",
    ],
    [
      "101, for an origin that may",
      { origin: "https://a.example" },
      ["https://a.example"],
      "v12.stomp",
    ],
    ["101, if any may", { origin: "https://a.example" }, ["*"], "v12.stomp"],
  ])("%s", async (_, headers, origins, expected) => {
    const { url } = await serve({ origins });
    expect(await upgrade(url, ["v12.stomp"], headers as Record<string, string>)).toBe(expected);
  });
});

describe("left alone are", () => {
  test("pages", async () => {
    const { port } = await serve();
    expect(await page(port)).toBe("page /x");
  });

  test("pages whose request offers to go on in another protocol", async () => {
    const { port } = await serve();
    const headers = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c" };
    expect(await page(port, headers)).toBe("page /x");
  });

  test("the application's own WebSockets, and those that it adds later", async () => {
    const server = createServer();
    echo(server, "/before", "before");
    const taken: IncomingMessage[] = [];
    mountWebSocket(server, {
      maxMessageBytes: 1_000,
      accept(socket, _, request) {
        taken.push(request);
        socket.on("message", (data) => socket.send(`stomp ${data}`));
      },
    });
    const listener = await listen(server, { host: "127.0.0.1", port: 0 });
    onTestFinished(() => listener.close(0));
    const url = `ws://127.0.0.1:${listener.address.port}`;
    expect(await talk(`${url}/before`)).toBe("before hello");
    const later = new WebSocketServer({ noServer: true });
    server.on("upgrade", (request, socket, head) => {
      if (request.url !== "/later") return;
      later.handleUpgrade(request, socket, head, (own) => {
        own.on("message", (data) => own.send(`later ${data}`));
      });
    });
    expect(await talk(`${url}/before`)).toBe("before hello");
    expect(await talk(`${url}/anything`, ["v12.stomp"])).toBe("stomp hello");
    expect(taken.map(({ url: path }) => path)).toEqual(["/anything"]);
  });

  test("also those of `ws` for any path, and those behind asynchronous decisions", async () => {
    const { server, url } = await serve();
    const own = new WebSocketServer({ noServer: true });
    server.on("upgrade", async (request, socket, head) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      own.handleUpgrade(request, socket, head, (each) => {
        each.on("message", (data) => each.send(`own ${data}`));
      });
    });
    expect(await talk(url)).toBe("own hello");
    expect(await talk(url, ["v12.stomp"])).toBe("stomp hello");
  });
});

test("an upgrade that nobody feels addressed by is answered in the end", async () => {
  const { server, url } = await serve({ othersAnswerWithinMs: 30 });
  server.on("upgrade", () => undefined);
  expect(await upgrade(url)).toBe(400);
});

test("a message that is too long ends the WebSocket", async () => {
  const { url } = await serve();
  const socket = new WebSocket(url, "v12.stomp");
  socket.on("open", () => socket.send("x".repeat(1_001)));
  expect(await new Promise((resolve) => socket.on("close", resolve))).toBe(1009);
});
