/** B20–B23: what is tolerated, what is not, and how faults are told. */

import { expect } from "vitest";
import { ApplicationError, ConnectionError, ProtocolError } from "../../src/errors.ts";
import { client } from "./client.ts";
import { ALL, connect, frame, NEWER, served } from "./frames.ts";
import { faultIn, frameIn } from "./parse.ts";
import { rule } from "./rule.ts";
import { newServer, server } from "./server.ts";

rule("B20", NEWER, "parser", "a colon in a value is taken, or refused where strict", (version) => {
  const text = frame("SEND", ["destination:a:b"]);
  expect(frameIn(text, { version }).all).toEqual([["destination", "a:b"]]);
  expect(faultIn(text, { version, strict: true })).toBe("malformed-header");
});

rule("B20", ALL, "parser", "strict or not, CONNECT and CONNECTED and 1.0 have them", (version) => {
  for (const command of ["CONNECT", "STOMP", "CONNECTED", ...(version === "1.0" ? ["SEND"] : [])]) {
    expect(frameIn(frame(command, ["login:a:b"]), { version, strict: true }).all).toEqual([
      ["login", "a:b"],
    ]);
  }
});

rule("B20", NEWER, "server", "strict is an option of the session", (version) => {
  const text = frame("SEND", ["destination:a:b"]);
  const lenient = server(version);
  lenient.says(text);
  expect(lenient.hooks()).toEqual(["onMessage a:b"]);
  const strict = server(version, { strict: true });
  strict.says(text);
  strict.expectError("malformed-header");
});

rule("B20", NEWER, "client", "strict is an option of the session", (version) => {
  const text = served("MESSAGE", ["destination:a:b", "message-id:1", "subscription:s"]);
  const lenient = client(version);
  lenient.says(text);
  lenient.expectAlive();
  const strict = client(version, { strict: true });
  strict.says(text);
  strict.expectFailed("malformed-header");
});

rule(
  "B21",
  ALL,
  "server",
  "spaces around a version are skipped, or count where strict",
  (version) => {
    const text = frame("CONNECT", [`accept-version:9.9, ${version} `, "host:h"]);
    const lenient = newServer();
    lenient.says(text);
    expect(lenient.session.version).toBe(version);
    const strict = newServer({ strict: true });
    strict.says(text);
    strict.expectError("version-mismatch");
  },
);

const INTOLERABLE: readonly [string, string | Uint8Array, string][] = [
  ["an undefined escape", frame("SEND", ["destination:/a", "x:\\t"]), "undefined-escape"],
  [
    "a content-length that is none",
    frame("SEND", ["destination:/a", "content-length:1x"], "a"),
    "invalid-content-length",
  ],
  [
    "an octet instead of NUL",
    frame("SEND", ["destination:/a", "content-length:1"], "ab"),
    "missing-nul",
  ],
  [
    "octets that are not UTF-8",
    Buffer.from("SEND\ndestination:/\xff\n\n\0", "latin1"),
    "invalid-utf8",
  ],
  [
    "a body where none may be",
    frame("SUBSCRIBE", ["id:1", "destination:/a"], "x"),
    "body-not-allowed",
  ],
  ["a header without a colon", frame("SEND", ["destination"]), "malformed-header"],
];

for (const [what, text, code] of INTOLERABLE) {
  const fits = ALL.filter((version) => version !== "1.0" || !/escape|body/.test(what));
  for (const strict of [true, false]) {
    const title = `${what}, strict ${strict}`;
    const bytes = typeof text === "string" ? text : new Uint8Array(text);
    rule("B22", fits, "parser", title, (version) => {
      expect(faultIn(bytes, { version, strict })).toBe(code);
    });
    rule("B22", fits, "server", title, (version) => {
      const peer = server(version, { strict });
      peer.says(bytes);
      peer.expectError(code);
    });
  }
}

rule("B22", ALL, "server", "the order of commands, strict true and false", (version) => {
  for (const strict of [true, false]) {
    const peer = server(version, { strict });
    peer.says(connect(version));
    peer.expectError("unexpected-command");
  }
});

const REFLECTED = "REFLECTED";
const FAULTY: readonly string[] = [
  frame("SEND", [`x:${REFLECTED}`], REFLECTED),
  frame("SEND", ["destination:/a", `transaction:${REFLECTED}`], REFLECTED),
  frame("SUBSCRIBE", ["id:1", "destination:/a", `ack:${REFLECTED}`]),
  frame("UNSUBSCRIBE", [`id:${REFLECTED}`]),
  frame("COMMIT", [`transaction:${REFLECTED}`]),
  frame("CONNECT", [`passcode:${REFLECTED}`]),
  frame("ACK", [`id:${REFLECTED}`, `message-id:${REFLECTED}`, `subscription:${REFLECTED}`]),
  frame(REFLECTED),
  frame("SEND", [REFLECTED]),
  frame("SEND", [`content-length:${REFLECTED}`]),
  frame("SEND", ["destination:/a", "content-length:1"], REFLECTED),
  `SEND ${REFLECTED}\n\n\0`,
];

rule(
  "B23",
  ALL,
  "server",
  "no text reflects what the peer sent, neither ERROR nor the error",
  (version) => {
    for (const text of FAULTY) {
      const peer = server(version);
      peer.says(text);
      expect(peer.session.state, text).toBe("closed");
      expect(peer.heard()).not.toContain(REFLECTED);
      expect(peer.session.lastError?.message).not.toContain(REFLECTED);
    }
  },
);

rule(
  "B23",
  ALL,
  "server",
  "the peer's fault, the application's refusal, the link's failure",
  (version) => {
    const kinds = [
      [ProtocolError, frame("SEND"), () => {}],
      [
        ApplicationError,
        frame("SEND", ["destination:/a"]),
        () => {
          throw new ApplicationError("No");
        },
      ],
      [
        ConnectionError,
        frame("SEND", ["destination:/a"]),
        () => {
          throw new TypeError("x");
        },
      ],
    ] as const;
    for (const [kind, text, onMessage] of kinds) {
      const peer = server(version, {}, { onMessage });
      peer.says(text);
      expect(peer.session.lastError).toBeInstanceOf(kind);
      expect(peer.session.errorFrame?.command).toBe("SEND");
    }
  },
);
