/**
 * npm run client -- -u ws://127.0.0.1:8080/ -d /queue/a -m hello
 *
 * Sends messages, or prints those that come. `npm run client -- --help` lists the options.
 */

import { createInterface } from "node:readline";
import {
  type AckMode,
  type ClientClosing,
  type ClientOptions,
  type Connected,
  type Frame,
  type Receipt,
  type ReceivedMessage,
  StompClient,
  StompError,
  type Transport,
} from "stomp-engine";
import { credentials, openTransport, serverUrl } from "../support/client-link.ts";
import {
  Failure,
  parseCommandLine,
  runProgram,
  UsageError,
  type Values,
  wholeNumber,
} from "../support/command-line.ts";
import { lineFor } from "./verbose.ts";

const OPTIONS = {
  url: {
    type: "string",
    short: "u",
    value: "<url>",
    help: "stomp://, stomps://, ws:// or wss:// (default stomp://127.0.0.1:61613)",
  },
  destination: { type: "string", short: "d", value: "<name>", help: "such as /queue/a" },
  host: { type: "string", short: "h", value: "<name>", help: "the virtual host (default /)" },
  ack: {
    type: "string",
    short: "a",
    value: "<mode>",
    help: "auto, client or client-individual (default auto)",
  },
  receipts: { type: "boolean", short: "r", help: "ask for a receipt for every command" },
  message: {
    type: "string",
    short: "m",
    value: "<text>",
    multiple: true,
    help: "send this instead of waiting for messages; - is all of stdin",
  },
  lines: { type: "boolean", short: "l", help: "send each line of stdin as a message" },
  subscribe: { type: "boolean", short: "s", help: "wait for messages as well after sending" },
  count: { type: "string", short: "n", value: "<count>", help: "end after so many messages" },
  header: {
    type: "string",
    multiple: true,
    value: "<name:value>",
    help: "a header of what is sent, or of the subscription",
  },
  login: { type: "string", value: "<name>", help: "who connects" },
  passcode: { type: "string", value: "<secret>", help: "what they know" },
  verbose: { type: "boolean", short: "v", help: "print every frame on stderr, passcodes hidden" },
} as const;

/** What the program is to do. */
interface Task {
  readonly url: URL;
  readonly destination: string;
  readonly ack: AckMode;
  readonly headers: readonly (readonly [string, string])[];
  readonly bodies: readonly string[];
  readonly lines: boolean;
  /** Whether to tell of every receipt. */
  readonly receipts: boolean;
  /** How many messages to wait for; 0: none. */
  readonly count: number;
}

/** A client that has one task. */
class TaskClient extends StompClient {
  readonly #task: Task;
  readonly #finished: (closing: ClientClosing) => void;
  #transport: Transport | undefined;
  #expected: number;
  #writableAgain: () => void = () => {};
  /** Why the task could not be done, other than for the connection. */
  failure: unknown;

  constructor(task: Task, options: ClientOptions, finished: (closing: ClientClosing) => void) {
    super(options);
    this.#task = task;
    this.#expected = task.count;
    this.#finished = finished;
  }

  attach(transport: Transport): void {
    this.#transport = transport;
  }

  protected override sendData(data: Uint8Array<ArrayBuffer>): ReturnType<Transport["sendData"]> {
    return this.#transport?.sendData(data);
  }

  protected override sendEnd(how: "flush" | "now"): void {
    this.#transport?.sendEnd(how);
  }

  protected override resumeReading(): void {
    this.#transport?.resumeReading?.();
  }

  protected override onWritable(): void {
    this.#writableAgain();
  }

  protected override async onConnected(_connected: Connected): Promise<void> {
    const { destination, ack, headers, count } = this.#task;
    if (count > 0) this.subscribe(destination, { ack, headers });
    await this.#sendAll();
    if (count === 0 && this.state === "connected") this.disconnect();
  }

