import { ManualClock } from "stomp-engine/testing";
import { describe, expect, test } from "vitest";
import { connected, LoneClient, LoneServer, pairOf, type Roles, script } from "./scripted.ts";

const SIDES = ["client", "server"] as const;

/** A pair that has agreed on what both offer. */
function beating(options: Roles = {}) {
  const pair = pairOf(options);
  // Nothing begins with a tick.
  pair.clock.advance(7);
  pair.client.connect();
  pair.drive();
  pair.transcript.take();
  return pair;
}

const every = (ms: number) => ({ heartBeat: { sendMs: ms, receiveMs: ms } });
const never = { heartBeat: { sendMs: 0, receiveMs: 0 } };

describe.each(SIDES)("the heart-beats of a %s", (side) => {
  const name = side === "client" ? "C" : "S";
  const other = side === "client" ? "server" : "client";

  test.each([500, 1_000, 10_000, 60_000])(
    "come before %i ms have passed without anything else",
    (ms) => {
      const pair = beating({ client: every(ms), server: every(ms) });
      const sentMs: number[] = [pair.clock.now()];
      script(pair[side], { sendData: () => void sentMs.push(pair.clock.now()) });
      pair.advance(20 * ms);
      const gaps = sentMs.slice(1).map((at, index) => at - (sentMs[index] ?? 0));
      expect(gaps.length).toBeGreaterThan(20);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(0.9 * ms);
      expect(Math.min(...gaps)).toBeGreaterThan(0.7 * ms);
      expect([pair.client.state, pair.server.state]).toEqual(["connected", "connected"]);
    },
  );

  test("are put off by whatever else is sent", () => {
    const pair = beating({ client: every(1_000), server: every(1_000) });
    pair.client.subscribe("/a", { id: "0" });
    pair.drive();
    for (let turn = 0; turn < 20; turn++) {
      pair.advance(700);
      if (side === "client") pair.client.message("/a");
      else pair.server.message("0", { destination: "/a" });
    }
    expect(pair.transcript.lines).not.toContain(`${name}> ⏎`);
  });

  test("are single line feeds", () => {
    const pair = beating();
    expect(pair.advance(9_000)).toContain(`${name}> ⏎`);
  });

  test("are not sent to one who wants none, nor by one who gives none", () => {
    for (const options of [{ [side]: never }, { [other]: never }]) {
      const pair = beating(options);
      pair.advance(100_000);
      expect(pair.transcript.lines).not.toContain(`${name}> ⏎`);
      expect(pair[side].state).toBe("connected");
      expect(pair.clock.pending).toBe(0);
    }
  });

  test("rest while the transport is saturated, and go on after that", () => {
    const pair = beating({ [other]: { heartBeatTolerance: 1_000 } });
    const back = side === "client" ? pair.toServer : pair.toClient;
    back.held = true;
    back.capacityBytes = 0;
    pair.advance(9_000);
    expect(pair[side].writable).toBe(false);
    pair.transcript.take();
    expect(pair.advance(20_000)).not.toContain(`${name}> ⏎`);
    back.held = false;
    back.capacityBytes = 1_000;
    expect(pair.advance(9_000)).toContain(`${name}> ⏎`);
  });

  test("of a peer that falls silent end it after two intervals and a tick", () => {
    const pair = beating({ client: every(1_000), server: every(1_000) });
    const lane = side === "client" ? pair.toClient : pair.toServer;
    // The last sign of life:
    lane.inject("\n");
    pair.drive();
    lane.held = true;
    pair.advance(2_000);
    expect(pair[side].state).toBe("connected");
    pair.advance(150);
    expect(pair[side].closing).toMatchObject({
      reason: "lost",
      error: { code: "heart-beat-lost" },
    });
  });

  test("may be part of a frame, or a frame", () => {
    const pair = beating({ client: every(1_000), server: every(1_000) });
    const lane = side === "client" ? pair.toClient : pair.toServer;
    lane.held = true;
    const session = pair[side];
    for (const octet of Buffer.from("ERROR\nmessage:x")) {
      pair.advance(1_900);
      session.receiveData(Uint8Array.of(octet));
    }
    expect(session.state).toBe("connected");
  });

  test("are tolerated as late as it is told to", () => {
    const pair = beating({
      [side]: { ...every(1_000), heartBeatTolerance: 3 },
      [other]: every(1_000),
    });
    const lane = side === "client" ? pair.toClient : pair.toServer;
    lane.inject("\n");
    pair.drive();
    lane.held = true;
    pair.advance(3_000);
    expect(pair[side].state).toBe("connected");
    pair.advance(150);
    expect(pair[side].state).toBe("closed");
  });

  test("are not missed while it has stopped reading, and count from then on", () => {
    const pair = beating({ client: every(1_000), server: every(1_000) });
    const lane = side === "client" ? pair.toClient : pair.toServer;
    pair[side].pause();
    pair.advance(100_000);
    expect(pair[side].state).toBe("connected");
    lane.held = true;
    pair[side].resume();
    pair.advance(2_000);
    expect(pair[side].state).toBe("connected");
    pair.advance(150);
    expect(pair[side].closing?.error?.code).toBe("heart-beat-lost");
  });

  test("do not follow the end", () => {
    const pair = beating({ client: every(500), server: every(500) });
    const lane = side === "client" ? pair.toClient : pair.toServer;
    lane.held = true;
    pair.advance(10_000);
    const { lines } = pair.transcript;
    const end = lines.findIndex((line) => line.startsWith(`${name}> (end`));
    expect(lines.slice(end)).not.toContain(`${name}> ⏎`);
    expect(lines.filter((line) => line.startsWith(`${name}! onClose`))).toHaveLength(1);
    expect(pair.clock.pending).toBe(0);
  });
});

