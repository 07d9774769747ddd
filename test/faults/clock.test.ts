/** A clock that jumps: a machine was suspended, and what came meanwhile waits to be read. */

import { Pair, RecordingClient, RecordingServer } from "stomp-engine/testing";
import { expect, test } from "vitest";

const INTERVAL_MS = 10_000;
const HOUR_MS = 3_600_000;
const heartBeat = { sendMs: INTERVAL_MS, receiveMs: INTERVAL_MS };

function beating() {
  return Pair.connected("1.2", {
    client: (end) => new RecordingClient(end, { heartBeat }),
    server: (end) => new RecordingServer(end, { heartBeat }),
  });
}

test("is no reason to take the peer for dead while its data waits to be read", () => {
  const pair = beating();
  pair.toServer.held = true;
  pair.toClient.held = true;
  // Both have sent, and the other has not read it, when the machine goes to sleep.
  pair.client.message("/a");
  pair.clock.jump(HOUR_MS);
  pair.toServer.held = false;
  pair.toClient.held = false;
  pair.drive();
  pair.advance(10 * INTERVAL_MS);
  expect([pair.client.state, pair.server.state]).toEqual(["connected", "connected"]);
  expect([pair.client.errors, pair.server.errors]).toEqual([[], []]);
});

test.each([21_500, 25_000, 30_000, 60_000, HOUR_MS, 24 * HOUR_MS, 30 * 24 * HOUR_MS])(
  "of %i ms does not, over and over, end a session whose peer is alive",
  (ms) => {
    const pair = beating();
    for (let times = 0; times < 5; times++) {
      pair.jump(ms);
      pair.advance(3 * INTERVAL_MS);
    }
    expect([pair.client.errors, pair.server.errors]).toEqual([[], []]);
  },
);

test("gives a peer that did die meanwhile one more interval, and no more", () => {
  const pair = beating();
  pair.toServer.held = true;
  pair.clock.jump(HOUR_MS);
  pair.clock.advance(INTERVAL_MS - 100);
  expect(pair.server.state).toBe("connected");
  pair.clock.advance(300);
  expect(pair.server.errors).toMatchObject([{ code: "heart-beat-lost" }]);
});
