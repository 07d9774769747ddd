/** What a transport sends in one turn is written at once. */

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { Transport } from "stomp-engine";
import { expect, onTestFinished, test, vi } from "vitest";
import { oncePerTurn } from "../../examples/support/once-per-turn.ts";

/** A transport on a socket, with another one that reads. */
async function connected() {
  const server = createServer();
  onTestFinished(() => void server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const socket = connect((server.address() as { port: number }).port, "127.0.0.1");
  const [peer] = await accepted;
  onTestFinished(() => {
    socket.destroy();
    peer.destroy();
  });
  const inner = {
    sendData: vi.fn((data: Uint8Array<ArrayBuffer>) => socket.write(data)),
    sendEnd: vi.fn((_how: "flush" | "now") => void socket.end()),
    resumeReading: vi.fn(),
  } satisfies Transport;
  const written = vi.spyOn(socket, "_writev" as "write");
  return { socket, peer, inner, written, transport: oncePerTurn(inner, socket) };
}

const bytes = (octets: number) => new Uint8Array(octets);

test("messages of a turn leave in one write, those of the next in another", async () => {
  const { peer, written, transport } = await connected();
  for (let turn = 1; turn <= 2; turn++) {
    for (let count = 0; count < 3; count++) expect(transport.sendData(bytes(10))).toBe(true);
    expect(written).toHaveBeenCalledTimes(turn - 1);
    const [chunk] = await once(peer, "data");
    expect(chunk).toHaveLength(30);
    expect(written).toHaveBeenCalledTimes(turn);
  }
});

test("much is written before the turn is over, and the answer is that of the transport", async () => {
  const { inner, socket, written, transport } = await connected();
  const single = vi.spyOn(socket, "_write");
  transport.sendData(bytes(40_000));
  transport.sendData(bytes(40_000));
  expect(written.mock.calls.length + single.mock.calls.length).toBe(1);
  inner.sendData.mockReturnValueOnce(false);
  expect(transport.sendData(bytes(1))).toBe(false);
});

test("the end waits for what was sent before it", async () => {
  const { peer, inner, transport } = await connected();
  transport.sendData(new TextEncoder().encode("last words"));
  transport.sendEnd("flush");
  expect(inner.sendEnd).toHaveBeenCalledWith("flush");
  let text = "";
  for await (const chunk of peer) text += chunk;
  expect(text).toBe("last words");
  transport.resumeReading?.();
  expect(inner.resumeReading).toHaveBeenCalledOnce();
});