test("heart-beats do not exist in 1.0, whatever is said of them", () => {
  const clock = new ManualClock();
  const server = new LoneServer({ clock });
  server.receiveData("CONNECT\nheart-beat:1000,1000\n\n\0");
  expect(server.sent).toEqual(["CONNECTED⏎version:1.0⏎session:s⏎⏎^@⏎"]);
  const client = new LoneClient({ clock });
  client.connect({ versions: ["1.0"] });
  client.receiveData("CONNECTED\nheart-beat:1000,1000\n\n\0");
  clock.advance(100_000);
  expect([server.state, client.state]).toEqual(["connected", "connected"]);
  expect([...server.sent, ...client.sent]).not.toContain("⏎");
});

test("offers that would flood are raised, and what a peer wants is kept within what timers take", () => {
  const pair = beating({ client: every(1), server: every(1) });
  expect(pair.client.connected?.heartBeat).toEqual({ sendMs: 500, receiveMs: 500 });
  const slow = new LoneClient();
  slow.connect();
  slow.receiveData("CONNECTED\nversion:1.2\nheart-beat:99999999999,99999999999\n\n\0");
  expect(slow.state).toBe("connected");
});

describe("the time to connect", () => {
  test("runs for a client from connect() on", () => {
    const pair = pairOf({
      client: { connectTimeoutMs: 3_000 },
      server: { connectTimeoutMs: Number.POSITIVE_INFINITY },
    });
    pair.toServer.held = true;
    pair.advance(60_000);
    pair.client.connect();
    pair.advance(2_999);
    expect(pair.client.state).toBe("connecting");
    expect(pair.advance(60)).toEqual([
      "C> (end now)",
      "C! onError connect-timeout",
      "C! onClose lost connect-timeout",
    ]);
    expect(pair.clock.pending).toBe(0);
  });

  test("runs for a server from its construction on, also when nothing comes", () => {
    const pair = pairOf({ server: { connectTimeoutMs: 3_000 } });
    pair.advance(2_999);
    expect(pair.server.state).toBe("idle");
    expect(pair.advance(60).slice(0, 4)).toEqual([
      'S> ERROR message:"The session was not connected within 3000 ms"',
      "S> (end)",
      "S! onError connect-timeout",
      "S! onClose lost connect-timeout",
    ]);
  });

  test("is not put off by a frame that comes octet by octet", () => {
    const pair = pairOf({ server: { connectTimeoutMs: 3_000 } });
    for (const octet of Buffer.from(
      "CONNECT\naccept-version:1.2\nhost:/\nx:yyyyyyyyyyyyyyyyyyyy",
    )) {
      pair.server.receiveData(Uint8Array.of(octet));
      pair.advance(100);
    }
    expect(pair.server.closing?.error?.code).toBe("connect-timeout");
  });

  test("is over once they are connected", () => {
    const pair = connected("1.2", {
      client: { connectTimeoutMs: 10 },
      server: { connectTimeoutMs: 10 },
    });
    expect(pair.clock.pending).toBe(0);
    pair.advance(60_000);
    expect([pair.client.state, pair.server.state]).toEqual(["connected", "connected"]);
    expect(pair.clock.pending).toBe(0);
  });

  test.each([0, 1, 20, 49, 50])("may be as short as %i ms", (connectTimeoutMs) => {
    const clock = new ManualClock();
    clock.advance(7);
    const server = new LoneServer({ clock, connectTimeoutMs });
    clock.advance(connectTimeoutMs + 51);
    expect(server.closing?.error?.code).toBe("connect-timeout");
  });

  test("may be for ever", () => {
    const clock = new ManualClock();
    const server = new LoneServer({ clock, connectTimeoutMs: Number.POSITIVE_INFINITY });
    clock.advance(1e9);
    expect([server.state, clock.pending]).toEqual(["idle", 0]);
  });
});

