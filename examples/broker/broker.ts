/** A broker that listens. */

import { createServer } from "node:http";
import type { ServerOptions, StompError, Version } from "stomp-engine";
import { TcpTransport } from "stomp-engine/tcp";
import { WebSocketTransport } from "stomp-engine/websocket";
import { type Address, listen, listenTcp } from "../support/listeners.ts";
import { oncePerTurn } from "../support/once-per-turn.ts";
import { mountWebSocket } from "../support/websocket-mount.ts";
import type { Backend } from "./backend.ts";
import { MemoryBackend } from "./memory.ts";
import { servePage } from "./page.ts";
import { type Broker, BrokerSession, type Carrier } from "./session.ts";
import { VerboseSession } from "./verbose.ts";

export interface BrokerOptions {
  /** Default 127.0.0.1: nobody else's business. */
  readonly host?: string | undefined;
  /** Port 0 lets the system choose. Default 61613. */
  readonly tcp?: { readonly port: number } | undefined;
  /** The same for WebSockets and the page. Default 8080. */
  readonly http?: { readonly port: number } | undefined;
  /** Who may connect. Default: anybody. */
  readonly credentials?: { readonly login: string; readonly passcode: string } | undefined;
  /** Origins of pages that may connect besides the broker's own; `*` is any. */
  readonly origins?: readonly string[] | undefined;
  /** Default: one in memory. */
  readonly backend?: Backend | undefined;
  /** Default 500,000 messages. */
  readonly maxQueueMessages?: number | undefined;
  /** Default 256 MiB. */
  readonly maxQueueBytes?: number | undefined;
  /** Of all queues together. Default 512 MiB. */
  readonly maxStoredBytes?: number | undefined;
  /** Default 5. */
  readonly maxDeliveries?: number | undefined;
  /** Default 100. */
  readonly prefetch?: number | undefined;
  /** Default 10,000 messages. */
  readonly maxBacklogMessages?: number | undefined;
  /** Default 16 MiB. */
  readonly maxBacklogBytes?: number | undefined;
  /** Default 2,000 ms. */
  readonly patienceMs?: number | undefined;
  /** Of every session, such as limits and times. */
  readonly session?: ServerOptions | undefined;
  /** Takes a line for each frame. */
  readonly verbose?: ((line: string) => void) | undefined;
}

export interface RunningBroker {
  readonly tcp: Address;
  readonly http: Address;
  /** Tells the clients, and stops. */
  stop(): Promise<void>;
}

const MEBIBYTE = 1_048_576;

/**
 * Starts a broker.
 *
 * @throws {Failure} if it cannot listen.
 */
export async function start(options: BrokerOptions = {}): Promise<RunningBroker> {
  const host = options.host ?? "127.0.0.1";
  const backend = options.backend ?? memoryBackend(options);
  const sessions = new Set<BrokerSession>();
  const started = Date.now().toString(36);
  let messages = 0;
  const broker: Broker = {
    backend,
    credentials: options.credentials,
    prefetch: options.prefetch ?? 100,
    maxBacklogMessages: options.maxBacklogMessages ?? 10_000,
    maxBacklogBytes: options.maxBacklogBytes ?? 16 * MEBIBYTE,
    patienceMs: options.patienceMs ?? 2_000,
    nextMessageId() {
      messages += 1;
      return `${started}-${messages}`;
    },
    failed: reportFault,
    closed: (session) => sessions.delete(session),
  };
  const sessionOptions: ServerOptions = { server: "stomp-engine-broker", ...options.session };

  function open(transport: (session: BrokerSession) => Carrier, versions?: readonly Version[]) {
    const own = versions === undefined ? sessionOptions : { ...sessionOptions, versions };
    const session =
      options.verbose === undefined
        ? new BrokerSession(broker, own)
        : new VerboseSession(broker, own, options.verbose);
    sessions.add(session);
    session.attach(transport(session));
  }

  const tcp = await listenTcp({ host, port: options.tcp?.port ?? 61_613 }, (socket) => {
    open((session) => new TcpTransport(socket, session));
  });
  const pages = createServer((request, response) => servePage(request, response, tcp.address));
  mountWebSocket(pages, {
    origins: options.origins,
    maxMessageBytes: options.session?.limits?.maxFrameBytes ?? 8 * MEBIBYTE,
    accept: (socket, version, request) => {
      open(
        (session) => oncePerTurn(new WebSocketTransport(socket, session), request.socket),
        [version],
      );
    },
  });
  const http = await listen(pages, { host, port: options.http?.port ?? 8_080 }).catch(
    async (error: unknown) => {
      await tcp.close(0);
      throw error;
    },
  );
  return {
    tcp: tcp.address,
    http: http.address,
    async stop() {
      const closed = Promise.all([tcp.close(1_000), http.close(1_000)]);
      for (const session of [...sessions]) {
        if (session.state === "connected") session.error("The broker is stopping");
        else session.disconnect();
      }
      await closed;
      await backend.stop();
    },
  };
}

function memoryBackend(options: BrokerOptions): MemoryBackend {
  return new MemoryBackend({
    maxQueueMessages: options.maxQueueMessages ?? 500_000,
    maxQueueBytes: options.maxQueueBytes ?? 256 * MEBIBYTE,
    maxStoredBytes: options.maxStoredBytes ?? 512 * MEBIBYTE,
    maxDeliveries: options.maxDeliveries ?? 5,
  });
}

/** Clients may do wrong what they like; what went wrong here has to be seen. */
function reportFault(error: StompError): void {
  if (error.code !== "hook-failed" && error.code !== "transport-failed") return;
  const { cause } = error;
  const detail = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  process.stderr.write(`broker: ${error.message}: ${detail}\n`);
}
