/** Whole sessions: what an application pays for a message, from the octets to its hook and back. */

import {
  type Acknowledgement,
  PreparedMessage,
  type ReceivedMessage,
  type SentMessage,
  type StompError,
} from "stomp-engine";
import type { ParsingWorkload } from "../workloads/parsing.ts";
import { acknowledgementWorkload, sends } from "../workloads/sessions.ts";
import { addBytes, addText } from "./consume.ts";
import { Absent, type Prepared } from "./contender.ts";
import { connectedServer, QuietClient, QuietServer } from "./quiet-sessions.ts";

/** A client that gets the MESSAGEs of a parsing workload. */
export function receivingClient(workload: ParsingWorkload): Prepared {
  const names = workload.readings[0]?.names ?? [];
  const client = new Receiving(names);
  client.connect();
  client.receiveData(Buffer.from("CONNECTED\nversion:1.2\n\n\0"));
  client.subscribe("/topic/prices.eu.100", { id: "sub-0" });
  return {
    units: workload.frames.length,
    pass: () => {
      client.sum = 0;
      for (const chunk of workload.chunks) client.receiveData(chunk);
      if (client.sum !== workload.sum) throw new Absent(`a sum of ${client.sum}`);
      return client.sum;
    },
  };
}

/** A server that gets SENDs with receipts and answers each. */
export function receivingServer(): Prepared {
  const { readings, chunks, frames } = sends();
  const names = readings[0]?.names ?? [];
  const messages = frames.length;
  const server = connectedServer(new Taking(names));
  return {
    units: messages,
    pass: () => {
      server.sum = 0;
      server.receipts = 0;
      for (const chunk of chunks) server.receiveData(chunk);
      if (server.receipts !== messages) throw new Absent(`${server.receipts} receipts`);
      return server.sum;
    },
  };
}

/**
 * A server that delivers and gets each delivery acknowledged.
 *
 * @param covered How many deliveries one ACK covers.
 */
export function acknowledgedServer(covered: number): Prepared {
  const { rounds, deliveries } = acknowledgementWorkload(covered);
  const server = connectedServer(new Delivering());
  const ack = covered === 1 ? "client-individual" : "client";
  server.receiveData(Buffer.from(`SUBSCRIBE\nid:sub-0\ndestination:/queue/a\nack:${ack}\n\n\0`));
  const body = new Uint8Array(64);
  // Ids made by the session would grow, and the sum with them.
  const message = new PreparedMessage({ destination: "/queue/a", messageId: "m-1", body });
  return {
    units: deliveries,
    pass: () => {
      server.sum = 0;
      server.acknowledged = 0;
      for (const { ids, answer } of rounds) {
        for (const ackId of ids) server.message("sub-0", message, { ackId, token: ackId.length });
        server.receiveData(answer);
      }
      if (server.acknowledged !== deliveries)
        throw new Absent(`${server.acknowledged} acknowledged`);
      return server.sum;
    },
  };
}

/** One message to a thousand sessions with one subscription each. */
export function manySessions(bodyBytes: number, sessions: number): Prepared {
  const servers = Array.from({ length: sessions }, (_, index) => {
    const server = connectedServer(new Delivering());
    server.receiveData(Buffer.from(`SUBSCRIBE\nid:sub-${index}\ndestination:/topic/a\n\n\0`));
    return { server, id: `sub-${index}` };
  });
  const body = new Uint8Array(bodyBytes).fill(0x78);
  return {
    units: sessions,
    pass: () => {
      const message = new PreparedMessage({ destination: "/topic/a", messageId: "m-1", body });
      let sum = 0;
      for (const { server, id } of servers) {
        server.sum = 0;
        server.message(id, message);
        sum = (sum + server.sum) | 0;
      }
      return sum;
    },
  };
}

class Receiving extends QuietClient {
  sum = 0;
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    super({ heartBeat: { sendMs: 0, receiveMs: 0 } });
    this.#names = names;
  }

  protected override onMessage({ headers, body }: ReceivedMessage): void {
    let sum = this.sum;
    for (const name of this.#names) sum = addText(sum, headers.get(name));
    this.sum = addBytes(sum, body);
  }
}

class Taking extends QuietServer {
  sum = 0;
  receipts = 0;
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    super();
    this.#names = names;
  }

  protected override sendData(data: Uint8Array<ArrayBuffer>): void {
    this.receipts++;
    this.sum = addBytes(this.sum, data);
  }

  protected override onMessage({ headers, body }: SentMessage): void {
    let sum = this.sum;
    for (const name of this.#names) sum = addText(sum, headers.get(name));
    this.sum = addBytes(sum, body);
  }
}

class Delivering extends QuietServer {
  sum = 0;
  acknowledged = 0;

  protected override sendData(data: Uint8Array<ArrayBuffer>): void {
    this.sum = addBytes(this.sum, data);
  }

  protected override sendParts(parts: readonly Uint8Array<ArrayBuffer>[]): void {
    for (const part of parts) this.sum = addBytes(this.sum, part);
  }

  protected override onAck({ deliveries }: Acknowledgement<number>): void {
    for (const { token } of deliveries) this.sum = (this.sum + (token ?? 0)) | 0;
    this.acknowledged += deliveries.length;
  }

  protected override onError(error: StompError): void {
    throw error;
  }
}
