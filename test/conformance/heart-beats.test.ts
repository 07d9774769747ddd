/** A25–A28: heart-beats, by a clock that is moved by hand. */

import { expect } from "vitest";
import type { Version } from "../../src/protocol/version.ts";
import type { HeartBeat } from "../../src/session/heartbeat.ts";
import { DEFAULT_HEART_BEAT } from "../../src/session/heartbeat.ts";
import { type ClientPeer, connecting } from "./client.ts";
import { ALL, connect, frame, NEWER, served } from "./frames.ts";
import { rule } from "./rule.ts";
import { newServer, type ServerPeer } from "./server.ts";

type Either = ServerPeer | ClientPeer;

function clientWith(version: Version, heartBeat: HeartBeat, peerHeader: string): ClientPeer {
  const peer = connecting({ versions: [version], heartBeat });
  peer.says(served("CONNECTED", [`version:${version}`, `heart-beat:${peerHeader}`]));
  peer.course();
  return peer;
}

function serverWith(version: Version, heartBeat: HeartBeat, peerHeader: string): ServerPeer {
  const peer = newServer({ heartBeat });
  peer.says(connect(version, `heart-beat:${peerHeader}`));
  peer.course();
  return peer;
}

const SIDES = [
  ["server", serverWith],
  ["client", clientWith],
] as const;

/** When the session first sent a beat, while the peer keeps it alive; 0: never. */
function firstBeatMs(peer: Either): number {
  for (let ms = 0; ms < 30_000; ms += 50) {
    peer.clock.advance(50);
    peer.says("\n");
    const heard = peer.heard();
    if (heard === "") continue;
    expect(heard).toBe("\n");
    return ms + 50;
  }
  return 0;
}

/** When the session gave up a peer that sends nothing; 0: never. */
function lostMs(peer: Either): number {
  for (let ms = 0; ms < 30_000; ms += 50) {
    peer.clock.advance(50);
    if (peer.session.state === "closed") return ms + 50;
  }
  return 0;
}

rule("A25", NEWER, "server", "no header is the same as 0,0", (version) => {
  const peer = newServer();
  peer.says(connect(version));
  expect(peer.heard()).toContain("\nheart-beat:10000,10000\n");
  peer.clock.advance(120_000);
  expect(peer.heard()).toBe("");
  peer.expectAlive();
});

rule("A25", ["1.0"], "server", "1.0 has none, whatever its header says", (version) => {
  for (const header of ["1000,1000", "x"]) {
    const peer = newServer({ versions: [version] });
    peer.says(connect(version, `heart-beat:${header}`));
    expect(peer.heard()).not.toContain("heart-beat");
    peer.clock.advance(120_000);
    expect(peer.heard()).toBe("");
    peer.expectAlive();
  }
});

const NOT_AN_OFFER = [
  "",
  "1",
  "1,2,3",
  "a,b",
  "-1,0",
  "1.5,0",
  "1 , 2",
  "1, 2",
  "+1,0",
  "1,",
  ",1",
  "1000,1000x",
  "0x10,0",
  "1e3,0",
];

rule("A25", NEWER, "server", "anything but two numbers is an ERROR", (version) => {
  for (const header of NOT_AN_OFFER) {
    const peer = newServer();
    peer.says(connect(version, `heart-beat:${header}`));
    peer.expectError("invalid-header");
  }
});

rule("A25", NEWER, "client", "anything but two numbers is fatal, no header is 0,0", (version) => {
  for (const header of NOT_AN_OFFER) {
    const peer = connecting();
    peer.says(served("CONNECTED", [`version:${version}`, `heart-beat:${header}`]));
    peer.expectFailed("invalid-header");
  }
  const peer = connecting();
  peer.says(served("CONNECTED", [`version:${version}`]));
  expect(peer.session.connection?.heartBeat).toEqual({ sendMs: 0, receiveMs: 0 });
});

rule("A25", ALL, "client", "what it can and wants is offered, but not in 1.0", (version) => {
  const heard = connecting({ versions: [version] }).heard();
  const offer = `\nheart-beat:${DEFAULT_HEART_BEAT.sendMs},${DEFAULT_HEART_BEAT.receiveMs}\n`;
  if (version === "1.0") expect(heard).not.toContain("heart-beat");
  else expect(heard).toContain(offer);
});

rule("A25", ["1.0"], "client", "a heart-beat in a CONNECTED of 1.0 means nothing", () => {
  for (const header of ["0,0", "1000,1000", "x"]) {
    const peer = connecting();
    peer.says(served("CONNECTED", ["version:1.0", `heart-beat:${header}`]));
    expect(peer.session.connection?.heartBeat).toEqual({ sendMs: 0, receiveMs: 0 });
    peer.expectAlive();
  }
});

