/** D19–D27, D41: what an earlier engine got wrong as a server. */

import { expect } from "vitest";
import { ApplicationError } from "../../src/errors.ts";
import { ALL, connect, frame, NEWER, served, subscribe } from "./frames.ts";
import { rule } from "./rule.ts";
import { newServer, server } from "./server.ts";
import { later, turns } from "./waiting.ts";

function receipt(id: string): string {
  return served("RECEIPT", [`receipt-id:${id}`]);
}

rule("D19", ["1.0"], "server", "the id comes back, ids that we make do not clash", (version) => {
  const peer = server(version);
  peer.says(frame("SUBSCRIBE", ["destination:/a"]), frame("SUBSCRIBE", ["id:x", "destination:/a"]));
  peer.session.message("x", { destination: "/a", messageId: "7" });
  expect(peer.heard()).toBe(
    served("MESSAGE", ["subscription:x", "message-id:7", "destination:/a"]),
  );
  const clash = server(version);
  clash.says(frame("SUBSCRIBE", ["destination:/a"]), frame("SUBSCRIBE", ["destination:/a"]));
  expect(clash.session.lastError?.code).toBe("duplicate-subscription");
});

rule("D20", ALL, "server", "spaces are skipped, the choice is the server's", (version) => {
  const peer = newServer();
  peer.says(frame("CONNECT", [`accept-version:1.0, ${version}`, "host:h"]));
  expect(peer.session.version).toBe(version);
  for (const only of ALL) {
    const chosen = newServer({ versions: [only] });
    chosen.says(frame("CONNECT", [`accept-version:${version}`, "host:h"]));
    expect(chosen.session.version).toBe(only === version ? version : undefined);
  }
});

rule("D21", ["1.0"], "server", "none in 1.0", (version) => {
  const peer = newServer({ versions: [version] });
  peer.says(frame("CONNECT", ["accept-version:1.0", "heart-beat:1000,1000"]));
  expect(peer.heard()).not.toContain("heart-beat");
  peer.clock.advance(600_000);
  expect(peer.heard()).toBe("");
  peer.expectAlive();
});

rule(
  "D21",
  NEWER,
  "server",
  "its own numbers, whatever the client's; nothing but two numbers",
  (version) => {
    for (const more of [[], ["heart-beat:60000,60000"]]) {
      const peer = newServer({ heartBeat: { sendMs: 1_000, receiveMs: 2_000 } });
      peer.says(connect(version, ...more));
      expect(peer.heard()).toContain("\nheart-beat:1000,2000\n");
    }
    for (const header of ["1000,1000,1000", "1\\nx,2"]) {
      const peer = newServer();
      peer.says(connect(version, `heart-beat:${header}`));
      peer.expectError("invalid-header");
    }
  },
);

rule("D22", ALL, "server", "a line of our own, and nothing of the frame's", (version) => {
  const peer = server(version);
  peer.says(frame("CONNECT", ["login:ada", "passcode:SECRET", "x:1"]));
  const error = peer.expectError("unexpected-command");
  expect(error).toMatch(/^ERROR\nmessage:[^\n]+\n\n\0\n$/);
  expect(error).not.toMatch(/SECRET|ada|x:1/);
  const refusing = server(
    version,
    {},
    {
      onMessage: () => {
        throw new ApplicationError("first\nsecond");
      },
    },
  );
  refusing.says(frame("SEND", ["destination:/a"], "b\0dy".replace("\0", "")));
  expect(refusing.expectError("refused")).toBe(
    `ERROR\nmessage:first${version === "1.0" ? " " : "\\n"}second\n\n\0\n`,
  );
});

rule("D23", ALL, "server", "it is ignored, with CONNECT and with STOMP", (version) => {
  for (const command of ["CONNECT", "STOMP"]) {
    const peer = newServer();
    peer.says(connect(version, "receipt:7").replace("CONNECT", command));
    expect(peer.session.state).toBe("connected");
    expect(peer.heard()).not.toContain("receipt");
  }
});

