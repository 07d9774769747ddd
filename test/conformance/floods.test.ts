/** C16: too much of everything. */

import { expect } from "vitest";
import { sharedShapes } from "../../src/protocol/header-shape.ts";
import { FrameParser } from "../../src/protocol/parser.ts";
import { encodeUtf8 } from "../../src/protocol/utf8.ts";
import { ALL, frame } from "./frames.ts";
import { growthBeyond, MEGABYTE } from "./memory.ts";
import { rule } from "./rule.ts";
import { server } from "./server.ts";

const NEVER = new Promise<never>(() => {});

rule("C16", ALL, "server", "frames behind a hook that does not answer", (version) => {
  let started = 0;
  const flood = frame("SEND", ["destination:/a"]).repeat(1_000);
  const peer = server(
    version,
    { limits: { maxPendingBytes: 100_000 }, maxInFlight: 4 },
    {
      onMessage: () => {
        started++;
        return NEVER;
      },
    },
  );
  let readOn = true;
  for (let times = 0; times < 1_000 && peer.session.state === "connected"; times++)
    readOn = peer.says(flood) && readOn;
  expect(readOn).toBe(false);
  expect(started).toBe(4);
  peer.expectError("pending-overflow");
});

interface Flood {
  readonly what: string;
  /** The frames that a client sends each time; the number is another one every time. */
  readonly text: (number: number, isFirst: boolean) => string;
  readonly times: number;
  readonly survives: boolean;
}

const SEND_TO_A = "destination:/a";

// biome-ignore format: one row a flood
const FLOODS: readonly Flood[] = [
  { what: "SUBSCRIBE", times: 3_000, survives: false, text: (number) => frame("SUBSCRIBE", [`id:${number}`, SEND_TO_A]) },
  { what: "BEGIN", times: 3_000, survives: false, text: (number) => frame("BEGIN", [`transaction:${number}`]) },
  { what: "SEND in a transaction", times: 3_000, survives: false, text: (_, isFirst) => frame(isFirst ? "BEGIN" : "SEND", ["transaction:t", SEND_TO_A]) },
  { what: "SUBSCRIBE and UNSUBSCRIBE", times: 3_000, survives: true, text: (number) => frame("SUBSCRIBE", [`id:${number}`, SEND_TO_A]) + frame("UNSUBSCRIBE", [`id:${number}`]) },
  { what: "BEGIN and ABORT", times: 3_000, survives: true, text: (number) => frame("BEGIN", [`transaction:${number}`]) + frame("ABORT", [`transaction:${number}`]) },
  { what: "receipts of eight thousand octets", times: 1_000, survives: true, text: (number) => frame("SEND", [SEND_TO_A, `receipt:${number}${"x".repeat(8_000)}`]) },
  { what: "headers of new names", times: 20_000, survives: true, text: (number) => frame("SEND", [SEND_TO_A, `x${number}:1`, `y${number}:2`]) },
];

/** What the limits allow to be kept of a flood, as objects of ours. */
const ALLOWED_BYTES = 2 * MEGABYTE;

for (const { what, text, times, survives } of FLOODS) {
  rule("C16", ALL, "server", `${what} without end`, (version) => {
    let number = 0;
    const growth = growthBeyond(ALLOWED_BYTES, () => {
      const peer = server(version);
      for (let time = 0; time < times && peer.session.state === "connected"; time++) {
        peer.says(text(number++, time === 0));
        peer.course();
        peer.session.messages.length = 0;
      }
      expect(peer.session.state).toBe(survives ? "connected" : "closed");
      return peer;
    });
    expect(growth).toBeLessThan(MEGABYTE);
  });
}

rule("C16", ALL, "parser", "of new names, so many are remembered and no more", (version) => {
  const parser = new FrameParser({ version });
  let most = 0;
  for (let number = 0; number < 80_000; number++) {
    parser.push(encodeUtf8(frame("SEND", [SEND_TO_A, `x${number}:1`])));
    parser.next();
    most = Math.max(most, sharedShapes());
  }
  expect(most).toBeGreaterThan(256);
  expect(most).toBeLessThanOrEqual(4_096);
});

rule("C16", ALL, "server", "ids of what we dropped are remembered, but not for ever", (version) => {
  const peer = server(version);
  for (let number = 0; number <= 1_000; number++) {
    peer.says(frame("SUBSCRIBE", [`id:${number}`, "destination:/a"]));
    peer.session.drop(String(number));
  }
  peer.says(frame("UNSUBSCRIBE", ["id:1"]), frame("UNSUBSCRIBE", ["id:1000"]));
  peer.expectAlive();
  peer.says(frame("UNSUBSCRIBE", ["id:0"]));
  peer.expectError("unknown-subscription");
});
