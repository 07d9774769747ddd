/** Section C, first part: what was reported against other implementations. */

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, vi } from "vitest";
import { FrameParser } from "../../src/protocol/parser.ts";
import { client, connecting } from "./client.ts";
import { ALL, connect, frame, message, subscribe } from "./frames.ts";
import { Log } from "./log.ts";
import { growthBeyond, MEGABYTE } from "./memory.ts";
import { faultIn } from "./parse.ts";
import { rule } from "./rule.ts";
import { newServer, server, TestServer } from "./server.ts";

/** Far beyond every limit in these tests. */
const ENOUGH = 100_000;

/** Feeds the parser the same piece over and over. @returns How many octets it took until it refused. */
function takenOf(parser: FrameParser, beginning: string, piece: string): number {
  let taken = beginning.length;
  try {
    parser.push(new Uint8Array(Buffer.from(beginning)));
    parser.next();
    for (; taken < ENOUGH; taken += piece.length) {
      parser.push(new Uint8Array(Buffer.from(piece)));
      parser.next();
    }
  } catch (error) {
    expect(error).toMatchObject({ code: "limit-exceeded" });
    return taken + piece.length;
  }
  return taken;
}

rule(
  "C-CVE-2026-44891",
  ALL,
  "parser",
  "header lines are counted as they come, the same name or another",
  (version) => {
    const limits = { maxHeaders: 1_000_000, maxHeaderBytes: 10_000 };
    expect(takenOf(new FrameParser({ version }), "SEND\n", "a:1\n")).toBe(5 + 101 * 4);
    let number = 0;
    const unique = { toString: () => `x${number++}:1\n` };
    const parser = new FrameParser({ version });
    parser.push(new Uint8Array(Buffer.from("SEND\n")));
    const flood = () => {
      for (let lines = 0; lines < 200; lines++) {
        parser.push(new Uint8Array(Buffer.from(String(unique))));
        parser.next();
      }
    };
    expect(flood).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
    expect(number).toBe(101);
    expect(takenOf(new FrameParser({ version, limits }), "SEND\n", "a:1\n")).toBeLessThanOrEqual(
      10_004,
    );
  },
);

rule(
  "C-CVE-2026-53916",
  ALL,
  "parser",
  "in whatever state, no more is taken than the limit",
  (version) => {
    const limits = {
      maxCommandBytes: 1_000,
      maxLineBytes: 1_000,
      maxHeaderBytes: 1_000,
      maxBodyBytes: 1_000,
      maxFrameBytes: 1_000,
    };
    for (const [beginning, piece] of [
      ["", "X"],
      ["SEND\n", "n"],
      ["SEND\nn:", "v"],
      ["SEND\n", "a:1\n"],
      ["SEND\n\n", "b"],
      ["SEND\ncontent-length:9\n\n", "b"],
    ] as const) {
      if (beginning.includes("content-length")) continue;
      const parser = new FrameParser({ version, limits });
      expect(takenOf(parser, beginning, piece), beginning).toBeLessThanOrEqual(1_010);
      expect(parser).toMatchObject({ unfinished: false, unreadBytes: 0 });
    }
    const parser = new FrameParser({ version, limits });
    parser.push(new Uint8Array(100_000).fill(10));
    expect(parser.next()).toBe(undefined);
    expect(parser).toMatchObject({ heartbeats: 100_000, unreadBytes: 0 });
  },
);

rule("C-CVE-2026-49432", ALL, "parser", "a negative content-length is none", (version) => {
  for (const length of ["-1", "-0", "-9007199254740993"]) {
    expect(faultIn(`SEND\ncontent-length:${length}\n\n`, { version })).toBe(
      "invalid-content-length",
    );
  }
});

rule("C-CVE-2026-49432", ALL, "server", "and the octets behind it are no frames", (version) => {
  const peer = server(version);
  peer.says(
    frame("SEND", ["destination:/a", "content-length:-1"], frame("SEND", ["destination:/evil"])),
  );
  expect(peer.session.messages).toEqual([]);
  peer.expectError("invalid-content-length");
});

