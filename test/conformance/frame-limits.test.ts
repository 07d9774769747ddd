/** B01–B07, B24: the limits of a frame, each just kept and just passed. */

import { expect } from "vitest";
import { type FrameLimits, frameLimits, sessionLimits } from "../../src/protocol/limits.ts";
import { FrameParser } from "../../src/protocol/parser.ts";
import type { Version } from "../../src/protocol/version.ts";
import { client } from "./client.ts";
import { ALL, connect, frame } from "./frames.ts";
import { faultIn, parse } from "./parse.ts";
import { rule } from "./rule.ts";
import type { RuleId } from "./rules.ts";
import { newServer, type ServerPeer, server } from "./server.ts";

/** Enough of everything that the limit under test is not about. */
const AMPLE: FrameLimits = {
  maxCommandBytes: 1_000,
  maxLineBytes: 10_000,
  maxHeaders: 1_000,
  maxHeaderBytes: 100_000,
  maxBodyBytes: 100_000,
  maxFrameBytes: 200_000,
};

interface Case {
  readonly id: RuleId;
  readonly name: keyof FrameLimits;
  readonly limit: number;
  /** A frame of so much of what is limited, as far as that is counted; NUL and all. */
  of(amount: number, command: string): string;
}

/** What any server and client take as a frame. */
const LINES = ["destination:/a", "message-id:1", "subscription:1"];
/** Octets of such a frame's header block. */
function blockBytes(command: string): number {
  return frame(command, LINES).length - 1;
}

const CASES: readonly Case[] = [
  {
    id: "B01",
    name: "maxCommandBytes",
    limit: 20,
    of: (amount) => frame("X".repeat(amount), LINES),
  },
  {
    id: "B02",
    name: "maxLineBytes",
    limit: 50,
    of: (amount, command) => frame(command, [...LINES, `x:${"y".repeat(amount - 2)}`]),
  },
  {
    id: "B03",
    name: "maxHeaders",
    limit: 10,
    of: (amount, command) => frame(command, [...LINES, ...Array(amount - 3).fill("x:1")]),
  },
  {
    id: "B04",
    name: "maxHeaderBytes",
    limit: 100,
    of: (amount, command) =>
      frame(command, [...LINES, `x:${"y".repeat(amount - blockBytes(command) - 3)}`]),
  },
  {
    id: "B05",
    name: "maxBodyBytes",
    limit: 100,
    of: (amount, command) => frame(command, LINES, "x".repeat(amount)),
  },
  {
    id: "B06",
    name: "maxFrameBytes",
    limit: 100,
    of: (amount, command) => frame(command, LINES, "x".repeat(amount - blockBytes(command))),
  },
];

for (const { id, name, limit, of } of CASES) {
  const limits = { ...AMPLE, [name]: limit };

  rule(id, ALL, "parser", `${name} is kept just under, and refused just over`, (version) => {
    expect(parse(of(limit, "SEND"), { version, limits })).toMatchObject({
      frames: [{}],
      error: undefined,
    });
    expect(faultIn(of(limit + 1, "SEND"), { version, limits })).toBe("limit-exceeded");
  });

  rule(id, ALL, "parser", `${name} does not wait for the end of the frame`, (version) => {
    const endless = of(limit * 3, "SEND");
    const beginning = new Uint8Array(Buffer.from(endless.slice(0, endless.indexOf("\0") - limit)));
    const parser = new FrameParser({ version, limits });
    parser.push(beginning);
    expect(() => parser.next()).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
  });

  rule(id, ALL, "server", `${name} holds once the client is accepted`, (version) => {
    const under = server(version, { limits }, { onUnknownCommand: () => {} });
    under.says(of(limit, "SEND"));
    expect(under.hooks()).toHaveLength(1);
    under.expectAlive();
    const over = server(version, { limits }, { onUnknownCommand: () => {} });
    over.says(of(limit + 1, "SEND"));
    expect(over.expectError("limit-exceeded")).toContain(name);
  });

  rule(id, ALL, "client", `${name} holds`, (version) => {
    const under = client(version, { limits });
    under.says(of(limit, "MESSAGE"));
    if (name === "maxCommandBytes") under.expectFailed("unknown-command");
    else expect(under.hooks()).toEqual(["onUnclaimedMessage 1"]);
    const over = client(version, { limits });
    over.says(of(limit + 1, "MESSAGE"));
    over.expectFailed("limit-exceeded");
  });
}

