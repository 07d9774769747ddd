/** B14–B19: whatever has a deadline. */

import { expect } from "vitest";
import type { Clock } from "../../src/session/clock.ts";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import { client, connecting } from "./client.ts";
import { ALL, connect, connected, frame, NEWER, served } from "./frames.ts";
import { rule } from "./rule.ts";
import { newServer, server } from "./server.ts";

const NEVER = new Promise<never>(() => {});
const MOST_MS = 2 ** 31 - 1;

rule(
  "B14",
  NEWER,
  "server",
  "an own offer below half a second is raised to it, 0 stays",
  (version) => {
    for (const [sendMs, offered] of [
      [0, 0],
      [1, 500],
      [499, 500],
      [500, 500],
      [501, 501],
    ] as const) {
      const peer = newServer({ heartBeat: { sendMs, receiveMs: 2 ** 40 } });
      peer.says(connect(version));
      expect(peer.heard()).toContain(`\nheart-beat:${offered},${MOST_MS}\n`);
    }
  },
);

rule(
  "B14",
  NEWER,
  "client",
  "an own offer below half a second is raised to it, 0 stays",
  (version) => {
    for (const [receiveMs, offered] of [
      [0, 0],
      [1, 500],
      [499, 500],
      [500, 500],
      [501, 501],
    ] as const) {
      const peer = connecting({ versions: [version], heartBeat: { sendMs: 2 ** 40, receiveMs } });
      expect(peer.heard()).toContain(`\nheart-beat:${MOST_MS},${offered}\n`);
    }
  },
);

/** A clock that writes down how far ahead it was asked to call back. */
function watched(): { manual: ManualClock; clock: Clock; asked: number[] } {
  const asked: number[] = [];
  const manual = new ManualClock();
  return {
    manual,
    asked,
    clock: {
      now: () => manual.now(),
      setTimeout: (callback, ms) => {
        asked.push(ms);
        return manual.setTimeout(callback, ms);
      },
      clearTimeout: (handle) => manual.clearTimeout(handle),
    },
  };
}

const HUGE = `${2 ** 53 - 1},${2 ** 53 - 1}`;

rule("B14", NEWER, "server", "a peer's numbers do not pass what a timer can keep", (version) => {
  const { manual, clock, asked } = watched();
  const peer = newServer({ clock });
  peer.says(connect(version, `heart-beat:${HUGE}`));
  expect(asked.length).toBeGreaterThan(0);
  expect(Math.max(...asked)).toBeLessThanOrEqual(MOST_MS);
  peer.heard();
  manual.jump(MOST_MS);
  expect(peer.heard()).toBe("\n");
});

rule("B14", NEWER, "client", "a peer's numbers do not pass what a timer can keep", (version) => {
  const { manual, clock, asked } = watched();
  const peer = connecting({ clock });
  peer.says(served("CONNECTED", [`version:${version}`, `heart-beat:${HUGE}`]));
  expect(peer.session.connection?.heartBeat).toEqual({
    sendMs: 2 ** 53 - 1,
    receiveMs: 2 ** 53 - 1,
  });
  expect(Math.max(...asked)).toBeLessThanOrEqual(MOST_MS);
  peer.heard();
  manual.jump(MOST_MS);
  expect(peer.heard()).toBe("\n");
});

rule("B15", ALL, "server", "the whole introduction has to be over in time", (version) => {
  const peer = newServer();
  for (const octet of "\n\nCONNECT\nx:") {
    peer.clock.advance(800);
    peer.says(octet);
  }
  peer.clock.advance(10_000 - 12 * 800 - 1);
  peer.expectAlive();
  peer.clock.advance(50);
  expect(peer.expectFailed("connect-timeout", "lost")).toMatch(/^ERROR\nmessage:/);
  const inTime = newServer({ connectTimeoutMs: 1_000 });
  inTime.clock.advance(999);
  inTime.says(connect(version));
  inTime.clock.advance(60_000);
  inTime.expectAlive();
});

rule("B15", ALL, "server", "a hook that thinks about it does not stop the clock", (version) => {
  const peer = newServer({ connectTimeoutMs: 1_000 }, { onConnect: () => NEVER });
  peer.clock.advance(500);
  peer.says(connect(version));
  peer.clock.advance(600);
  peer.expectFailed("connect-timeout", "lost");
});

rule("B15", ALL, "client", "a server that does not answer is given up", (version) => {
  const peer = connecting({ versions: [version], connectTimeoutMs: 1_000 });
  peer.heard();
  peer.clock.advance(999);
  peer.says("\n");
  peer.expectAlive();
  peer.clock.advance(100);
  expect(peer.expectFailed("connect-timeout", "lost")).toBe("");
  const answered = connecting({ versions: [version], connectTimeoutMs: 1_000 });
  answered.says(connected(version));
  answered.clock.advance(5_000);
  answered.expectAlive();
});