rule(
  "C-emqx-19059",
  ALL,
  "parser",
  "an announced body is judged before an octet of it has come",
  (version) => {
    expect(faultIn("SEND\ncontent-length:4194305\n\n", { version })).toBe("limit-exceeded");
    expect(faultIn("SEND\ncontent-length:4194304\n\n", { version })).toBe(undefined);
  },
);

rule(
  "C-emqx-19059",
  ALL,
  "server",
  "a transaction that is never committed stops growing",
  (version) => {
    const send = frame("SEND", ["destination:/a", "transaction:t"], "x".repeat(10_000));
    const growth = growthBeyond(0, () => {
      const peer = server(version, { limits: { maxBodyBytes: 10_000 } });
      peer.says(frame("BEGIN", ["transaction:t"]));
      for (let times = 0; times < 500; times++) peer.says(send);
      expect(peer.session.state).toBe("closed");
      return peer;
    });
    expect(growth).toBeLessThan(MEGABYTE);
  },
);

rule("C-CVE-2022-22971", ALL, "parser", "what failed lets go of what it had", (version) => {
  const failed = () =>
    Array.from({ length: 20 }, () => {
      const parser = new FrameParser({ version, limits: { maxBodyBytes: MEGABYTE } });
      parser.push(new Uint8Array(Buffer.from("SEND\n\n")));
      parser.next();
      parser.push(new Uint8Array(MEGABYTE).fill(120));
      parser.next();
      parser.push(new Uint8Array(10).fill(120));
      expect(() => parser.next()).toThrow();
      parser.push(new Uint8Array(MEGABYTE));
      return parser;
    });
  expect(growthBeyond(0, failed)).toBeLessThan(MEGABYTE);
});

rule("C-CVE-2022-22971", ALL, "server", "a failed session lets go of what it had", (version) => {
  const failed = () =>
    Array.from({ length: 20 }, () => {
      const peer = server(version, { limits: { maxBodyBytes: MEGABYTE } });
      peer.says("SEND\ndestination:/a\n\n", new Uint8Array(MEGABYTE).fill(120), "x");
      expect(peer.session.state).toBe("closed");
      peer.says(new Uint8Array(MEGABYTE));
      return peer;
    });
  expect(growthBeyond(0, failed)).toBeLessThan(MEGABYTE);
});

