/** A real client and a real server, joined in memory. */

import type { Version } from "../protocol/version.ts";
import type { StompClient } from "../session/client.ts";
import type { Receiver } from "../session/link.ts";
import type { StompServer } from "../session/server.ts";
import { PairEnd } from "./end.ts";
import { Lane } from "./lane.ts";
import { ManualClock } from "./manual-clock.ts";

import { RecordingClient, RecordingServer } from "./recording.ts";
import { Transcript } from "./transcript.ts";

/** Who is in a pair. */
export interface PairOptions<Client, Server> {
  /** Makes the client. Default: a {@link RecordingClient}. */
  client?: ((end: PairEnd) => Client) | undefined;
  /** Makes the server. Default: a {@link RecordingServer}. */
  server?: ((end: PairEnd) => Server) | undefined;
  /** The time of both. Default: a clock that begins at 0. */
  clock?: ManualClock | undefined;
}

/**
 * A client and a server in one test: no sockets, no waiting, and the same course every time. What
 * one sends arrives at the other when the test says so, and time passes when the test says so.
 *
 * ```ts
 * class Shop extends PairedServer {            // or your own class: see `end` of the options
 *   // hooks
 * }
 *
 * const pair = Pair.connected("1.2", { server: (end) => new Shop(end) });
 * pair.client.subscribe("/a", { id: "0", receipt: "7" });
 * expect(pair.drive()).toEqual([
 *   "C> SUBSCRIBE id:0 destination:/a receipt:7",
 *   "S! onSubscribe 0",
 *   "S> RECEIPT receipt-id:7",
 *   "C! onReceipt 7",
 * ]);
 * ```
 */
export class Pair<
  Client extends StompClient = RecordingClient,
  Server extends StompServer = RecordingServer,
> {
  readonly client: Client;
  readonly server: Server;
  readonly clock: ManualClock;
  /** All that has happened. */
  readonly transcript: Transcript = new Transcript();
  /** From the client to the server. */
  readonly toServer: Lane;
  /** From the server to the client. */
  readonly toClient: Lane;
  readonly #clientSide: Receiver;
  readonly #serverSide: Receiver;
  #turns: readonly [Lane, Lane];

  /** A pair that is not connected yet: that takes `pair.client.connect()`. */
  constructor(options: PairOptions<Client, Server> = {}) {
    this.clock = options.clock ?? new ManualClock();
    this.toServer = new Lane((bytes) => this.transcript.sent("C", bytes));
    this.toClient = new Lane((bytes) => this.transcript.sent("S", bytes));
    this.#turns = [this.toServer, this.toClient];
    const clientEnd = this.#end("C", this.toServer, this.toClient);
    const serverEnd = this.#end("S", this.toClient, this.toServer);
    // Sound unless somebody writes the types himself and leaves the functions out.
    this.client = ((options.client ?? recordingClient) as (end: PairEnd) => Client)(clientEnd);
    this.server = ((options.server ?? recordingServer) as (end: PairEnd) => Server)(serverEnd);
    this.#clientSide = clientEnd.receiver(this.client);
    this.#serverSide = serverEnd.receiver(this.server);
    this.toServer.join(this.#clientSide, this.#serverSide);
    this.toClient.join(this.#serverSide, this.#clientSide);
    this.transcript.watch("C", this.client);
    this.transcript.watch("S", this.server);
  }

  /**
   * A pair that has just connected; its transcript goes on from there.
   *
   * @throws If the server did not accept the client, or has not answered yet.
   */
  static connected<
    Client extends StompClient = RecordingClient,
    Server extends StompServer = RecordingServer,
  >(version: Version = "1.2", options: PairOptions<Client, Server> = {}): Pair<Client, Server> {
    const pair = new Pair(options);
    pair.client.connect({ versions: [version] });
    pair.drive();
    if (pair.client.state === "connected") return pair;
    throw new Error(`The pair did not connect:\n${pair.transcript}`);
  }

  /**
   * Lets one piece arrive on one side, in turns.
   *
   * @returns Whether anything was under way that could arrive.
   */
  step(): boolean {
    const [turn, other] = this.#turns;
    if (!turn.step()) return other.step();
    this.#turns = [other, turn];
    return true;
  }

  /**
   * Lets everything arrive that is under way, and what is sent in answer, until all is quiet.
   *
   * @returns The lines of the transcript since the last time.
   * @throws If there is no end of it.
   */
  drive(): string[] {
    const { lines } = this.transcript;
    const most = lines.length + MOST_LINES;
    while (this.step()) {
      if (lines.length > most) throw new Error("There is no end of what these two have to say");
    }
    return this.transcript.take();
  }

  /**
   * Drives, and lets promises run that hooks have returned, until neither moves anything. It cannot
   * know of promises that wait for the world outside.
   *
   * @returns The lines of the transcript since the last time.
   */
  async settle(): Promise<string[]> {
    const lines = this.drive();
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      await undefined;
      const more = this.drive();
      if (more.length > 0) quiet = 0;
      lines.push(...more);
    }
    return lines;
  }

  /**
   * Lets time pass; whatever is sent on the way arrives at that moment.
   *
   * @returns The lines of the transcript since the last time.
   */
  advance(ms: number): string[] {
    const lines = this.drive();
    let leftMs = ms;
    while (leftMs > 0) {
      const nextMs = Math.min(this.clock.untilNextMs ?? leftMs, leftMs);
      this.clock.advance(nextMs);
      leftMs -= nextMs;
      lines.push(...this.drive());
    }
    return lines;
  }

  /**
   * Lets time pass at once, as for a machine that was suspended.
   *
   * @returns The lines of the transcript since the last time.
   */
  jump(ms: number): string[] {
    this.clock.jump(ms);
    return this.drive();
  }

  /**
   * The connection breaks: what is under way is lost, and both sides are told. To lose only a part,
   * let the other part arrive first: `pair.toServer.deliver(10)`.
   *
   * @param reason What the two transports say of it.
   * @returns The lines of the transcript since the last time.
   */
  cut(reason: unknown = new Error("The connection was cut")): string[] {
    this.transcript.note("-- cut");
    this.toServer.drop();
    this.toClient.drop();
    this.#clientSide.receiveEnd(reason);
    this.#serverSide.receiveEnd(reason);
    return this.transcript.take();
  }

  /**
   * Both transports end without a word, after what is under way: a close without DISCONNECT or ERROR.
   *
   * @returns The lines of the transcript since the last time.
   */
  hangUp(): string[] {
    this.transcript.note("-- hang up");
    this.toServer.end();
    this.toClient.end();
    return this.drive();
  }

  #end(side: string, outgoing: Lane, incoming: Lane): PairEnd {
    const note = (line: string) => this.transcript.note(`${side}> ${line}`);
    return new PairEnd(this.clock, outgoing, incoming, note);
  }
}

const MOST_LINES = 100_000;
const QUIET_TURNS = 50;

function recordingClient(end: PairEnd): RecordingClient {
  return new RecordingClient(end);
}

function recordingServer(end: PairEnd): RecordingServer {
  return new RecordingServer(end);
}
