/** A15–A24: CONNECT, CONNECTED, and what may come instead. */

import { expect } from "vitest";
import { ApplicationError } from "../../src/errors.ts";
import type { Version } from "../../src/protocol/version.ts";
import { client, connecting, newClient } from "./client.ts";
import { ALL, connect, connected, frame, message, NEWER, served } from "./frames.ts";
import { rule } from "./rule.ts";
import { newServer, server } from "./server.ts";

rule("A15", ALL, "server", "STOMP connects like CONNECT", (version) => {
  const peer = newServer();
  peer.says(connect(version).replace("CONNECT", "STOMP"));
  const asStomp = peer.course();
  const other = newServer();
  other.says(connect(version));
  expect(asStomp).toEqual(other.course());
  expect(peer.session.state).toBe("connected");
});

rule("A15", ALL, "client", "CONNECT unless told to send STOMP", (version) => {
  expect(connecting({ versions: [version] }).heard()).toMatch(/^CONNECT\n/);
  expect(connecting({ versions: [version] }, { command: "STOMP" }).heard()).toMatch(/^STOMP\n/);
});

rule(
  "A16",
  ["1.0"],
  "server",
  "no accept-version is 1.0, without host or heart-beats",
  (version) => {
    const peer = newServer({ strict: true });
    peer.says(frame("CONNECT", ["login:ada", "heart-beat:1000,1000"]));
    expect(peer.course()).toEqual([
      "onConnect 1.0",
      `> ${served("CONNECTED", ["version:1.0", "session:s"])}`,
    ]);
    expect(peer.session.version).toBe(version);
    peer.clock.advance(60_000);
    peer.expectQuiet();
  },
);

const OFFERS: Readonly<Record<Version, readonly string[]>> = {
  "1.0": ["1.0", "1.0,2.0", "3.0,1.0,1.9"],
  "1.1": ["1.1", "1.0,1.1", "1.1,1.0", "1.0,1.1,2.0", "1.1, 1.0", "1.1,1.1", "1.10,1.1,11.2"],
  "1.2": ["1.2", "1.0,1.1,1.2", "1.2,1.1,1.0", "1.1,1.2,1.0", "1.1, 1.2", " 1.2 ,9"],
};

rule(
  "A17",
  ALL,
  "server",
  "the highest in common, whatever the order and the company",
  (version) => {
    for (const offer of OFFERS[version]) {
      const peer = newServer();
      peer.says(frame("CONNECT", [`accept-version:${offer}`, "host:h"]));
      expect(peer.heard(), offer).toMatch(`CONNECTED\nversion:${version}\n`);
    }
  },
);

rule("A17", ALL, "server", "none that the server was told not to speak", (version) => {
  const peer = newServer({ versions: [version] });
  peer.says(frame("CONNECT", ["accept-version:1.0,1.1,1.2", "host:h"]));
  expect(peer.session.version).toBe(version);
});

rule("A18", ALL, "server", "ERROR with the versions in header and body", (version) => {
  for (const offer of ["2.0", "", "1.3,0.9", "1.22"]) {
    const peer = newServer({ versions: [version] });
    peer.says(frame("CONNECT", [`accept-version:${offer}`, "host:h"]));
    const error = peer.expectError("version-mismatch");
    expect(error).toContain(`\nversion:${version}\n`);
    expect(error).toContain("\ncontent-type:text/plain\n");
    expect(error).toMatch(new RegExp(`\n\n[^\n]*${version}\0\n$`));
  }
  const all = newServer();
  all.says(frame("CONNECT", ["accept-version:2.0"]));
  expect(all.expectError("version-mismatch")).toContain("\nversion:1.0,1.1,1.2\n");
});

rule("A19", NEWER, "client", "says which versions it takes, and a host", (version) => {
  const versions: Version[] = ["1.0", version];
  expect(connecting({ versions }).heard()).toContain(`\naccept-version:1.0,${version}\nhost:/\n`);
  expect(connecting({ versions, host: "h" }).heard()).toContain("\nhost:h\n");
  expect(connecting({ versions, host: "" }).heard()).toContain("\nhost:\n");
  expect(connecting({ versions, host: null }).heard()).not.toContain("host");
});

rule("A19", NEWER, "server", "no host is tolerated, unless it is strict", (version) => {
  const hostless = frame("CONNECT", [`accept-version:${version}`]);
  const lenient = newServer();
  lenient.says(hostless);
  expect(lenient.session.state).toBe("connected");
  const strict = newServer({ strict: true });
  strict.says(hostless);
  strict.expectError("missing-header");
  const complete = newServer({ strict: true });
  complete.says(connect(version));
  expect(complete.session.state).toBe("connected");
});

rule("A20", ALL, "server", "version, session, its name, and its own heart-beats", (version) => {
  const peer = newServer({ server: "engine/1.0", heartBeat: { sendMs: 5_000, receiveMs: 7_000 } });
  peer.says(connect(version, "heart-beat:60000,60000"));
  const beats = version === "1.0" ? [] : ["heart-beat:5000,7000"];
  expect(peer.heard()).toBe(
    served("CONNECTED", [`version:${version}`, "session:s", "server:engine/1.0", ...beats]),
  );
});

