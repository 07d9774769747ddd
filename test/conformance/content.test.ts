/** A48–A50: what SEND and MESSAGE carry. */

import { expect } from "vitest";
import { encodeFrame } from "../../src/protocol/encoder.ts";
import { client } from "./client.ts";
import { ALL, frame, served, subscribe } from "./frames.ts";
import { rule } from "./rule.ts";
import { server } from "./server.ts";

const OWNED = [
  "destination",
  "content-length",
  "content-type",
  "receipt",
  "transaction",
  "message-id",
  "subscription",
  "ack",
  "id",
];

rule("A48", ALL, "server", "SEND needs a destination that says something", (version) => {
  const missing = server(version);
  missing.says(frame("SEND", ["x:1"], "hello"));
  missing.expectError("missing-header");
  const empty = server(version);
  empty.says(frame("SEND", ["destination:"], "hello"));
  empty.expectError("invalid-header");
});

rule(
  "A48",
  ALL,
  "server",
  "userHeaders are what a relay passes on: all but what STOMP owns",
  (version) => {
    const peer = server(version);
    peer.says(frame("BEGIN", ["transaction:t"]));
    const lines = [
      ...OWNED.map((name) => `${name}:${name === "transaction" ? "t" : "0"}`),
      "a:1",
      "b:",
      "a:2",
      "login:ada",
      "passcode:secret",
    ];
    peer.says(frame("SEND", lines), frame("COMMIT", ["transaction:t"]));
    expect([...(peer.session.messages[0]?.userHeaders ?? [])]).toEqual([
      ["a", "1"],
      ["b", ""],
      ["a", "2"],
    ]);
  },
);

rule(
  "A48",
  ALL,
  "server",
  "MESSAGE carries what it is given, in order, and nothing that STOMP owns",
  (version) => {
    const peer = server(version);
    peer.says(subscribe());
    peer.course();
    peer.session.message("1", {
      destination: "/a",
      headers: [
        ["a", "1"],
        ["b", ""],
        ["a", "2"],
      ],
    });
    expect(peer.heard()).toBe(
      served("MESSAGE", ["subscription:1", "message-id:m-1", "destination:/a", "a:1", "b:", "a:2"]),
    );
    for (const name of OWNED.filter((each) => each !== "id")) {
      const headers = { [name]: "0" };
      expect(() => peer.session.message("1", { destination: "/a", headers }), name).toThrow(
        expect.objectContaining({ code: "owned-header" }),
      );
    }
    peer.expectQuiet();
  },
);

rule(
  "A48",
  ALL,
  "client",
  "SEND needs a destination, carries what it is given, and nothing that STOMP owns",
  (version) => {
    const peer = client(version);
    peer.session.message("/a", undefined, {
      headers: [
        ["a", "1"],
        ["b", ""],
        ["a", "2"],
      ],
    });
    expect(peer.heard()).toBe(frame("SEND", ["destination:/a", "a:1", "b:", "a:2"]));
    for (const name of [
      "destination",
      "content-type",
      "content-length",
      "receipt",
      "transaction",
    ]) {
      expect(() => peer.session.message("/a", "x", { headers: { [name]: "0" } }), name).toThrow(
        expect.objectContaining({ code: "owned-header" }),
      );
    }
    expect(() => peer.session.message("")).toThrow(
      expect.objectContaining({ code: "invalid-header" }),
    );
    peer.expectQuiet();
  },
);

rule("A48", ALL, "client", "userHeaders of a MESSAGE are all but what STOMP owns", (version) => {
  const peer = client(version);
  peer.says(
    served("MESSAGE", [...OWNED.filter((name) => name !== "id").map((name) => `${name}:0`), "a:1"]),
  );
  expect([...(peer.session.messages[0]?.userHeaders ?? [])]).toEqual([["a", "1"]]);
});