rule("B05", ALL, "parser", "an announced body that is too long is refused at once", (version) => {
  const limits = { ...AMPLE, maxBodyBytes: 100 };
  expect(faultIn("SEND\ncontent-length:100\n\n", { version, limits })).toBe(undefined);
  expect(faultIn("SEND\ncontent-length:101\n\n", { version, limits })).toBe("limit-exceeded");
});

rule("B06", ALL, "parser", "an announced frame that is too long is refused at once", (version) => {
  const limits = { ...AMPLE, maxFrameBytes: 100 };
  const head = "SEND\ncontent-length:NN\n\n";
  expect(faultIn(head.replace("NN", String(100 - head.length)), { version, limits })).toBe(
    undefined,
  );
  expect(faultIn(head.replace("NN", String(101 - head.length)), { version, limits })).toBe(
    "limit-exceeded",
  );
});

/** A CONNECT whose header block has so many octets. */
function connectOf(version: Version, bytes: number): string {
  const rest = connect(version, "x:").length - 1;
  return connect(version, `x:${"y".repeat(bytes - rest)}`);
}

function acceptedOf(peer: ServerPeer): boolean {
  return peer.session.state === "connected";
}

rule("B07", ALL, "server", "a block of 16 KiB, be it one line", (version) => {
  const under = newServer();
  under.says(connectOf(version, 16_384));
  expect(acceptedOf(under)).toBe(true);
  const over = newServer();
  over.says(connectOf(version, 16_385).slice(0, 16_385));
  over.expectError("limit-exceeded");
});

rule("B07", ALL, "server", "no body, neither announced nor sent", (version) => {
  for (const text of [
    "CONNECT\n\nx",
    "CONNECT\ncontent-length:1\n\n",
    "SEND\ndestination:/a\n\nx",
    "SEND\ncontent-length:1\n\n",
  ]) {
    const peer = newServer({ versions: [version] });
    peer.says(text);
    expect(peer.session.state).toBe("closed");
    expect(["body-not-allowed", "limit-exceeded"]).toContain(peer.session.lastError?.code);
  }
});

rule(
  "B07",
  ALL,
  "server",
  "the number of headers and the length of a command as always",
  (version) => {
    const headers = newServer();
    headers.says(connect(version, ...Array(101).fill("x:1")));
    headers.expectError("limit-exceeded");
    const command = newServer();
    command.says("X".repeat(33));
    command.expectError("limit-exceeded");
    const few = newServer({ limits: { maxHeaders: 3 } });
    few.says(connect(version, "a:1", "b:1", "c:1", "d:1"));
    few.expectError("limit-exceeded");
  },
);

rule(
  "B07",
  ALL,
  "server",
  "the limits of strangers hold until acceptance, those of friends from then on",
  async (version) => {
    const large = frame("SEND", ["destination:/a"], "x".repeat(20_000));
    let accept = (_answer: boolean) => {};
    const pending = new Promise<boolean>((resolve) => {
      accept = resolve;
    });
    const patient = newServer({}, { onConnect: () => pending });
    patient.says(connect(version));
    accept(true);
    await pending;
    await undefined;
    patient.says(large);
    expect(patient.session.messages).toHaveLength(1);
  },
);

rule(
  "B07",
  ALL,
  "server",
  "smaller limits that were asked for hold for strangers too",
  (version) => {
    for (const limits of [{ maxHeaderBytes: 200 }, { maxFrameBytes: 200 }]) {
      const under = newServer({ limits });
      under.says(connectOf(version, 200));
      expect(acceptedOf(under)).toBe(true);
      const over = newServer({ limits });
      over.says(connectOf(version, 201));
      over.expectError("limit-exceeded");
    }
  },
);

rule("B24", ALL, "server", "what holds unless told otherwise", () => {
  expect(frameLimits()).toEqual({
    maxCommandBytes: 32,
    maxLineBytes: 8 * 1_024,
    maxHeaders: 100,
    maxHeaderBytes: 64 * 1_024,
    maxBodyBytes: 4 * 1_024 * 1_024,
    maxFrameBytes: (4 * 1_024 + 64) * 1_024,
  });
  expect(sessionLimits({ maxBodyBytes: 1_000, maxHeaderBytes: 100 })).toMatchObject({
    maxFrameBytes: 1_100,
    maxSubscriptions: 1_000,
    maxTransactions: 16,
    maxTransactionFrames: 1_024,
    maxTransactionBytes: 4_000,
    maxPendingBytes: 2_200,
    maxUnacknowledged: Number.POSITIVE_INFINITY,
  });
});