describe("the time to disconnect", () => {
  test("runs for a client from DISCONNECT on", () => {
    const pair = connected("1.2", { client: { disconnectTimeoutMs: 1_000 } });
    pair.toServer.held = true;
    pair.client.disconnect();
    pair.advance(999);
    expect(pair.client.state).toBe("disconnecting");
    expect(pair.advance(60)).toEqual([
      "C> (end now)",
      "C! onError disconnect-timeout",
      "C! onClose lost disconnect-timeout",
    ]);
  });

  test("is not shortened by that of its receipt, whose RECEIPT still counts", async () => {
    const pair = connected();
    pair.toServer.held = true;
    const receipt = pair.client.disconnect({ receiptTimeoutMs: 1_000 });
    pair.advance(2_000);
    await expect(receipt?.done).rejects.toMatchObject({ code: "receipt-timeout" });
    pair.toServer.held = false;
    pair.drive();
    expect(pair.client.closing).toMatchObject({ reason: "disconnect", error: undefined });
    expect(pair.client.receipts).toEqual([]);
  });
});

describe.each(SIDES)("the time that the transport of a %s may be saturated", (side) => {
  test("ends the session at once, and is not put off by sending more", () => {
    const pair = connected("1.2", { [side]: { stallTimeoutMs: 2_000 } });
    pair.client.subscribe("/a", { id: "0" });
    pair.drive();
    const back = side === "client" ? pair.toServer : pair.toClient;
    back.held = true;
    back.capacityBytes = 0;
    const speak = () =>
      side === "client"
        ? pair.client.message("/a")
        : pair.server.message("0", { destination: "/a" });
    speak();
    pair.advance(1_000);
    speak();
    pair.advance(999);
    expect(pair[side].state).toBe("connected");
    const name = side === "client" ? "C" : "S";
    expect(pair.advance(60).slice(0, 3)).toEqual([
      `${name}> (end now)`,
      `${name}! onError stalled`,
      `${name}! onClose lost stalled`,
    ]);
  });

  test("may be over at the moment of another end: one of them is told", () => {
    const pair = connected("1.2", {
      client: { stallTimeoutMs: 2_000, disconnectTimeoutMs: 2_000 },
    });
    pair.toServer.held = true;
    pair.toServer.capacityBytes = 0;
    pair.client.disconnect();
    pair.advance(3_000);
    expect(pair.client.errors).toHaveLength(1);
    expect(pair.client.closing?.error?.code).toBe("disconnect-timeout");
  });

  test("begins anew each time", () => {
    const pair = connected("1.2", { [side]: { stallTimeoutMs: 2_000 } });
    const session = pair[side];
    const back = side === "client" ? pair.toServer : pair.toClient;
    back.held = true;
    back.capacityBytes = 0;
    for (let turn = 0; turn < 5; turn++) {
      if (side === "client") pair.client.message("/a");
      else
        pair.toServer.inject(
          "SUBSCRIBE\nid:0\ndestination:/a\nreceipt:r\n\n\0UNSUBSCRIBE\nid:0\n\n\0",
        );
      pair.drive();
      expect(session.writable).toBe(false);
      pair.advance(1_500);
      back.deliver();
      expect(session.writable).toBe(true);
    }
  });

  test("ends it as well while it waits for a hook after the transport's end", () => {
    const pair = connected("1.2", { [side]: { stallTimeoutMs: 1_000 } });
    pair.client.subscribe("/a", { id: "0" });
    pair.drive();
    const back = side === "client" ? pair.toServer : pair.toClient;
    back.held = true;
    back.capacityBytes = 0;
    const session = pair[side];
    session.pause();
    if (side === "client") pair.client.message("/a");
    else pair.server.message("0", { destination: "/a" });
    session.receiveData("\n");
    session.receiveData(side === "client" ? "RECEIPT\n" : "SEND\n");
    session.receiveEnd();
    expect(session.state).toBe("connected");
    pair.advance(1_100);
    expect(session.closing?.error?.code).toBe("stalled");
  });
});