rule(
  "A49",
  ALL,
  "encoder",
  "with a NUL in it there is a content-length, or none of it goes",
  (version) => {
    const write = (body: string, contentLength?: "needed" | "never") =>
      Buffer.from(encodeFrame({ command: "SEND", body }, version, { contentLength })).toString();
    expect(write("a\0b")).toBe("SEND\ncontent-length:3\n\na\0b\0");
    expect(write("a\0b", "needed")).toBe("SEND\ncontent-length:3\n\na\0b\0");
    expect(() => write("a\0b", "never")).toThrow(expect.objectContaining({ code: "unencodable" }));
    expect(write("ab")).toBe("SEND\ncontent-length:2\n\nab\0");
    expect(write("ab", "needed")).toBe("SEND\n\nab\0");
    expect(write("ab", "never")).toBe("SEND\n\nab\0");
  },
);

rule("A49", ALL, "server", "MESSAGE and ERROR with a body have it always", (version) => {
  const peer = server(version);
  peer.says(subscribe());
  peer.course();
  peer.session.message("1", { destination: "/a", body: Uint8Array.of(1, 0, 2) });
  expect(peer.heard()).toBe(
    served(
      "MESSAGE",
      ["subscription:1", "message-id:m-1", "destination:/a", "content-length:3"],
      "\x01\0\x02",
    ),
  );
  peer.session.error("No", { body: "a\0é" });
  expect(Buffer.from(peer.heard(), "latin1").toString()).toBe(
    served("ERROR", ["message:No", "content-type:text/plain", "content-length:4"], "a\0é"),
  );
});

rule(
  "A49",
  ALL,
  "client",
  "SEND with a body has it, unless told not to, which a NUL forbids",
  (version) => {
    const peer = client(version);
    peer.session.message("/a", Uint8Array.of(0));
    expect(peer.heard()).toBe(frame("SEND", ["destination:/a", "content-length:1"], "\0"));
    peer.session.message("/a", Uint8Array.of(65), { contentLength: false });
    expect(peer.heard()).toBe(frame("SEND", ["destination:/a"], "A"));
    expect(() => peer.session.message("/a", "\0", { contentLength: false })).toThrow(
      expect.objectContaining({ code: "unencodable" }),
    );
    peer.expectQuiet();
  },
);

rule(
  "A50",
  ALL,
  "client",
  "a string is text, bytes are a blob, anything else is JSON",
  (version) => {
    const peer = client(version);
    const types = ["é", new Uint8Array([233]), { a: 1 }, 7, null, ["x"]].map((body) => {
      peer.session.message("/a", body);
      return peer.heard().match(/content-type:(.*)\n/)?.[1];
    });
    expect(types).toEqual(["text/plain", undefined, ...Array(4).fill("application/json")]);
    peer.session.message("/a", "x", { contentType: "text/css" });
    expect(peer.heard().match(/content-type:.*\n/g)).toEqual(["content-type:text/css\n"]);
  },
);

rule(
  "A50",
  ALL,
  "server",
  "without a content type it is octets; text is UTF-8 unless a charset is named",
  (version) => {
    const peer = server(version);
    const octets = (...lines: string[]) =>
      Buffer.concat([
        Buffer.from(`SEND\ndestination:/a\n${lines.join("")}\n`),
        Buffer.from([233, 0]),
      ]);
    peer.says(
      octets(),
      octets("content-type:text/plain;charset=iso-8859-1\n"),
      octets('content-type:text/plain; charset="ISO-8859-1"\n'),
      octets("content-type:text/plain\n"),
    );
    expect(peer.session.messages.map(({ contentType }) => contentType?.slice(0, 10))).toEqual([
      undefined,
      ...Array(3).fill("text/plain"),
    ]);
    expect([...(peer.session.messages[0]?.body ?? [])]).toEqual([233]);
    expect(peer.session.messages.map((each) => each.text())).toEqual([
      "\ufffd",
      "é",
      "é",
      "\ufffd",
    ]);
  },
);

rule("A50", ALL, "server", "JSON is read where the application asks for it", (version) => {
  const peer = server(version);
  peer.says(
    frame("SEND", ["destination:/a", "content-type:application/json;charset=utf-8"], '{"a":["é"]}'),
    frame("SEND", ["destination:/a"], "{"),
  );
  expect(peer.session.messages[0]?.json()).toEqual({ a: ["é"] });
  expect(() => peer.session.messages[1]?.json()).toThrow(SyntaxError);
  peer.expectAlive();
});
