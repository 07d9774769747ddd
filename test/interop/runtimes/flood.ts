/**
 * Servers and clients over sockets of one runtime: more than a socket takes, in pieces of all sizes,
 * to clients that keep pausing. What a socket does with memory that it was given, and that others
 * are given after it, is seen here.
 */

import type { Server, Socket } from "node:net";
import type { ReceivedMessage, StompError } from "stomp-engine";
import { equal } from "../client/equal.ts";
import type { Checks } from "../report.ts";

const CLIENTS = 5;
const COUNT = 10_000;
/** Most are small, so that many of them go out together; some go out on their own. */
const SMALL_BYTES = 2_000;
const LARGE_BYTES = 6_000;
const LARGE_EVERY = 100;
/** Each pause is longer than it takes the server to fill what the system keeps for a socket. */
const PAUSE_EVERY = 3_000;
const PAUSE_MS = 150;
const TIMEOUT_MS = 30_000;

/** Makes sockets. */
export interface Net {
  createServer(accept: (socket: Socket) => void): Server;
  connect(port: number): Socket;
}

/** What all ends of a flood tell. */
interface Progress {
  saturations: number;
  /** An end has all that it should have, or something went wrong. */
  settle(error?: unknown): void;
}

export async function checkFlood(
  checks: Checks,
  engine: () => typeof import("stomp-engine/tcp"),
  nets: { readonly tcp: Net; readonly tls: Net },
): Promise<void> {
  for (const [name, net] of Object.entries(nets)) {
    const title = `TcpServer and TcpClient, both here, over ${name}: a flood`;
    await checks.check(title, () => flood(engine(), net), TIMEOUT_MS);
  }
}

async function flood(tcp: typeof import("stomp-engine/tcp"), net: Net): Promise<void> {
  const destinations = Array.from({ length: CLIENTS }, (_, index) => `/${index}`);
  const progress: Progress = { saturations: 0, settle: () => undefined };
  const outcome = new Promise<void>((resolve, reject) => {
    let left = CLIENTS;
    progress.settle = (error) => {
      if (error !== undefined) reject(error);
      else if (--left === 0) resolve();
    };
  });
  const { Source, Sink } = ends(tcp, progress);
  const server = net.createServer((socket) => new Source(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    for (const destination of destinations) {
      new Sink(destination, net.connect(address.port)).connect();
    }
    await outcome;
    if (progress.saturations === 0) throw new Error("the server was never held back");
  } finally {
    server.close();
  }
}

function ends({ TcpClient, TcpServer }: typeof import("stomp-engine/tcp"), progress: Progress) {
  /** Sends as long as it may, whatever is subscribed to. */
  class Source extends TcpServer {
    #next = 0;
    #subscription = { id: "", destination: "" };

    protected override onConnect(): boolean {
      return true;
    }
    protected override onSubscribe(subscription: { id: string; destination: string }): void {
      this.#subscription = subscription;
      this.#pour();
    }
    protected override onWritable(): void {
      this.#pour();
    }
    #pour(): void {
      const { id, destination } = this.#subscription;
      while (this.#next < COUNT && this.writable) {
        const index = this.#next++;
        const body = bodyOf(destination, index);
        this.message(id, { destination, body, headers: { n: `${index}` } });
      }
      if (this.#next < COUNT) progress.saturations++;
    }
    protected override onMessage(): void {}
    protected override onUnsubscribe(): void {}
    protected override onAck(): void {}
    protected override onNack(): void {}
    protected override onDisconnect(): void {}
    protected override onError(error: StompError): void {
      progress.settle(error);
    }
  }

  class Sink extends TcpClient {
    readonly #destination: string;
    #expected = 0;

    constructor(destination: string, ...rest: ConstructorParameters<typeof TcpClient>) {
      super(...rest);
      this.#destination = destination;
    }

    protected override onConnected(): void {
      this.subscribe(this.#destination);
    }
    protected override onMessage({ destination, headers, body }: ReceivedMessage): void {
      const index = this.#expected++;
      const expected = bodyOf(this.#destination, index);
      const found = [destination, headers.get("n"), body.length];
      equal(found, [this.#destination, `${index}`, expected.length]);
      const octet = expected[0];
      const changed = body.findIndex((each) => each !== octet);
      equal(changed, -1, `message ${index} to ${destination} changed at`);
      if (this.#expected === COUNT) this.disconnect();
      else if (index % PAUSE_EVERY === 0) {
        this.pause();
        setTimeout(() => this.resume(), PAUSE_MS);
      }
    }
    protected override onReceipt(): void {}
    protected override onError(error: StompError): void {
      progress.settle(error.cause ?? error);
    }
    protected override onClose({ reason }: { readonly reason: string }): void {
      const whole = reason === "disconnect" && this.#expected === COUNT;
      progress.settle(whole ? undefined : new Error(`${this.#expected} messages, then ${reason}`));
    }
  }

  return { Source, Sink };
}

/** One octet, over and over, so that octets that end up in another message or session show. */
function bodyOf(destination: string, index: number): Uint8Array {
  const octet = (index * CLIENTS + Number(destination.slice(1))) % 251;
  const length = index % LARGE_EVERY === 0 ? LARGE_BYTES : (index * 7919) % SMALL_BYTES;
  return new Uint8Array(length).fill(octet);
}