rule(
  "D24",
  ALL,
  "server",
  "sessions are random, onConnect may wait, and say why not",
  async (version) => {
    const ids = Array.from({ length: 5 }, () => {
      const peer = newServer({ sessionId: undefined });
      peer.says(connect(version));
      return peer.session.session;
    });
    expect(new Set(ids).size).toBe(5);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    const work = later();
    const slow = newServer({}, { onConnect: () => work.promise.then(() => "named") });
    slow.says(connect(version));
    expect(slow.heard()).toBe("");
    work.resolve();
    await turns();
    expect(slow.session.session).toBe("named");
    const refusing = newServer(
      {},
      {
        onConnect: () => {
          throw new ApplicationError("Unpaid");
        },
      },
    );
    refusing.says(connect(version));
    expect(refusing.expectError("refused")).toContain("\nmessage:Unpaid\n");
  },
);

rule(
  "D25",
  ALL,
  "server",
  "an exception stays here, a hook's end moves on what waits",
  async (version) => {
    const peer = server(
      version,
      {},
      {
        onMessage: () => {
          throw new Error("at line 17 of the secret");
        },
      },
    );
    peer.says(frame("SEND", ["destination:/a"]));
    expect(peer.expectError("hook-failed")).toBe("ERROR\nmessage:internal error\n\n\0\n");
    const work = later();
    let first = true;
    const slow = server(
      version,
      {},
      {
        onMessage: () => {
          if (!first) return;
          first = false;
          return work.promise;
        },
      },
    );
    slow.says(
      frame("SEND", ["destination:/a"]) +
        frame("SEND", ["destination:/b"]) +
        frame("SEND", ["destination:/c"]),
    );
    expect(slow.session.messages).toHaveLength(1);
    work.resolve();
    await turns();
    expect(slow.session.messages).toHaveLength(3);
  },
);

rule("D26", NEWER, "server", "a body on SUBSCRIBE or ACK is an ERROR", (version) => {
  for (const command of ["SUBSCRIBE", "ACK"]) {
    const peer = server(version);
    peer.says(frame(command, ["id:1", "destination:/a"], "body"));
    peer.expectError("body-not-allowed");
  }
});

rule(
  "D26",
  ALL,
  "server",
  "an empty destination is an ERROR, a stray transaction means nothing",
  (version) => {
    for (const text of [
      frame("SEND", ["destination:"]),
      frame("SUBSCRIBE", ["id:1", "destination:"]),
    ]) {
      const peer = server(version);
      peer.says(text);
      peer.expectError("invalid-header");
    }
    const peer = server(version);
    peer.says(
      subscribe("transaction:t"),
      frame("UNSUBSCRIBE", ["id:1", "transaction:t"]),
      frame("DISCONNECT", ["transaction:t"]),
    );
    expect(peer.hooks()).toEqual([
      "onSubscribe 1",
      "onUnsubscribe 1",
      "onDisconnect",
      "onClose disconnect",
    ]);
  },
);

rule("D27", ALL, "server", "the RECEIPT comes when the hook's promise is kept", async (version) => {
  const work = later();
  const peer = server(version, {}, { onMessage: () => work.promise });
  peer.says(frame("SEND", ["destination:/a", "receipt:7"]));
  await turns();
  expect(peer.heard()).toBe("");
  work.resolve();
  await turns();
  expect(peer.heard()).toBe(receipt("7"));
});

rule("D41", ALL, "server", "JSON that is none fails who reads it, and nobody else", (version) => {
  const peer = server(version);
  peer.says(
    frame("SEND", ["destination:/a", "content-type:application/json"], "{"),
    frame("SEND", ["destination:/b", "content-type:application/json;charset=utf-8"], "[1]"),
  );
  expect(() => peer.session.messages[0]?.json()).toThrow(SyntaxError);
  expect(peer.session.messages[1]?.json()).toEqual([1]);
  peer.expectAlive();
});
