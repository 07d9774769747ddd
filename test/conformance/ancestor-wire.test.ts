/** D01–D09: what an earlier engine got wrong on the wire. */

import { expect } from "vitest";
import { encodeFrame } from "../../src/protocol/encoder.ts";
import { FrameParser } from "../../src/protocol/parser.ts";
import { client } from "./client.ts";
import { ALL, frame, message, NEWER, subscribe } from "./frames.ts";
import { base64, faultIn, frameIn, parse } from "./parse.ts";
import { rule } from "./rule.ts";
import { server } from "./server.ts";

rule("D01", ALL, "parser", "more frames and line feeds than any stack is deep", (version) => {
  const text = `${frame("SEND")}\n\n\n\n\n\n\n\n\n\n`.repeat(50_000);
  expect(parse(text, { version })).toMatchObject({ error: undefined, heartbeats: 500_000 });
});

rule("D02", ALL, "parser", "after an error it is spent, and keeps nothing", (version) => {
  const parser = new FrameParser({ version });
  parser.push(new Uint8Array(Buffer.from(`garbage without end\n${frame("SEND")}`)));
  expect(() => parser.next()).toThrow(expect.objectContaining({ code: "malformed-frame" }));
  parser.push(new Uint8Array(Buffer.from(frame("SEND"))));
  expect(parser).toMatchObject({ unreadBytes: 0, unfinished: false });
  expect(() => parser.next()).toThrow(expect.objectContaining({ code: "closed" }));
});

rule("D02", ALL, "server", "nothing of the garbage comes back", (version) => {
  const peer = server(version);
  peer.says("a b c\0", frame("SEND", ["destination:/a"]));
  expect(peer.session.messages).toEqual([]);
  expect(peer.expectError("malformed-frame")).not.toContain("a b c");
});

rule("D03", ALL, "parser", "spaces, colons and NULs are no part of a command", (version) => {
  for (const command of [" SEND", "SEND ", "\tSEND", "SE:ND", "SE ND", "SEND\0", "SEND\v"]) {
    expect(faultIn(`${command}\ndestination:/a\n\n\0`, { version }), JSON.stringify(command)).toBe(
      "malformed-frame",
    );
  }
});

rule("D03", ALL, "server", "a command in another case is another one", (version) => {
  for (const command of ["send", "Send", "SENDS", "SEN"]) {
    const peer = server(version);
    peer.says(frame(command, ["destination:/a"]));
    expect(peer.session.messages).toEqual([]);
    expect(peer.session.lastError?.code).toBe("unknown-command");
  }
});

rule("D04", ["1.0", "1.1"], "parser", "neither a heart-beat nor cut off a line", (version) => {
  expect(parse("\r", { version })).toMatchObject({ error: "malformed-frame", heartbeats: 0 });
  expect(frameIn("SEND\na:1\r\n\n\0", { version }).all).toEqual([["a", "1\r"]]);
});

rule("D05", ALL, "parser", "what is no number is an error, not 0", (version) => {
  for (const length of ["abc", "-1", "5abc"]) {
    expect(faultIn(frame("SEND", [`content-length:${length}`], "hello"), { version })).toBe(
      "invalid-content-length",
    );
  }
});

rule("D05", ALL, "server", "a body is never read as frames", (version) => {
  const evil = frame("SEND", ["destination:/evil"], "x");
  for (const length of ["-1", "0", "1", String(evil.length - 2)]) {
    const peer = server(version);
    peer.says(frame("SEND", ["destination:/a", `content-length:${length}`], evil));
    expect(peer.session.messages).toEqual([]);
    expect(peer.session.state).toBe("closed");
  }
  const honest = server(version);
  honest.says(frame("SEND", ["destination:/a", `content-length:${evil.length}`], evil));
  expect(honest.session.messages.map(({ destination }) => destination)).toEqual(["/a"]);
});

rule("D06", NEWER, "parser", "an undefined escape is an error", (version) => {
  expect(faultIn(frame("SEND", ["x:\\q"]), { version })).toBe("undefined-escape");
});

rule("D06", ALL, "encoder", "a value cannot begin a frame of its own", (version) => {
  const write = () => encodeFrame({ command: "SEND", headers: { x: "1\n\nFAKE\0ERROR" } }, version);
  expect(write).toThrow(expect.objectContaining({ code: "unencodable" }));
  const lines = () =>
    Buffer.from(encodeFrame({ command: "SEND", headers: { x: "1\n\nFAKE" } }, version)).toString();
  if (version === "1.0") expect(lines).toThrow();
  else expect(lines()).toBe("SEND\nx:1\\n\\nFAKE\n\n\0");
});

rule(
  "D07",
  ALL,
  "parser",
  "a bad line is known when it ends, not when the frame does",
  (version) => {
    for (const line of ["nothing", ":value"]) {
      const parser = new FrameParser({ version });
      parser.push(new Uint8Array(Buffer.from(`SEND\n${line}\n`)));
      expect(() => parser.next()).toThrow(expect.objectContaining({ code: "malformed-header" }));
    }
  },
);

rule(
  "D08",
  ALL,
  "encoder",
  "the order is kept, the caller's headers and body are left alone",
  (version) => {
    const headers = Object.freeze({ z: "1", a: "2", "content-type": "x", b: "3" });
    const body = new Uint8Array([1, 2]);
    const bytes = encodeFrame({ command: "SEND", headers, body }, version);
    expect(Buffer.from(bytes).toString()).toBe(
      "SEND\nz:1\na:2\ncontent-type:x\nb:3\ncontent-length:2\n\n\x01\x02\0",
    );
    expect([...body]).toEqual([1, 2]);
  },
);

rule("D09", ALL, "client", "text goes out as UTF-8, octets as they are", (version) => {
  const peer = client(version);
  peer.session.message("/a", "é");
  expect(peer.heard()).toContain("\ncontent-length:2\n\n\xc3\xa9\0");
  peer.session.message("/a", Uint8Array.of(233, 0, 255));
  expect(peer.heard()).toContain("\ncontent-length:3\n\n\xe9\0\xff\0");
  peer.says(message(version, 1, "é"));
  expect(base64(peer.session.messages[0]?.text() ?? "")).toBe(base64("é"));
});

rule("D09", ALL, "server", "a body of UTF-8 with the right length is complete", (version) => {
  const peer = server(version);
  peer.says(frame("SEND", ["destination:/a", "content-length:7"], "é€ü"), subscribe());
  expect(Buffer.from(peer.session.messages[0]?.body ?? []).toString()).toBe("é€ü");
  peer.session.message("1", { destination: "/a", body: "é" });
  expect(peer.heard()).toContain("\ncontent-length:2\n\n\xc3\xa9\0\n");
});
