/** D28–D30: heart-beats as an earlier engine kept them. */

import { expect } from "vitest";
import type { Version } from "../../src/protocol/version.ts";
import type { HeartBeat } from "../../src/session/heartbeat.ts";
import type { StompSession } from "../../src/session/session.ts";
import { connecting } from "./client.ts";
import { connect, NEWER, served } from "./frames.ts";
import type { Peer } from "./peer.ts";
import { rule } from "./rule.ts";
import { newServer } from "./server.ts";

const SIDES = [
  ["server", serverWith],
  ["client", clientWith],
] as const;

function serverWith(version: Version, heartBeat: HeartBeat, header: string): Peer<StompSession> {
  const peer = newServer({ heartBeat });
  peer.says(connect(version, `heart-beat:${header}`));
  peer.course();
  return peer;
}

function clientWith(version: Version, heartBeat: HeartBeat, header: string): Peer<StompSession> {
  const peer = connecting({ heartBeat });
  peer.says(served("CONNECTED", [`version:${version}`, `heart-beat:${header}`]));
  peer.course();
  return peer;
}

for (const [side, sessionWith] of SIDES) {
  rule("D28", NEWER, side, "ten intervals of silence have ten beats at least", (version) => {
    const peer = sessionWith(version, { sendMs: 1_000, receiveMs: 0 }, "0,1000");
    peer.clock.advance(10_000);
    expect(peer.heard().length).toBeGreaterThanOrEqual(10);
  });

  rule(
    "D29",
    NEWER,
    side,
    "what we send depends on what we can and the peer wants, and the reverse",
    (version) => {
      const sends = sessionWith(version, { sendMs: 5_000, receiveMs: 60_000 }, "1000,2000");
      sends.clock.advance(5_000);
      expect(sends.heard()).toBe("\n");
      const waits = sessionWith(version, { sendMs: 60_000, receiveMs: 1_000 }, "5000,2000");
      waits.clock.advance(10_000);
      waits.expectAlive();
      waits.clock.advance(100);
      expect(waits.hooks()).toContain("onError heart-beat-lost");
    },
  );

  rule("D29", NEWER, side, "who offered none sends none and expects none", (version) => {
    const peer = sessionWith(version, { sendMs: 0, receiveMs: 0 }, "1000,1000");
    peer.clock.advance(600_000);
    peer.expectQuiet();
    expect(peer.clock.pending).toBe(0);
  });

  rule("D30", NEWER, side, "silence is noticed at the same time wherever it begins", (version) => {
    for (const offsetMs of [0, 10, 333, 999, 1_500]) {
      const peer = sessionWith(version, { sendMs: 0, receiveMs: 1_000 }, "1000,0");
      peer.clock.advance(offsetMs);
      peer.says("\n");
      peer.clock.advance(2_000);
      peer.expectAlive();
      peer.clock.advance(100);
      expect(peer.session.state).toBe("closed");
    }
  });

  rule("D30", NEWER, side, "no timer is left after the end", (version) => {
    for (const end of ["\0", undefined]) {
      const peer = sessionWith(version, { sendMs: 1_000, receiveMs: 1_000 }, "1000,1000");
      expect(peer.clock.pending).toBe(1);
      if (end === undefined) peer.session.receiveEnd();
      else peer.says(end);
      expect(peer.session.state).toBe("closed");
      expect(peer.clock.pending).toBe(0);
    }
  });
}
