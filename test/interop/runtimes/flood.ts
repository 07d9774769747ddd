/**
 * A server and a client over sockets of one runtime: more than a socket takes, in pieces of all
 * sizes, to a client that keeps pausing. What a socket does with memory that it was given is seen here.
 */

import type { connect, createServer } from "node:net";
import type { ReceivedMessage, StompError } from "stomp-engine";
import { equal } from "../client/expect.ts";
import type { Checks } from "../report.ts";

const COUNT = 12_000;
const LARGEST_BYTES = 6_000;
const PAUSE_EVERY = 400;
const PAUSE_MS = 3;

interface Net {
  readonly connect: typeof connect;
  readonly createServer: typeof createServer;
}

export async function checkFlood(
  checks: Checks,
  tcp: () => typeof import("stomp-engine/tcp"),
  net: Net,
): Promise<void> {
  await checks.check("TcpServer and TcpClient here: a flood", () => flood(tcp(), net), 30_000);
}

/** Of its own for each message: octets that end up in another show. */
function bodyOf(index: number): Uint8Array {
  return new Uint8Array((index * 7919) % LARGEST_BYTES).fill(index % 251);
}

async function flood({ TcpClient, TcpServer }: typeof import("stomp-engine/tcp"), net: Net) {
  let saturations = 0;
  let fail: (error: unknown) => void = () => undefined;
  let done: () => void = () => undefined;
  const outcome = new Promise<void>((resolve, reject) => {
    done = resolve;
    fail = reject;
  });

  class Source extends TcpServer {
    #next = 0;
    #subscription = "";

    protected override onConnect(): boolean {
      return true;
    }
    protected override onSubscribe({ id }: { readonly id: string }): void {
      this.#subscription = id;
      this.#pour();
    }
    protected override onWritable(): void {
      this.#pour();
    }
    #pour(): void {
      while (this.#next < COUNT && this.writable) {
        const index = this.#next++;
        const message = { destination: "/flood", body: bodyOf(index), headers: { n: `${index}` } };
        this.message(this.#subscription, message);
      }
      if (this.#next < COUNT) saturations++;
    }
    protected override onMessage(): void {}
    protected override onUnsubscribe(): void {}
    protected override onAck(): void {}
    protected override onNack(): void {}
    protected override onDisconnect(): void {}
    protected override onError(error: StompError): void {
      fail(error);
    }
  }

  class Sink extends TcpClient {
    #expected = 0;

    protected override onConnected(): void {
      this.subscribe("/flood");
    }
    protected override onMessage({ headers, body }: ReceivedMessage): void {
      const index = this.#expected++;
      const expected = bodyOf(index);
      const first = expected[0];
      try {
        equal([headers.get("n"), body.length], [`${index}`, expected.length]);
        if (body.some((octet) => octet !== first)) throw new Error(`message ${index} is changed`);
      } catch (error) {
        fail(error);
        this.disconnect();
        return;
      }
      if (this.#expected === COUNT) this.disconnect();
      else if (this.#expected % PAUSE_EVERY === 0) {
        this.pause();
        setTimeout(() => this.resume(), PAUSE_MS);
      }
    }
    protected override onReceipt(): void {}
    protected override onError(error: StompError): void {
      fail(error);
    }
    protected override onClose({ reason }: { readonly reason: string }): void {
      if (reason === "disconnect" && this.#expected === COUNT) done();
      else fail(new Error(`${this.#expected} messages, then ${reason}`));
    }
  }

  const server = net.createServer({ allowHalfOpen: true }, (socket) => new Source(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    new Sink(net.connect({ host: "127.0.0.1", port: address.port })).connect();
    await outcome;
    if (saturations === 0) throw new Error("the server was never held back");
  } finally {
    server.close();
  }
}
