/** Whole sessions that deliver, and that get acknowledged what they delivered. */

import { type Acknowledgement, PreparedMessage } from "stomp-engine";
import { allThreadsMs } from "../run/processor-time.ts";
import { verifyWire } from "../workloads/encoding.ts";
import type { FanOutWorkload } from "../workloads/fanout.ts";
import type { PlainFrame } from "../workloads/frames.ts";
import { acknowledgementWorkload, acksFor } from "../workloads/sessions.ts";
import { addBytes } from "./consume.ts";
import { Absent, type Prepared } from "./contender.ts";
import { connectedServer, QuietServer } from "./quiet-sessions.ts";

/**
 * A server that delivers and gets each delivery acknowledged.
 *
 * @param covered How many deliveries one ACK covers.
 */
export function acknowledgedServer(covered: number): Prepared {
  const { rounds, deliveries } = acknowledgementWorkload(covered);
  const destination = "/queue/a";
  const server = subscribed("sub-0", destination, covered === 1 ? "client-individual" : "client");
  const body = new Uint8Array(64).fill(0x78);
  // Ids made by the session would grow, and the sum with them.
  const message = new PreparedMessage({ destination, messageId: "m-1", body });
  const pass = () => {
    server.sum = 0;
    server.acknowledged = 0;
    let token = 0;
    for (const { ids, answer } of rounds) {
      for (const ackId of ids) server.message("sub-0", message, { ackId, token: token++ });
      server.receiveData(answer);
    }
    if (server.acknowledged !== deliveries) throw new Absent(`${server.acknowledged} acknowledged`);
    return server.sum;
  };
  const { sent, tokens } = server.keep();
  pass();
  server.keepNothing();
  const expected = rounds.flatMap(({ ids }) =>
    ids.map((ack): PlainFrame => {
      const headers = Object.entries({
        subscription: "sub-0",
        "message-id": "m-1",
        ack,
        destination,
      });
      return { command: "MESSAGE", headers, body };
    }),
  );
  verifyWire(expected, Buffer.concat(sent));
  if (tokens.some((token, index) => token !== index)) throw new Absent("wrong acknowledgements");
  const sumOfTokens = tokens.reduce((sum, token) => sum + token, 0);
  return { units: deliveries, sum: sent.reduce(addBytes, sumOfTokens), pass };
}

/**
 * One message to a thousand sessions with one subscription each, in the octets of the same message to
 * a thousand subscribers but for the number of the message.
 *
 * @param acknowledged Whether each delivery has to be acknowledged. It is before the next pass, but
 * that is not timed.
 */
export function manySessions(workload: FanOutWorkload, acknowledged: boolean): Prepared {
  const { destination, contentType, receivers } = workload;
  const [body = new Uint8Array(0)] = workload.bodies;
  const messageId = receivers[0]?.messageId ?? "";
  const mode = acknowledged ? "client-individual" : "auto";
  const sessions = receivers.map(({ subscription, ack }) => ({
    server: subscribed(subscription, destination, mode),
    subscription,
    options: acknowledged ? { ackId: ack } : {},
    answer: acksFor(acknowledged ? [ack] : []),
  }));
  const clock = { ms: 0 };
  const pass = () => {
    const start = allThreadsMs();
    const message = new PreparedMessage({ destination, contentType, messageId, body });
    let sum = 0;
    for (const { server, subscription, options } of sessions) {
      server.sum = 0;
      server.message(subscription, message, options);
      sum = (sum + server.sum) | 0;
    }
    clock.ms += allThreadsMs() - start;
    if (acknowledged) for (const { server, answer } of sessions) server.receiveData(answer);
    return sum;
  };
  const kept = sessions.map(({ server }) => server.keep());
  pass();
  for (const { server } of sessions) server.keepNothing();
  kept.forEach(({ sent }, index) => {
    const whole = workload.expected.slice(index, index + 1);
    verifyWire(whole.map(withId(messageId, acknowledged)), Buffer.concat(sent));
  });
  const octets = kept.flatMap(({ sent }) => sent);
  return { units: sessions.length, sum: octets.reduce(addBytes, 0), clock, pass };
}

/** What is the same message to the same receiver, but for its message-id and perhaps its ack. */
function withId(messageId: string, acknowledged: boolean) {
  return ({ command, headers, body }: PlainFrame): PlainFrame => {
    const kept = headers.filter(
      ([name]) => name !== "message-id" && (acknowledged || name !== "ack"),
    );
    return { command, headers: [...kept, ["message-id", messageId]], body };
  };
}

function subscribed(id: string, destination: string, ack: string): Delivering {
  const server = connectedServer(new Delivering());
  const frame = `SUBSCRIBE\nid:${id}\ndestination:${destination}\nack:${ack}\n\n\0`;
  server.receiveData(Buffer.from(frame));
  return server;
}

/** What a session sent, and what it was told to be acknowledged. */
interface Kept {
  readonly sent: Uint8Array[];
  readonly tokens: number[];
}

class Delivering extends QuietServer {
  sum = 0;
  acknowledged = 0;
  #kept: Kept | undefined = undefined;

  /** Everything from now on, to be verified. */
  keep(): Kept {
    this.#kept = { sent: [], tokens: [] };
    return this.#kept;
  }

  keepNothing(): void {
    this.#kept = undefined;
  }

  protected override sendData(data: Uint8Array<ArrayBuffer>): void {
    this.sum = addBytes(this.sum, data);
    this.#kept?.sent.push(data);
  }

  protected override sendParts(parts: readonly Uint8Array<ArrayBuffer>[]): void {
    for (const part of parts) this.sum = addBytes(this.sum, part);
    this.#kept?.sent.push(...parts);
  }

  protected override onAck({ deliveries }: Acknowledgement<number>): void {
    for (const { token } of deliveries) {
      this.sum = (this.sum + (token ?? 0)) | 0;
      this.#kept?.tokens.push(token ?? -1);
    }
    this.acknowledged += deliveries.length;
  }
}