rule("A21", ["1.0"], "client", "CONNECTED without a version is 1.0", () => {
  const peer = connecting();
  peer.says(served("CONNECTED"));
  expect(peer.session.version).toBe("1.0");
  const newer = connecting({ versions: ["1.1", "1.2"] });
  newer.says(served("CONNECTED"));
  newer.expectFailed("version-mismatch");
});

rule("A21", ALL, "client", "a version that was not offered is fatal", (version) => {
  for (const other of [...ALL.filter((each) => each !== version), "1.3", "9.9", ""]) {
    const peer = connecting({ versions: [version] });
    peer.says(served("CONNECTED", [`version:${other}`]));
    peer.expectFailed("version-mismatch");
  }
});

rule("A21", ALL, "client", "a second CONNECTED is fatal", (version) => {
  const peer = client(version);
  peer.says(connected(version));
  peer.expectFailed("unexpected-command");
});

rule("A21", ALL, "client", "anything else before CONNECTED is fatal", (version) => {
  const early = [
    message(version, 1),
    served("RECEIPT", ["receipt-id:1"]),
    frame("SEND", ["destination:/a"]),
  ];
  for (const text of early) {
    const peer = connecting({ versions: [version] });
    peer.says(text + connected(version));
    peer.expectFailed("unexpected-command");
  }
});

rule(
  "A21",
  ALL,
  "client",
  "line ends may come before CONNECTED, and ERROR with a body instead",
  (version) => {
    const peer = connecting({ versions: [version] });
    peer.says("\n\n", connected(version));
    expect(peer.hooks()).toEqual([`onConnected ${version}`]);
    const refused = connecting({ versions: [version] });
    refused.says(served("ERROR", ["message:no", "content-length:2"], "\0x"));
    refused.expectFailed("error-frame");
    expect(refused.session.lastError?.frame?.text()).toBe("\0x");
  },
);

const CLIENT_COMMANDS = [
  "SEND",
  "SUBSCRIBE",
  "UNSUBSCRIBE",
  "ACK",
  "NACK",
  "BEGIN",
  "COMMIT",
  "ABORT",
  "DISCONNECT",
];

rule("A22", ALL, "server", "any other command first is an ERROR", (version) => {
  for (const command of [...CLIENT_COMMANDS, "CONNECTED", "MESSAGE", "NONSENSE"]) {
    const peer = newServer({ versions: [version] });
    peer.says(frame(command, ["destination:/a", "id:1"]) + connect(version));
    expect(peer.expectError("unexpected-command")).not.toContain("CONNECTED");
  }
});

rule("A22", ALL, "server", "CONNECT or STOMP once more is an ERROR", (version) => {
  for (const command of ["CONNECT", "STOMP"]) {
    const peer = server(version);
    peer.says(connect(version).replace("CONNECT", command));
    peer.expectError("unexpected-command");
  }
});

rule("A23", ALL, "server", "a receipt that CONNECT asks for is not sent", (version) => {
  for (const command of ["CONNECT", "STOMP"]) {
    const text = connect(version, "receipt:7").replace("CONNECT", command);
    const peer = newServer();
    peer.says(text);
    expect(peer.heard()).toMatch(/^CONNECTED\n[^\0]*\0\n$/);
    const refusing = newServer({}, { onConnect: () => false });
    refusing.says(text);
    expect(refusing.expectError("refused")).not.toContain("receipt-id");
  }
});

rule("A23", ALL, "client", "CONNECT asks for none, also where every command does", (version) => {
  const peer = connecting({ versions: [version], receipts: true });
  expect(peer.heard()).not.toContain("receipt");
  const other = newClient({ versions: [version] });
  const owned = expect.objectContaining({ code: "owned-header" });
  expect(() => other.session.connect({ headers: { receipt: "1" } })).toThrow(owned);
});

rule("A24", ALL, "server", "refused by answer, by exception, at once or later", async (version) => {
  const refusal = new ApplicationError("Not today", {
    body: "Come again",
    headers: { status: "403" },
  });
  const hooks: [() => Promise<boolean> | boolean, RegExp][] = [
    [() => false, /^ERROR\nmessage:[^\n]+\n\n\0\n$/],
    [async () => false, /^ERROR\nmessage:[^\n]+\n\n\0\n$/],
    [
      () => {
        throw refusal;
      },
      /^ERROR\nmessage:Not today\n[\s\S]*status:403\n[\s\S]*\n\nCome again\0\n$/,
    ],
    [
      () => Promise.reject(refusal),
      /^ERROR\nmessage:Not today\n[\s\S]*status:403\n[\s\S]*\n\nCome again\0\n$/,
    ],
  ];
  for (const [onConnect, expected] of hooks) {
    const peer = newServer({}, { onConnect });
    peer.says(connect(version) + frame("SEND", ["destination:/a"]));
    await undefined;
    await undefined;
    expect(peer.session.messages).toEqual([]);
    expect(peer.expectError("refused")).toMatch(expected);
    expect(peer.log.ends).toEqual(["flush"]);
  }
});
