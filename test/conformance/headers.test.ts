/** A07–A10: padding and escapes. */

import { expect } from "vitest";
import { encodeFrame } from "../../src/protocol/encoder.ts";
import type { Version } from "../../src/protocol/version.ts";
import { client, connecting, newClient } from "./client.ts";
import { ALL, connect, frame, NEWER, served } from "./frames.ts";
import { faultIn, frameIn } from "./parse.ts";
import { rule } from "./rule.ts";
import { newServer, server } from "./server.ts";

function written(command: string, headers: [string, string][], version: Version): string {
  return Buffer.from(encodeFrame({ command, headers }, version)).toString();
}

rule("A07", ["1.0"], "server", "spaces and tabs around names and values are cut", (version) => {
  const peer = server(version);
  peer.says(frame("SEND", [" destination \t: \t/a b\t "], "x"));
  expect(peer.hooks()).toEqual(["onMessage /a b x"]);
});

rule("A07", NEWER, "server", "spaces are kept", (version) => {
  const peer = server(version);
  peer.says(frame("SEND", ["destination: /a ", " x:1"]));
  expect(peer.session.messages[0]?.destination).toBe(" /a ");
  expect([...(peer.session.messages[0]?.userHeaders ?? [])]).toEqual([[" x", "1"]]);
});

rule(
  "A07",
  ALL,
  "server",
  "in CONNECT it is the version that is agreed on that counts",
  (version) => {
    let login: string | undefined;
    const peer = newServer(
      {},
      {
        onConnect: (request) => {
          login = request.login;
          return true;
        },
      },
    );
    peer.says(connect(version, "login: ada "));
    expect(login).toBe(version === "1.0" ? "ada" : " ada ");
  },
);

rule("A07", ALL, "client", "a padded id names its subscription in 1.0 only", (version) => {
  const peer = client(version);
  peer.session.subscribe("/a", { id: "1" });
  peer.says(served("MESSAGE", ["destination:/a", "message-id:7", "subscription: 1"]));
  expect(peer.hooks()).toEqual([version === "1.0" ? "onMessage 1" : "onUnclaimedMessage  1"]);
});

rule("A07", ALL, "client", "CONNECTED is cut in 1.0 only", (version) => {
  const peer = connecting();
  peer.says(
    served("CONNECTED", [...(version === "1.0" ? [] : [`version:${version}`]), "session: s"]),
  );
  expect(peer.session.session).toBe(version === "1.0" ? "s" : " s");
});

rule("A07", ALL, "encoder", "nothing is padded or cut", (version) => {
  expect(
    written(
      "SEND",
      [
        ["a", " 1 "],
        [" b", "\t"],
      ],
      version,
    ),
  ).toBe("SEND\na: 1 \n b:\t\n\n\0");
});

/** What stands on the wire, and what it means; undefined: an error. */
const ESCAPES: Readonly<Record<Version, readonly (readonly [string, string | undefined])[]>> = {
  "1.0": [
    ["\\n", "\\n"],
    ["\\c", "\\c"],
    ["\\\\", "\\\\"],
    ["\\r", "\\r"],
    ["\\t", "\\t"],
    ["a\\", "a\\"],
  ],
  "1.1": [
    ["\\n", "\n"],
    ["\\c", ":"],
    ["\\\\", "\\"],
    ["\\r", undefined],
    ["\\t", undefined],
    ["a\\", undefined],
  ],
  "1.2": [
    ["\\n", "\n"],
    ["\\c", ":"],
    ["\\\\", "\\"],
    ["\\r", "\r"],
    ["\\t", undefined],
    ["a\\", undefined],
  ],
};

for (const version of ALL) {
  for (const [wire, meaning] of ESCAPES[version]) {
    const title =
      meaning === undefined ? "is undefined and fatal" : `is ${JSON.stringify(meaning)}`;
    rule("A08", [version], "parser", `${wire} ${title}`, () => {
      const name = frame("SEND", [`x${wire}:1`]);
      const value = frame("SEND", [`x:1${wire}`]);
      if (meaning === undefined) {
        expect(faultIn(name, { version })).toBe("undefined-escape");
        expect(faultIn(value, { version })).toBe("undefined-escape");
      } else {
        expect(frameIn(name, { version }).all).toEqual([[`x${meaning}`, "1"]]);
        expect(frameIn(value, { version }).all).toEqual([["x", `1${meaning}`]]);
      }
    });
  }
}

