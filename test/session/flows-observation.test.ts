import type { Frame } from "stomp-engine";
import { describe, expect, test } from "vitest";
import { connected, connectedServer, LoneServer, pairOf, script } from "./scripted.ts";

/** What an observer of a session has seen. */
function observed(session: Parameters<typeof script>[0]): string[] {
  const seen: string[] = [];
  script(session, {
    onFrame: (direction: string, { command }: Frame) => {
      seen.push(`${direction} ${command}`);
    },
  });
  return seen;
}

describe("an observer", () => {
  test("sees every frame on either side, and no heart-beat", () => {
    const pair = pairOf({});
    const [client, server] = [observed(pair.client), observed(pair.server)];
    pair.client.connect();
    pair.drive();
    pair.advance(30_000);
    pair.client.disconnect();
    pair.drive();
    expect(client).toEqual(["out CONNECT", "in CONNECTED", "out DISCONNECT", "in RECEIPT"]);
    expect(server).toEqual(["in CONNECT", "out CONNECTED", "in DISCONNECT", "out RECEIPT"]);
  });

  test("sees a frame that was sent in pieces", () => {
    const pair = connected();
    const parts: number[] = [];
    script(pair.client, {
      sendParts: (pieces: readonly Uint8Array[]) => {
        parts.push(pieces.length);
      },
    });
    const bodies: number[] = [];
    script(pair.client, {
      onFrame: (_: string, { body }: Frame) => {
        bodies.push(body.length);
      },
    });
    pair.client.message("/a", new Uint8Array(5_000));
    expect([parts, bodies]).toEqual([[3], [5_000]]);
  });

  test("sees an ERROR that a version not agreed on yet would read differently", () => {
    const server = new LoneServer();
    const seen = observed(server);
    server.error("not in C:\\temp");
    expect(seen).toEqual(["out ERROR"]);
    expect(server.told).toEqual(["onClose error"]);
  });

  test("sees what is sent after it was sent, and before what is received meanwhile", () => {
    const pair = connected();
    const seen = observed(pair.client);
    script(pair.client, {
      sendData: () => {
        seen.push("sendData");
        pair.drive();
      },
    });
    pair.client.message("/a", "x", { receipt: "1" });
    expect(seen).toEqual(["sendData", "out SEND", "in RECEIPT"]);
  });

  test("may give commands: they leave after the frame that it sees", () => {
    const pair = connected();
    let once = true;
    script(pair.client, {
      onFrame: (direction: string) => {
        if (!once || direction === "in") return;
        once = false;
        pair.client.disconnect({ receipt: false });
      },
    });
    pair.client.message("/a", "x");
    expect(pair.drive()).toEqual([
      'C> SEND destination:/a content-type:text/plain "x"',
      "C> DISCONNECT",
      "C> (end)",
      "C! onClose disconnect",
      'S! onMessage /a "x"',
      "S! onDisconnect The client sent DISCONNECT",
      "S> (end)",
      "S! onClose disconnect",
    ]);
  });
});

describe("an observer that ends the session", () => {
  test.each(["client", "server"] as const)("keeps the frame from the hooks of a %s", (side) => {
    const pair = connected();
    pair.client.subscribe("/a", { id: "0" });
    pair.drive();
    script(pair[side], {
      onFrame: (direction: string) => {
        if (direction === "in") pair[side].receiveEnd(new Error("gone"));
        if (direction === "in" && side === "client") pair.client.disconnect({ receipt: false });
        if (direction === "in" && side === "server") pair.server.disconnect();
      },
    });
    if (side === "server") pair.client.message("/a", "x");
    else pair.server.message("0", { destination: "/a" });
    const lines = pair.drive().filter((line) => line.startsWith(side === "server" ? "S!" : "C!"));
    expect(lines).toEqual([`${side === "server" ? "S" : "C"}! onClose disconnect`]);
  });
});

describe("an observer that throws", () => {
  const failure = new Error("of the observer");
  const failing = {
    onFrame: () => {
      throw failure;
    },
  };

  test("is reported on a client, and the session goes on", () => {
    const pair = connected();
    script(pair.client, failing);
    pair.client.message("/a", "x", { receipt: "1" });
    expect(pair.drive()).toEqual([
      'C> SEND destination:/a content-type:text/plain receipt:1 "x"',
      "C! onError hook-failed",
      'S! onMessage /a "x"',
      "S> RECEIPT receipt-id:1",
      "C! onError hook-failed",
      "C! onReceipt 1",
    ]);
  });

  test("of what comes in ends a server, and the frame reaches no hook", () => {
    const pair = connected();
    script(pair.server, {
      onFrame: (direction: string) => {
        if (direction === "in") throw failure;
      },
    });
    pair.client.message("/a", "x");
    expect(pair.drive().slice(1, 5)).toEqual([
      'S> ERROR message:"internal error"',
      "S> (end)",
      "S! onError hook-failed",
      "S! onClose error hook-failed",
    ]);
  });

  test("of what goes out ends a server, once, after that frame", () => {
    const server = connectedServer();
    server.receiveData("SUBSCRIBE\nid:0\ndestination:/a\n\n\0");
    script(server, failing);
    expect(() => server.message("0", { destination: "/a", messageId: "m" })).toThrow(failure);
    expect(server.sent).toEqual([
      "MESSAGE⏎subscription:0⏎message-id:m⏎destination:/a⏎⏎^@⏎",
      "ERROR⏎message:internal error⏎⏎^@⏎",
    ]);
    expect(server.told.slice(1)).toEqual(["onError hook-failed", "onClose error"]);
    expect(server.ends).toEqual(["flush"]);
  });

  test("is not called any more once sending has ended the session", () => {
    const pair = connected();
    const seen = observed(pair.client);
    script(pair.client, {
      sendData: () => {
        throw failure;
      },
    });
    pair.client.message("/a");
    expect(seen).toEqual([]);
    expect(pair.client.closing?.error?.code).toBe("transport-failed");
  });
});