/** Our offer, the peer's header, and what follows: how often we send, how often we can count on receiving. */
const NEGOTIATIONS: readonly [HeartBeat, string, number, number][] = [
  [{ sendMs: 1_000, receiveMs: 2_000 }, "3000,4000", 4_000, 3_000],
  [{ sendMs: 4_000, receiveMs: 3_000 }, "2000,1000", 4_000, 3_000],
  [{ sendMs: 0, receiveMs: 2_000 }, "3000,4000", 0, 3_000],
  [{ sendMs: 1_000, receiveMs: 0 }, "3000,4000", 4_000, 0],
  [{ sendMs: 1_000, receiveMs: 2_000 }, "0,4000", 4_000, 0],
  [{ sendMs: 1_000, receiveMs: 2_000 }, "3000,0", 0, 3_000],
  [{ sendMs: 1_000, receiveMs: 2_000 }, "0,0", 0, 0],
  [{ sendMs: 0, receiveMs: 0 }, "1000,1000", 0, 0],
];

for (const [side, sessionWith] of SIDES) {
  rule(
    "A26",
    NEWER,
    side,
    "each direction is the slower of the two, none if one says 0",
    (version) => {
      for (const [own, header, sendMs, receiveMs] of NEGOTIATIONS) {
        const beatMs = firstBeatMs(sessionWith(version, own, header));
        if (sendMs === 0) expect(beatMs).toBe(0);
        else expect(beatMs).toSatisfy((ms: number) => ms > sendMs * 0.8 && ms <= sendMs);
        const silenceMs = lostMs(sessionWith(version, own, header));
        if (receiveMs === 0) expect(silenceMs).toBe(0);
        else
          expect(silenceMs).toSatisfy(
            (ms: number) => ms > receiveMs * 2 && ms <= receiveMs * 2 + 150,
          );
      }
    },
  );

  rule(
    "A27",
    NEWER,
    side,
    "one line feed, never later than agreed, for as long as it is idle",
    (version) => {
      const peer = sessionWith(version, { sendMs: 1_000, receiveMs: 0 }, "0,1000");
      for (let gapMs = 0, ms = 0; ms < 60_000; ms += 10) {
        peer.clock.advance(10);
        const heard = peer.heard();
        gapMs = heard === "" ? gapMs + 10 : 0;
        expect(gapMs).toBeLessThan(1_000);
        if (heard !== "") expect(heard).toBe("\n");
      }
    },
  );

  rule("A28", NEWER, side, "alive for two intervals of silence, and not much longer", (version) => {
    const peer = sessionWith(version, { sendMs: 0, receiveMs: 1_000 }, "1000,0");
    for (let round = 0; round < 5; round++) {
      peer.clock.advance(2_000);
      peer.expectAlive();
      peer.says("\n");
    }
    peer.clock.advance(2_000);
    peer.expectAlive();
    peer.clock.advance(100);
    expect(peer.hooks()).toEqual(["onError heart-beat-lost", "onClose lost heart-beat-lost"]);
    expect(peer.log.ends).toHaveLength(1);
  });

  rule(
    "A28",
    NEWER,
    side,
    "each octet counts, be it of a frame that is not complete",
    (version) => {
      const peer = sessionWith(version, { sendMs: 0, receiveMs: 1_000 }, "1000,0");
      for (const octet of frame(side === "server" ? "SEND" : "MESSAGE", ["destination:/a"]).slice(
        0,
        -1,
      )) {
        peer.clock.advance(1_900);
        peer.says(octet);
      }
      peer.expectAlive();
    },
  );
}

rule("A27", NEWER, "server", "whatever is sent puts the next beat off", (version) => {
  const peer = serverWith(version, { sendMs: 1_000, receiveMs: 0 }, "0,1000");
  for (let round = 0; round < 20; round++) {
    peer.clock.advance(700);
    expect(peer.heard()).toBe("");
    peer.says(frame("SEND", ["destination:/a", "receipt:1"]));
    expect(peer.heard()).toMatch(/^RECEIPT/);
  }
  peer.clock.advance(950);
  expect(peer.heard()).toBe("\n");
});

rule("A27", NEWER, "client", "whatever is sent puts the next beat off", (version) => {
  const peer = clientWith(version, { sendMs: 1_000, receiveMs: 0 }, "0,1000");
  for (let round = 0; round < 20; round++) {
    peer.clock.advance(700);
    expect(peer.heard()).toBe("");
    peer.session.message("/a");
    expect(peer.heard()).toMatch(/^SEND/);
  }
  peer.clock.advance(950);
  expect(peer.heard()).toBe("\n");
});