rule("B16", ALL, "client", "a DISCONNECT that is not answered ends all the same", (version) => {
  const peer = client(version);
  peer.session.disconnect();
  peer.heard();
  peer.clock.advance(4_999);
  expect(peer.session.state).toBe("disconnecting");
  peer.clock.advance(100);
  peer.expectFailed("disconnect-timeout", "lost");
  expect(peer.log.ends).toEqual(["now"]);
});

rule(
  "B16",
  ALL,
  "server",
  "what a peer that has closed still waits for is given as long",
  (version) => {
    const peer = server(version, { disconnectTimeoutMs: 1_000 }, { onMessage: () => NEVER });
    peer.says(frame("SEND", ["destination:/a", "receipt:1"]));
    peer.session.receiveEnd();
    peer.clock.advance(999);
    peer.expectAlive();
    peer.clock.advance(100);
    expect(peer.hooks()).toEqual(["onMessage /a", "onClose ended"]);
    expect(peer.log.ends).toHaveLength(1);
  },
);

rule(
  "B17",
  ALL,
  "server",
  "a transport that takes nothing any more is ended at once",
  (version) => {
    const peer = server(
      version,
      { heartBeat: { sendMs: 0, receiveMs: 0 } },
      { sendData: () => false },
    );
    peer.says(frame("SEND", ["destination:/a", "receipt:1"]));
    expect(peer.session.writable).toBe(false);
    peer.clock.advance(29_900);
    peer.expectAlive();
    peer.session.drained();
    peer.says(frame("SEND", ["destination:/a", "receipt:2"]));
    peer.clock.advance(29_900);
    peer.expectAlive();
    peer.heard();
    peer.clock.advance(200);
    expect(peer.expectFailed("stalled", "lost")).toBe("");
    expect(peer.log.ends).toEqual(["now"]);
  },
);

rule(
  "B17",
  ALL,
  "client",
  "a transport that takes nothing any more is ended at once",
  (version) => {
    const peer = client(version, { stallTimeoutMs: 1_000 }, { sendData: (data) => data[0] !== 83 });
    peer.session.message("/a");
    peer.heard();
    peer.clock.advance(999);
    peer.expectAlive();
    peer.clock.advance(100);
    peer.expectFailed("stalled", "lost");
    expect(peer.log.ends).toEqual(["now"]);
  },
);

rule(
  "B18",
  ALL,
  "client",
  "a receipt that is late is given up, and nothing else",
  async (version) => {
    const peer = client(version, { receiptTimeoutMs: 1_000 });
    const usual = peer.session.message("/a", "x", { receipt: true });
    const patient = peer.session.message("/a", "x", { receipt: true, receiptTimeoutMs: 3_000 });
    peer.heard();
    peer.clock.advance(999);
    const before = await Promise.race([
      usual.done.catch(() => "rejected"),
      Promise.resolve("pending"),
    ]);
    expect(before).toBe("pending");
    peer.clock.advance(101);
    await expect(usual.done).rejects.toMatchObject({ code: "receipt-timeout" });
    peer.says(
      served("RECEIPT", [`receipt-id:${usual.id}`]),
      served("RECEIPT", [`receipt-id:${patient.id}`]),
    );
    expect((await patient.done).command).toBe("RECEIPT");
    expect(peer.hooks()).toEqual([`onReceipt ${patient.id}`]);
    peer.expectAlive();
  },
);

rule("B19", NEWER, "server", "a machine that slept does not take its peer for dead", (version) => {
  const peer = newServer({ heartBeat: { sendMs: 0, receiveMs: 1_000 } });
  peer.says(connect(version, "heart-beat:1000,0"));
  peer.clock.jump(3_600_000);
  peer.expectAlive();
  peer.clock.advance(900);
  peer.says("\n");
  peer.clock.advance(1_900);
  peer.expectAlive();
  peer.clock.jump(3_600_000);
  peer.clock.advance(1_100);
  expect(peer.hooks()).toContain("onError heart-beat-lost");
});

rule("B19", NEWER, "client", "a machine that slept does not take its peer for dead", (version) => {
  const peer = connecting({ heartBeat: { sendMs: 0, receiveMs: 1_000 } });
  peer.says(served("CONNECTED", [`version:${version}`, "heart-beat:1000,0"]));
  peer.clock.jump(3_600_000);
  peer.expectAlive();
  peer.clock.advance(900);
  peer.says("\n");
  peer.clock.advance(1_900);
  peer.expectAlive();
});

rule("B19", ALL, "server", "nor does it give up a client that introduces itself", (version) => {
  const peer = newServer();
  peer.clock.jump(3_600_000);
  peer.clock.advance(5_000);
  peer.says(connect(version));
  expect(peer.session.state).toBe("connected");
});

rule("B19", ALL, "client", "nor does it give up a server that has not answered", (version) => {
  const peer = connecting({ versions: [version] });
  peer.clock.jump(3_600_000);
  peer.clock.advance(5_000);
  peer.says(connected(version));
  expect(peer.session.state).toBe("connected");
});