test("a dead link that is full is not flushed; one that is not is", () => {
  for (const full of [true, false]) {
    const pair = beating({
      client: every(1_000),
      server: { ...every(1_000), stallTimeoutMs: 60_000 },
    });
    pair.toServer.held = true;
    if (full) {
      pair.toClient.held = true;
      pair.toClient.capacityBytes = 0;
    }
    pair.advance(5_000);
    expect(pair.transcript.lines).toContain(full ? "S> (end now)" : "S> (end)");
  }
});

describe("a machine that was suspended", () => {
  const hour = 3_600_000;

  test.each(SIDES)("gives the heart-beats of a %s another interval", (side) => {
    const pair = beating();
    pair.toServer.held = pair.toClient.held = true;
    pair.jump(hour);
    expect(pair[side].state).toBe("connected");
    pair.advance(9_900);
    expect(pair[side].state).toBe("connected");
    pair.advance(200);
    expect(pair[side].closing?.error?.code).toBe("heart-beat-lost");
  });

  test("is not ended if the peer is still there", () => {
    const pair = beating();
    for (let night = 0; night < 5; night++) {
      pair.jump(hour);
      pair.advance(60_000);
    }
    expect([pair.client.state, pair.server.state]).toEqual(["connected", "connected"]);
  });

  test("sends its heart-beat at once", () => {
    const pair = beating();
    expect(pair.jump(hour)).toContain("C> ⏎");
  });

  test("gives connecting another interval", () => {
    const pair = pairOf({});
    pair.toServer.held = true;
    pair.client.connect();
    pair.jump(hour);
    expect([pair.client.state, pair.server.state]).toEqual(["connecting", "idle"]);
    pair.advance(10_100);
    expect([pair.client.state, pair.server.state]).toEqual(["closed", "closed"]);
  });

  test("gives disconnecting, receipts and a saturated transport another interval", async () => {
    const pair = connected("1.2", { client: { stallTimeoutMs: 4_000 } });
    pair.toServer.held = true;
    pair.toServer.capacityBytes = 0;
    const receipt = pair.client.message("/a", "", { receipt: true, receiptTimeoutMs: 1_000 });
    pair.client.disconnect();
    pair.jump(hour);
    expect([pair.client.state, pair.client.receipts]).toEqual(["disconnecting", []]);
    pair.toServer.capacityBytes = 1_000;
    pair.toServer.deliver();
    pair.drive();
    await expect(receipt.done).resolves.toMatchObject({ command: "RECEIPT" });
    expect(pair.client.closing?.reason).toBe("disconnect");
    const slow = connected("1.2", { client: { stallTimeoutMs: 4_000 } });
    slow.toServer.held = true;
    slow.toServer.capacityBytes = 0;
    const late = slow.client.message("/a", "", { receipt: true, receiptTimeoutMs: 1_000 });
    slow.client.disconnect();
    slow.jump(hour);
    slow.advance(1_100);
    await expect(late.done).rejects.toMatchObject({ code: "receipt-timeout" });
    slow.advance(2_800);
    expect(slow.client.state).toBe("disconnecting");
    slow.advance(200);
    expect(slow.client.closing?.error?.code).toBe("stalled");
    const lost = connected();
    lost.toServer.held = true;
    lost.client.disconnect();
    lost.jump(hour);
    lost.advance(4_900);
    expect(lost.client.state).toBe("disconnecting");
    lost.advance(200);
    expect(lost.client.closing?.error?.code).toBe("disconnect-timeout");
  });
});

