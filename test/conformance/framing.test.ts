/** A01–A06, A11–A14: where lines and frames end, and which bodies there may be. */

import { expect } from "vitest";
import { encodeFrame } from "../../src/protocol/encoder.ts";
import { FrameParser } from "../../src/protocol/parser.ts";
import { client, connecting } from "./client.ts";
import { ALL, connect, frame, message, NEWER, served } from "./frames.ts";
import { base64, faultIn, frameIn, framesIn, parse } from "./parse.ts";
import { rule } from "./rule.ts";
import { newServer, server } from "./server.ts";

rule(
  "A01",
  ALL,
  "parser",
  "line feeds before, between and after frames are counted and skipped",
  (version) => {
    const outcome = parse(`\n\n${frame("SEND")}\n\n\n${frame("SEND")}\n`, { version });
    expect(outcome.frames).toHaveLength(2);
    expect(outcome).toMatchObject({ error: undefined, heartbeats: 6, unfinished: false });
  },
);

rule("A01", ["1.2"], "parser", "carriage return and line feed count as one", () => {
  const outcome = parse(`\r\n${frame("SEND")}\r\n\n\r\n`, { version: "1.2" });
  expect(outcome.frames).toHaveLength(1);
  expect(outcome).toMatchObject({ error: undefined, heartbeats: 4 });
});

rule("A02", ["1.2"], "parser", "lines end with either, mixed as one likes", () => {
  const read = frameIn("SEND\r\na:1\nb:2\r\n\r\nx\r\n\0", { version: "1.2" });
  expect(read).toMatchObject({
    command: "SEND",
    all: [
      ["a", "1"],
      ["b", "2"],
    ],
    body: base64("x\r\n"),
  });
});

rule("A02", ["1.2"], "parser", "a carriage return elsewhere in a line is an error", () => {
  for (const line of ["a:1\r2", "a\r:1", "a:1\r\r", "\ra:1"]) {
    expect(faultIn(frame("SEND", [line, "b:2"]), { version: "1.2" })).toBe("malformed-header");
  }
  expect(faultIn("SE\rND\n\n\0", { version: "1.2" })).toBe("malformed-frame");
});

rule("A02", ["1.0", "1.1"], "parser", "a carriage return is data, and ends no line", (version) => {
  expect(frameIn("SEND\na\r:1\r2\r\n\n\0", { version }).all).toEqual([["a\r", "1\r2\r"]]);
  expect(faultIn("SEND\r\na:1\n\n\0", { version })).toBe("malformed-frame");
  expect(faultIn("SEND\na:1\n\r\n\0", { version })).toBe("malformed-header");
  expect(faultIn("\r\nSEND\n\n\0", { version })).toBe("malformed-frame");
});

rule(
  "A02",
  ALL,
  "encoder",
  "a carriage return is escaped in 1.2 and written as it is before",
  (version) => {
    const bytes = encodeFrame({ command: "SEND", headers: { a: "1\r2" } }, version);
    expect(Buffer.from(bytes).toString()).toBe(
      `SEND\na:1${version === "1.2" ? "\\r" : "\r"}2\n\n\0`,
    );
  },
);

rule(
  "A02",
  ALL,
  "server",
  "CONNECT may have carriage returns; later frames by their version",
  (version) => {
    const peer = newServer();
    peer.says(connect(version).replaceAll("\n", "\r\n"));
    expect(peer.heard()).toMatch(new RegExp(`^CONNECTED\nversion:${version}\n`));
    peer.says("SEND\ndestination:/a\r\n\n\0");
    expect(peer.session.messages[0]?.destination).toBe(version === "1.2" ? "/a" : "/a\r");
  },
);

rule("A03", ALL, "parser", "get gives the first, all gives every one in order", (version) => {
  const read = frameIn(frame("MESSAGE", ["a:1", "b:2", "a:3", "a:"]), { version });
  expect(read.headers).toEqual([
    ["a", "1"],
    ["b", "2"],
  ]);
  expect(read.all).toEqual([
    ["a", "1"],
    ["b", "2"],
    ["a", "3"],
    ["a", ""],
  ]);
});

