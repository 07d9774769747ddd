/** Whole sessions that receive: what an application pays for a message, from the octets to its hook. */

import type { ReceivedMessage, SentMessage } from "stomp-engine";
import { verifyWire } from "../workloads/encoding.ts";
import type { ParsingWorkload } from "../workloads/parsing.ts";
import { receiptsFor } from "../workloads/sessions.ts";
import { addBytes, addText, type Delivered, verify } from "./consume.ts";
import { Absent, type Prepared } from "./contender.ts";
import { connectedServer, QuietClient, QuietServer } from "./quiet-sessions.ts";

/** A client that gets the MESSAGEs of a parsing workload. */
export function receivingClient({ frames, chunks, readings, sum }: ParsingWorkload): Prepared {
  const client = new Receiving(readings[0]?.names ?? []);
  client.connect();
  client.receiveData(Buffer.from("CONNECTED\nversion:1.2\n\n\0"));
  client.subscribe("/topic/prices.eu.100", { id: "sub-0" });
  const messages: ReceivedMessage[] = [];
  client.kept = messages;
  for (const chunk of chunks) client.receiveData(chunk);
  client.kept = undefined;
  verify(
    frames,
    messages.map((message) => asFrame("MESSAGE", message)),
    readings,
  );
  return {
    units: frames.length,
    sum,
    pass: () => {
      client.sum = 0;
      for (const chunk of chunks) client.receiveData(chunk);
      return client.sum;
    },
  };
}

/** A server that gets SENDs with receipts and answers each. */
export function receivingServer({ frames, chunks, readings, sum }: ParsingWorkload): Prepared {
  const server = connectedServer(new Taking(readings[0]?.names ?? []));
  const messages: SentMessage[] = [];
  const answers: Uint8Array[] = [];
  server.kept = { messages, answers };
  for (const chunk of chunks) server.receiveData(chunk);
  server.kept = undefined;
  verify(
    frames,
    messages.map((message) => asFrame("SEND", message)),
    readings,
  );
  verifyWire(receiptsFor(frames), Buffer.concat(answers));
  return {
    units: frames.length,
    sum: answers.reduce(addBytes, sum),
    pass: () => {
      server.sum = 0;
      server.answers = 0;
      for (const chunk of chunks) server.receiveData(chunk);
      if (server.answers !== answers.length) throw new Absent(`${server.answers} answers`);
      return server.sum;
    },
  };
}

function asFrame(command: string, { headers, body }: ReceivedMessage | SentMessage): Delivered {
  return { command, read: (name) => headers.get(name), body };
}

class Receiving extends QuietClient {
  sum = 0;
  /** All messages, while they are verified. */
  kept: ReceivedMessage[] | undefined = undefined;
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    super({ heartBeat: { sendMs: 0, receiveMs: 0 } });
    this.#names = names;
  }

  protected override onMessage(message: ReceivedMessage): void {
    const { headers, body } = message;
    let sum = this.sum;
    for (const name of this.#names) sum = addText(sum, headers.get(name));
    this.sum = addBytes(sum, body);
    this.kept?.push(message);
  }
}

class Taking extends QuietServer {
  sum = 0;
  answers = 0;
  /** All that comes and goes, while it is verified. */
  kept: { readonly messages: SentMessage[]; readonly answers: Uint8Array[] } | undefined =
    undefined;
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    super();
    this.#names = names;
  }

  protected override sendData(data: Uint8Array<ArrayBuffer>): void {
    this.answers++;
    this.sum = addBytes(this.sum, data);
    this.kept?.answers.push(data);
  }

  protected override onMessage(message: SentMessage): void {
    const { headers, body } = message;
    let sum = this.sum;
    for (const name of this.#names) sum = addText(sum, headers.get(name));
    this.sum = addBytes(sum, body);
    this.kept?.messages.push(message);
  }
}