describe("many sessions on one clock", () => {
  test("have one timer, and none when all have ended", () => {
    const clock = new ManualClock();
    const servers = Array.from({ length: 1_000 }, () => {
      const server = new LoneServer({ clock });
      server.receiveData("CONNECT\naccept-version:1.2\nheart-beat:0,10000\n\n\0");
      return server;
    });
    expect(clock.pending).toBe(1);
    clock.advance(60_000);
    expect(servers.every(({ sent }) => sent.length > 6)).toBe(true);
    expect(clock.pending).toBe(1);
    for (const server of servers) server.disconnect();
    expect(clock.pending).toBe(0);
  });

  test("do not suffer from the exception of one", () => {
    const clock = new ManualClock();
    const servers = Array.from({ length: 3 }, () => new LoneServer({ clock }));
    const failures = servers.map((_, at) => new Error(`of ${at}`));
    for (const [at, server] of servers.entries()) {
      script(server, {
        onError: () => {
          throw failures[at];
        },
      });
    }
    expect(() => clock.advance(10_050)).toThrow(/of \d/);
    expect(servers.map(({ told }) => told)).toEqual(
      Array(3).fill(["onError connect-timeout", "onClose lost"]),
    );
    expect(clock.pending).toBe(0);
  });

  test("may end each other at the moment at which both are due", () => {
    const clock = new ManualClock();
    const servers = Array.from({ length: 2 }, () => new LoneServer({ clock }));
    for (const server of servers) {
      script(server, {
        onError: () => {
          for (const each of servers) each.disconnect();
        },
      });
    }
    clock.advance(60_000);
    expect(servers.map(({ told }) => told.length).sort()).toEqual([1, 2]);
    expect(servers.map(({ ends }) => ends.length)).toEqual([1, 1]);
    expect(servers.flatMap(({ sent }) => sent)).toHaveLength(1);
  });
});

test.each(["client", "server"])(
  "no heart-beat of a %s follows an end at the same moment",
  (side) => {
    const clock = new ManualClock();
    const heartBeat = { sendMs: 2_330, receiveMs: 1_000 };
    const session =
      side === "client"
        ? new LoneClient({ clock, heartBeat })
        : new LoneServer({ clock, heartBeat });
    if (session instanceof LoneClient) session.connect();
    session.receiveData(
      side === "client"
        ? "CONNECTED\nversion:1.2\nheart-beat:1000,2330\n\n\0"
        : "CONNECT\naccept-version:1.2\nheart-beat:1000,2330\n\n\0",
    );
    clock.advance(2_049);
    expect(session.state).toBe("connected");
    clock.advance(1);
    expect(session.closing?.error?.code).toBe("heart-beat-lost");
    expect(session.sent).not.toContain("⏎");
  },
);

test("what is due at one moment in one session ends it once", () => {
  const pair = beating({ server: { stallTimeoutMs: 20_000 } });
  pair.toServer.held = true;
  pair.advance(8_900);
  pair.toClient.held = true;
  pair.toClient.capacityBytes = 0;
  pair.advance(40_000);
  pair.jump(10_000);
  const ends = pair.transcript.lines.filter((line) => /^S(! onError|! onClose|> \(end)/.test(line));
  expect(ends).toHaveLength(3);
  expect(pair.transcript.lines.at(-1)).not.toContain("⏎");
});