const DELIMITERS: readonly [string, string][] = [
  ["a:b\nc\\d", "e:f\ng\\h\\n"],
  ["\\c", ":\\\n"],
  ["é\\", "€:"],
];

rule("A09", NEWER, "encoder", "names and values are escaped alike", (version) => {
  expect(written("SEND", [["a:b\nc\\", "d:e\nf\\"]], version)).toBe(
    "SEND\na\\cb\\nc\\\\:d\\ce\\nf\\\\\n\n\0",
  );
});

rule("A09", ["1.0"], "encoder", "nothing is escaped, and a line feed is refused", (version) => {
  expect(written("SEND", [["a\\", "b:c\\n"]], version)).toBe("SEND\na\\:b:c\\n\n\n\0");
  for (const entry of [
    ["a", "b\nc"],
    ["a\n", "b"],
    ["a:b", "c"],
  ] as [string, string][]) {
    expect(() => written("SEND", [entry], version)).toThrow(
      expect.objectContaining({ code: "unencodable" }),
    );
  }
});

rule("A09", NEWER, "parser", "what was escaped reads as what it was", (version) => {
  const extra: [string, string][] = version === "1.2" ? [["\r", "a\rb\r"]] : [];
  const headers = [...DELIMITERS, ...extra];
  expect(frameIn(written("MESSAGE", headers, version), { version, strict: true }).all).toEqual(
    headers,
  );
});

rule("A09", ["1.0"], "parser", "backslashes and colons in values read as they are", (version) => {
  expect(frameIn(written("SEND", [["a\\c", "b:\\n\\"]], version), { version }).all).toEqual([
    ["a\\c", "b:\\n\\"],
  ]);
});

const UNESCAPED = ["CONNECT", "STOMP", "CONNECTED"];

rule("A10", ALL, "parser", "a backslash is a backslash", (version) => {
  for (const command of UNESCAPED) {
    const read = frameIn(frame(command, ["a\\n:b\\c\\t\\"]), { version, strict: true });
    expect(read.all).toEqual([["a\\n", "b\\c\\t\\"]]);
  }
});

rule(
  "A10",
  ALL,
  "encoder",
  "backslashes and colons in values are written as they are",
  (version) => {
    for (const command of UNESCAPED) {
      expect(written(command, [["a\\", "b:c\\n"]], version)).toBe(`${command}\na\\:b:c\\n\n\n\0`);
    }
  },
);

rule("A10", ALL, "encoder", "line breaks, and colons in names, are refused", (version) => {
  for (const command of UNESCAPED) {
    for (const entry of [
      ["a", "b\nc"],
      ["a\n", "b"],
      ["a:b", "c"],
      ["a", "b\rc"],
      ["a\r", "b"],
    ] as [string, string][]) {
      expect(() => written(command, [entry], version), `${command} ${entry}`).toThrow(
        expect.objectContaining({ code: "unencodable" }),
      );
    }
  }
});

rule("A10", NEWER, "server", "a passcode keeps its backslashes, a session id too", (version) => {
  let passcode: string | undefined;
  const peer = newServer(
    { sessionId: () => "s\\c:1" },
    {
      onConnect: (request) => {
        passcode = request.passcode;
        return true;
      },
    },
  );
  peer.says(connect(version, "passcode:a\\c"));
  expect(passcode).toBe("a\\c");
  expect(peer.heard()).toContain("\nsession:s\\c:1\n");
});

rule(
  "A10",
  NEWER,
  "client",
  "a passcode goes out as it is, and a session id comes in so",
  (version) => {
    const peer = connecting({ versions: [version] }, { login: "a:b", passcode: "\\c\\" });
    expect(peer.heard()).toContain("\nlogin:a:b\npasscode:\\c\\\n");
    peer.says(served("CONNECTED", [`version:${version}`, "session:ID:x\\c-1:1"]));
    expect(peer.session.session).toBe("ID:x\\c-1:1");
  },
);

rule("A10", NEWER, "client", "a line break in CONNECT throws, and nothing is sent", (version) => {
  for (const passcode of ["a\nb", "a\rb"]) {
    const peer = newClient({ versions: [version] });
    expect(() => peer.session.connect({ passcode })).toThrow(
      expect.objectContaining({ code: "unencodable" }),
    );
    expect(peer.session.state).toBe("idle");
    peer.expectQuiet();
  }
});