rule("C-CVE-2018-1270", ALL, "server", "a selector is a text like any other", (version) => {
  const selector = "T(java.lang.Runtime).getRuntime().exec('x') (a+)+$ #{process.exit()}";
  const peer = server(version);
  peer.says(subscribe(`selector:${selector}`));
  expect(peer.session.subscriptions.get("1")?.headers.get("selector")).toBe(selector);
  const source = fileURLToPath(new URL("../../src/", import.meta.url));
  for (const file of readdirSync(source, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    expect(readFileSync(`${source}${file}`, "utf8"), file).not.toMatch(
      /\beval\(|new Function\(|\bRegExp\(/,
    );
  }
});

rule(
  "C-CVE-2023-32081",
  ALL,
  "server",
  "nothing is processed while the client is being looked up",
  async (version) => {
    let answer = (_accepted: boolean) => {};
    const pending = new Promise<boolean>((resolve) => {
      answer = resolve;
    });
    const peer = newServer({}, { onConnect: () => pending });
    peer.says(
      connect(version) + subscribe() + frame("SEND", ["destination:/a"]),
      frame("SEND", ["destination:/b"]),
    );
    expect(peer.course()).toEqual([`onConnect ${version}`]);
    answer(false);
    await pending;
    await undefined;
    expect(peer.session.messages).toEqual([]);
    peer.expectError("refused");
  },
);

rule("C-CVE-2025-41254", ALL, "server", "a message without a session is none", (version) => {
  const peer = newServer({ versions: [version] });
  peer.says(frame("SEND", ["destination:/a"]));
  expect(peer.session.messages).toEqual([]);
  peer.expectError("unexpected-command");
  expect(() => peer.session.message("1", { destination: "/a" })).toThrow();
});

rule("C-CVE-2025-41254", ALL, "client", "a message without a session is none", (version) => {
  const peer = connecting({ versions: [version] });
  peer.says(message(version, 1));
  expect(peer.session.messages).toEqual([]);
  peer.expectFailed("unexpected-command");
  const ended = client(version);
  ended.session.receiveEnd();
  ended.says(message(version, 1));
  expect(ended.session.messages).toEqual([]);
});

rule(
  "C-CVE-2026-41838",
  ALL,
  "server",
  "128 bits from a cryptographic source, another each time",
  (version) => {
    const random = vi.spyOn(globalThis.crypto, "getRandomValues");
    try {
      const ids = Array.from({ length: 100 }, () => {
        const session = new TestServer(new Log(), { clock: newServer().clock }, {});
        session.receiveData(connect(version));
        return session.session;
      });
      expect(new Set(ids).size).toBe(100);
      for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
      expect(random).toHaveBeenCalledTimes(100);
      for (const [bytes] of random.mock.calls) expect(bytes?.byteLength).toBe(16);
    } finally {
      random.mockRestore();
    }
  },
);

rule("C-CVE-2026-54475", ALL, "server", "every hook can tell whose session it is", (version) => {
  const seen: (string | undefined)[] = [];
  const peer = newServer(
    { sessionId: () => "s-7" },
    { onSubscribe: () => void seen.push(peer.session.session) },
  );
  expect(peer.session.session).toBe(undefined);
  peer.says(connect(version) + subscribe());
  expect(peer.heard()).toContain("\nsession:s-7\n");
  expect(seen).toEqual(["s-7"]);
  peer.session.receiveEnd();
  expect(peer.session.session).toBe("s-7");
});

rule(
  "C-rabbitmq-ee0ebfc",
  ALL,
  "server",
  "what is ended is what was begun, whatever the frame says",
  (version) => {
    const ended: string[] = [];
    const peer = server(
      version,
      {},
      { onUnsubscribe: ({ destination }) => void ended.push(destination) },
    );
    peer.says(subscribe(), frame("SUBSCRIBE", ["id:2", "destination:/b"]));
    peer.says(frame("UNSUBSCRIBE", ["id:1", "destination:/b", "x-queue-name:/b", "durable:true"]));
    expect(ended).toEqual(["/a"]);
    expect([...peer.session.subscriptions.keys()]).toEqual(["2"]);
  },
);

rule(
  "C-rabbitmq-16171",
  ALL,
  "server",
  "strangers cannot make us hold what friends can",
  (version) => {
    const large = frame("SEND", ["destination:/a", `x:${"y".repeat(8_000)}`], "x".repeat(100_000));
    const stranger = newServer({ versions: [version] });
    stranger.says(large);
    expect(stranger.session.state).toBe("closed");
    const friend = server(version);
    friend.says(large);
    expect(friend.session.messages).toHaveLength(1);
    const growth = growthBeyond(50 * 16_384, () =>
      Array.from({ length: 50 }, () => {
        const peer = newServer();
        peer.says("CONNECT\n", ...Array(39).fill(`x:${"y".repeat(1_600)}\n`));
        return peer;
      }),
    );
    expect(growth).toBeLessThan(MEGABYTE);
  },
);

rule("C-AMQ-7209", ALL, "server", "what a hook fell over stays here", (version) => {
  const fault = new TypeError("cannot read secrets of undefined");
  const peer = server(
    version,
    {},
    {
      onMessage: () => {
        throw fault;
      },
    },
  );
  peer.says(frame("SEND", ["destination:/a"]));
  expect(peer.expectError("hook-failed")).toBe("ERROR\nmessage:internal error\n\n\0\n");
  expect(peer.session.lastError?.cause).toBe(fault);
});