rule(
  "A03",
  ALL,
  "parser",
  "get and all of one name, among few headers and among many",
  (version) => {
    for (const more of [[], Array.from({ length: 20 }, (_, number) => `x${number}:0`)]) {
      const parser = new FrameParser({ version });
      parser.push(new Uint8Array(Buffer.from(frame("SEND", ["a:1", "b:2", "a:3", ...more]))));
      const headers = parser.next()?.headers;
      expect(["a", "b", "a"].map((name) => headers?.get(name))).toEqual(["1", "2", "1"]);
      expect(headers?.all("a")).toEqual([
        ["a", "1"],
        ["a", "3"],
      ]);
    }
  },
);

rule("A04", ALL, "parser", "NULs within the announced length are body", (version) => {
  const frames = framesIn(`${frame("SEND", ["content-length:5"], "a\0b\0\n")}${frame("SEND")}`, {
    version,
  });
  expect(frames.map(({ body }) => body)).toEqual([base64("a\0b\0\n"), ""]);
});

rule("A04", ALL, "parser", "any other octet behind the announced length is fatal", (version) => {
  const outcome = parse(`${frame("SEND", ["content-length:2"], "abc")}${frame("SEND")}`, {
    version,
  });
  expect(outcome).toMatchObject({ frames: [], error: "missing-nul" });
  expect(faultIn("SEND\ncontent-length:2\n\nab\n\0", { version })).toBe("missing-nul");
});

rule("A05", ALL, "parser", "octets are counted, not characters", (version) => {
  expect(frameIn(frame("SEND", ["content-length:4"], "éab"), { version }).body).toBe(base64("éab"));
  expect(faultIn(frame("SEND", ["content-length:3"], "éab"), { version })).toBe("missing-nul");
});

rule("A05", ALL, "parser", "0 is an empty body, and the NUL is next", (version) => {
  expect(frameIn(frame("SEND", ["content-length:0"]), { version }).body).toBe("");
  expect(faultIn(frame("SEND", ["content-length:0"], "a"), { version })).toBe("missing-nul");
});

rule("A05", ALL, "parser", "it is honoured on every command", (version) => {
  for (const command of ["SEND", "MESSAGE", "ERROR"]) {
    expect(frameIn(frame(command, ["content-length:3"], "a\0b"), { version }).body).toBe(
      base64("a\0b"),
    );
  }
  for (const command of ["RECEIPT", "SUBSCRIBE", "CONNECT", "ACK", "DISCONNECT"]) {
    expect(frameIn(frame(command, ["content-length:0"]), { version }).body).toBe("");
    expect(parse(frame(command, ["content-length:3"], "a\0b"), { version })).toMatchObject(
      version === "1.0"
        ? { frames: [{ command, body: base64("a\0b") }], error: undefined }
        : { frames: [], error: "body-not-allowed" },
    );
    expect(faultIn(frame(command, ["content-length:x"]), { version })).toBe(
      "invalid-content-length",
    );
  }
});

rule("A05", ALL, "encoder", "octets are counted, not characters", (version) => {
  const bytes = encodeFrame({ command: "SEND", body: "é€" }, version);
  expect(Buffer.from(bytes).toString()).toBe("SEND\ncontent-length:5\n\né€\0");
});

const WITH_BODY = ["SEND", "MESSAGE", "ERROR"];
const WITHOUT_BODY = [
  "SUBSCRIBE",
  "UNSUBSCRIBE",
  "ACK",
  "NACK",
  "BEGIN",
  "COMMIT",
  "ABORT",
  "DISCONNECT",
  "CONNECT",
  "STOMP",
  "CONNECTED",
  "RECEIPT",
];

rule("A06", NEWER, "parser", "three commands may have a body, all others may not", (version) => {
  for (const command of WITH_BODY) {
    expect(frameIn(frame(command, [], "x"), { version }).body).toBe(base64("x"));
  }
  for (const command of WITHOUT_BODY) {
    expect(faultIn(frame(command, [], "x"), { version }), command).toBe("body-not-allowed");
  }
});

rule("A06", ["1.0"], "parser", "a body may be anywhere", (version) => {
  for (const command of [...WITH_BODY, ...WITHOUT_BODY]) {
    expect(frameIn(frame(command, [], "x"), { version }).body, command).toBe(base64("x"));
  }
});

rule("A06", ALL, "encoder", "no body is written where the version allows none", (version) => {
  const write = () => encodeFrame({ command: "SUBSCRIBE", body: "x" }, version);
  if (version === "1.0") expect(Buffer.from(write()).toString()).toContain("\n\nx\0");
  else expect(write).toThrow(expect.objectContaining({ code: "body-not-allowed" }));
  expect(Buffer.from(encodeFrame({ command: "SEND", body: "x" }, version)).toString()).toContain(
    "\n\nx\0",
  );
});

