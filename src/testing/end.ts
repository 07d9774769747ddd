/** One end of a pair, in whatever shape a session needs it. */

import type { Clock } from "../session/clock.ts";
import type { Receiver, Transport } from "../session/link.ts";
import type { Lane } from "./lane.ts";
import { MemorySocket } from "./memory-socket.ts";
import { MemoryWebSocket } from "./memory-websocket.ts";

/**
 * What a session is made with, to be at one end of a pair:
 *
 * ```ts
 * (end) => new Mine(end)                                       // extends PairedClient, PairedServer
 * (end) => new Mine(end.webSocket(), { clock: end.clock })     // extends WebSocketClient, WebSocketServer
 * (end) => new Mine(end.socket(), { clock: end.clock })        // extends TcpClient, TcpServer
 * (end) => new Mine(end, { clock: end.clock })                 // takes any transport
 * ```
 */
export class PairEnd implements Transport {
  /** The time of the pair: give it to the session. */
  readonly clock: Clock;
  readonly #outgoing: Lane;
  readonly #incoming: Lane;
  readonly #note: (line: string) => void;
  #receiver: Receiver | undefined;

  /** @internal */
  constructor(clock: Clock, outgoing: Lane, incoming: Lane, note: (line: string) => void) {
    this.clock = clock;
    this.#outgoing = outgoing;
    this.#incoming = incoming;
    this.#note = note;
  }

  /**
   * This end as an open WebSocket.
   *
   * @param protocol The subprotocol that was negotiated. Default: none.
   */
  webSocket(protocol = ""): MemoryWebSocket {
    const socket = new MemoryWebSocket(this, protocol);
    this.#receiver = socket;
    return socket;
  }

  /** This end as a connected socket of `node:net`. */
  socket(): MemorySocket {
    const socket = new MemorySocket(this);
    this.#receiver = socket;
    return socket;
  }

  sendData(data: Uint8Array): boolean {
    return this.#outgoing.send(data);
  }

  sendEnd(how: "flush" | "now"): void {
    this.#note(how === "flush" ? "(end)" : "(end now)");
    if (how === "flush") {
      this.#outgoing.end();
    } else {
      this.#outgoing.drop(new Error("The connection was reset"));
      this.#incoming.drop();
    }
  }

  resumeReading(): void {
    this.#incoming.resumeReading();
  }

  /** How many bytes have been sent and not arrived. */
  get pendingBytes(): number {
    return this.#outgoing.pendingBytes;
  }

  /** @internal Who is told of what arrives: the session, unless there is a socket in between. */
  receiver(session: Receiver): Receiver {
    return this.#receiver ?? session;
  }
}