  protected override onMessage(message: ReceivedMessage): void {
    if (this.#expected === 0) return;
    this.#expected -= 1;
    process.stdout.write(message.body);
    process.stdout.write("\n");
    if (this.#task.ack !== "auto") message.ack();
    if (this.#expected === 0) this.disconnect();
  }

  protected override onReceipt({ id, command }: Receipt): void {
    if (this.#task.receipts) process.stderr.write(`receipt ${id} for ${command}\n`);
  }

  protected override onError(error: StompError): void {
    // All others mean the end, and `onClose` has them too.
    if (error.code !== "hook-failed") return;
    this.failure ??= error.cause;
    if (this.state === "connected") this.disconnect();
  }

  protected override onClose(closing: ClientClosing): void {
    this.#finished(closing);
  }

  async #sendAll(): Promise<void> {
    for (const body of this.#task.bodies) {
      this.#send(body === "-" ? await wholeOf(process.stdin) : body);
    }
    if (!this.#task.lines) return;
    for await (const line of createInterface({ input: process.stdin })) {
      this.#send(line);
      if (!this.writable) {
        await new Promise<void>((resolve) => {
          this.#writableAgain = resolve;
        });
      }
    }
  }

  #send(body: string | Buffer): void {
    const { destination, headers } = this.#task;
    // The session may have ended while stdin was read.
    if (this.state === "connected") this.message(destination, body, { headers });
  }
}

/** The same, telling of every frame. */
class VerboseTaskClient extends TaskClient {
  protected override onFrame(direction: "in" | "out", frame: Frame): void {
    process.stderr.write(`${direction === "in" ? "<" : ">"} ${lineFor(frame)}\n`);
  }
}

runProgram(import.meta.url, "client", async () => {
  const intro =
    "npm run client -- -d <destination> [options]\n\nSends messages, or prints those that come.";
  const values = parseCommandLine(intro, OPTIONS);
  if (values !== undefined) await run(taskFrom(values), values);
});

async function run(task: Task, values: Values<typeof OPTIONS>): Promise<void> {
  const { url } = task;
  const options: ClientOptions = { host: values.host, receipts: task.receipts };
  let end: (closing: ClientClosing) => void = () => {};
  const ended = new Promise<ClientClosing>((resolve) => {
    end = resolve;
  });
  const client = new (values.verbose ? VerboseTaskClient : TaskClient)(task, options, end);
  // Looked at first: an open connection would keep a failed program alive.
  const { login, passcode } = credentials(url);
  client.attach(openTransport(url, client));
  client.connect({ login: values.login ?? login, passcode: values.passcode ?? passcode });
  process.once("SIGINT", () => {
    // Who asks twice does not want to wait for the server.
    process.once("SIGINT", () => process.exit(130));
    if (client.state === "connected") client.disconnect({ receipt: true });
    else process.exit(130);
  });
  // Whoever read our output has had enough.
  process.stdout.on("error", () => process.exit(0));
  const { reason, error, cause } = await ended;
  process.stdin.destroy();
  const { failure } = client;
  if (failure !== undefined)
    throw failure instanceof StompError ? new Failure(failure.message) : failure;
  if (reason !== "disconnect") throw new Failure(explainEnd(url, reason, error, cause));
}

function explainEnd(url: URL, reason: string, error: StompError | undefined, cause: unknown) {
  const server = `${url.protocol}//${url.host}`;
  if (error?.code === "error-frame") {
    return `${server} says: ${error.frame?.headers.get("message") ?? error.frame?.text()}`;
  }
  const detail = cause instanceof Error ? cause.message : error?.message;
  if (detail !== undefined && detail !== "") return `${server}: ${detail}`;
  return `${server} ended the connection (${reason})`;
}

function taskFrom(values: Values<typeof OPTIONS>): Task {
  const { destination, message, lines } = values;
  if (destination === undefined) throw new UsageError("--destination is needed");
  if (lines && message.includes("-"))
    throw new UsageError("--message - and --lines both read stdin");
  const sends = message.length > 0 || lines;
  const waits = !sends || values.subscribe || values.count !== undefined;
  return {
    url: serverUrl(values.url ?? "stomp://127.0.0.1:61613"),
    destination,
    ack: ackMode(values.ack ?? "auto"),
    headers: values.header.map(headerFrom),
    bodies: message,
    lines,
    receipts: values.receipts,
    count: waits ? wholeNumber(values.count, "count", Number.POSITIVE_INFINITY, 1) : 0,
  };
}

function ackMode(text: string): AckMode {
  if (text === "auto" || text === "client" || text === "client-individual") return text;
  throw new UsageError(
    `--ack takes auto, client or client-individual, not ${JSON.stringify(text)}`,
  );
}

function headerFrom(text: string): readonly [string, string] {
  const colon = text.indexOf(":");
  if (colon < 1) throw new UsageError(`--header takes name:value, not ${JSON.stringify(text)}`);
  return [text.slice(0, colon), text.slice(colon + 1)];
}

async function wholeOf(input: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