rule(
  "A06",
  ALL,
  "server",
  "a body on SUBSCRIBE is ignored in 1.0 and an ERROR later",
  (version) => {
    const peer = server(version);
    peer.says(frame("SUBSCRIBE", ["id:1", "destination:/a"], "body"));
    if (version !== "1.0") {
      peer.expectError("body-not-allowed");
      return;
    }
    expect(peer.hooks()).toEqual(["onSubscribe 1"]);
    peer.expectQuiet();
  },
);

rule("A11", ALL, "server", "a command in lower case is an unknown one", (version) => {
  const peer = server(version);
  peer.says(frame("send", ["destination:/a"]));
  expect(peer.hooks()[0]).toBe("onUnknownCommand send");
  expect(peer.session.lastError?.code).toBe("unknown-command");
});

rule("A11", ALL, "server", "a header in another case is another header", (version) => {
  const peer = server(version);
  peer.says(frame("SEND", ["Destination:/a"]));
  peer.expectError("missing-header");
});

rule("A11", ALL, "client", "a command in lower case is an unknown one", (version) => {
  const peer = client(version);
  peer.says(message(version, 1).replace("MESSAGE", "message"));
  peer.expectFailed("unknown-command");
});

rule("A12", ALL, "parser", "a value may be empty", (version) => {
  expect(frameIn(frame("SEND", ["a:", "b:1"]), { version }).all).toEqual([
    ["a", ""],
    ["b", "1"],
  ]);
});

rule("A12", ALL, "parser", "a name may not be empty, and a line needs its colon", (version) => {
  for (const line of [":1", ":", "a", " "]) {
    expect(faultIn(frame("SEND", [line]), { version }), line).toBe("malformed-header");
  }
});

rule("A12", ALL, "parser", "the first colon divides name and value", (version) => {
  expect(frameIn(frame("SEND", ["a:b:c:"]), { version }).all).toEqual([["a", "b:c:"]]);
});

rule(
  "A13",
  ALL,
  "server",
  "a frame past a limit gets ERROR, and what is behind it nothing",
  (version) => {
    const peer = server(version, { limits: { maxBodyBytes: 4 } });
    peer.says(frame("SEND", ["destination:/a"], "12345") + frame("SEND", ["destination:/b"]));
    expect(peer.session.messages).toEqual([]);
    expect(peer.expectError("limit-exceeded")).toMatch(/^ERROR\nmessage:More than 4 octets/);
  },
);

rule("A13", ALL, "client", "a frame past a limit ends the session", (version) => {
  const peer = client(version, { limits: { maxBodyBytes: 4 } });
  peer.says(message(version, 1, "12345"));
  expect(peer.expectFailed("limit-exceeded")).toBe("");
});

rule("A14", ALL, "parser", "line feeds within a body are body, and no heart-beats", (version) => {
  const outcome = parse("SEND\n\n\n\na\n\0", { version });
  expect(outcome).toMatchObject({ frames: [{ body: base64("\n\na\n") }], heartbeats: 0 });
});

rule("A14", NEWER, "server", "the line feeds of a slow body keep the session alive", (version) => {
  const peer = newServer({ heartBeat: { sendMs: 0, receiveMs: 1_000 } });
  peer.says(connect(version, "heart-beat:1000,0"));
  peer.says("SEND\ndestination:/a\n\n");
  for (let beat = 0; beat < 10; beat++) {
    peer.clock.advance(1_500);
    peer.says("\n");
  }
  peer.says("\0");
  expect(peer.session.messages[0]?.text()).toBe("\n".repeat(10));
  peer.expectAlive();
});

rule("A14", NEWER, "client", "the line feeds of a slow body keep the session alive", (version) => {
  const peer = connecting({ heartBeat: { sendMs: 0, receiveMs: 1_000 } });
  peer.says(served("CONNECTED", [`version:${version}`, "heart-beat:1000,0"]));
  peer.says("MESSAGE\ndestination:/a\nmessage-id:1\nsubscription:1\n\n");
  for (let beat = 0; beat < 10; beat++) {
    peer.clock.advance(1_500);
    peer.says("\n");
  }
  peer.says("\0");
  expect(peer.session.messages[0]?.text()).toBe("\n".repeat(10));
  peer.expectAlive();
});
