/** Connections that come and go: nothing of them is left behind. */

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { ManualClock } from "stomp-engine/testing";
import { expect, test } from "vitest";
import { collected } from "./collecting.ts";
import { CONNECT, FaultServer } from "./sessions.ts";

const CONNECTIONS = 10_000;
const BATCH = 250;
/** On a machine that is busy. */
const MOST_MS = 120_000;

/** How far they get before they are gone. */
const BEGINNINGS = ["", "CONN", CONNECT, `${CONNECT}SUBSCRIBE\nid:s\ndestination:/a\n\n\0SEND\nde`];

test(
  `${CONNECTIONS} connections that open and vanish leave no session, no timer and no handle`,
  async () => {
    const clock = new ManualClock();
    const listener = createServer();
    let ended = 0;
    let closed = 0;
    let allClosed: () => void = () => {};
    const sessions: WeakRef<FaultServer>[] = [];
    class Passing extends FaultServer {
      protected override onError(): void {}
      protected override onClose(): void {
        ended++;
      }
    }
    listener.on("connection", (socket) => {
      sessions.push(new WeakRef(new Passing(socket, { clock })));
      socket.on("close", () => {
        closed++;
        if (closed % BATCH === 0) allClosed();
      });
    });
    listener.listen(0, "127.0.0.1", BATCH * 2);
    await once(listener, "listening");
    const { port } = listener.address() as { port: number };
    const handles = sockets();
    for (let opened = 0; opened < CONNECTIONS; opened += BATCH) {
      const over = new Promise<void>((resolve) => {
        allClosed = resolve;
      });
      await Promise.all(Array.from({ length: BATCH }, (_, at) => visit(port, at)));
      await over;
      clock.advance(100);
    }
    expect([closed, ended]).toEqual([CONNECTIONS, CONNECTIONS]);
    expect(clock.pending).toBe(0);
    listener.close();
    await once(listener, "close");
    expect(sockets()).toBeLessThanOrEqual(handles);
    // The last ones may still be in the hands of the platform.
    const most = 2 * BATCH;
    await collected(() => sessions.filter((each) => each.deref() !== undefined).length <= most);
  },
  MOST_MS,
);

/** Opens a connection, says something, and vanishes, by an end or by a reset. */
async function visit(port: number, at: number): Promise<void> {
  const socket: Socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const beginning = BEGINNINGS[at % BEGINNINGS.length] as string;
  if (beginning !== "") await new Promise((resolve) => socket.write(beginning, resolve));
  // Most by a reset: the ports of the others are taken for a minute.
  if (at % 10 === 0) socket.destroy();
  else socket.resetAndDestroy();
  if (!socket.closed) await once(socket, "close");
}

function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP")).length;
}
