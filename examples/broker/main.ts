/**
 * npm start
 *
 * A STOMP broker on TCP and WebSocket. `npm start -- --help` lists the options, `names.ts` what
 * there is to send to.
 *
 * - A queue gives its messages to its consumers in turns. Who acknowledges gets no more than
 *   `prefetch-count` (a header of SUBSCRIBE, 100 by default) at a time without having done so.
 * - NACK has a message delivered again, before those that wait, with `redelivered:true`; after
 *   `--max-deliveries` of them it goes to `/queue/dead.<name>` with `dead-letter-of`.
 * - What a session has not acknowledged when it ends goes back to the front of its queue, in order.
 *   After UNSUBSCRIBE it can still be acknowledged, and goes back at the end of the session.
 * - A transaction is checked as a whole at COMMIT, and then all of it is done, or nothing and ERROR.
 * - A full queue refuses messages with ERROR. A client that does not read ends, by the engine's
 *   `stallTimeoutMs` or when too much of what its topics had for it waits; before that, those who
 *   send to these topics are held back for a moment.
 */

import type { ServerOptions } from "stomp-engine";
import {
  parseCommandLine,
  runProgram,
  UsageError,
  type Values,
  wholeNumber,
} from "../support/command-line.ts";
import { authority } from "../support/listeners.ts";
import { type BrokerOptions, start } from "./broker.ts";

export { type BrokerOptions, type RunningBroker, start } from "./broker.ts";

const OPTIONS = {
  tcp: { type: "string", value: "<port>", help: "STOMP over TCP (default 61613; 0: any)" },
  http: { type: "string", value: "<port>", help: "WebSocket and page (default 8080; 0: any)" },
  host: { type: "string", value: "<address>", help: "where to listen (default 127.0.0.1)" },
  login: { type: "string", value: "<name>", help: "who may connect (default: anybody)" },
  passcode: { type: "string", value: "<secret>", help: "what they have to know" },
  origin: {
    type: "string",
    value: "<origin>",
    multiple: true,
    help: "whose pages may connect besides the broker's own; * is any",
  },
  backend: { type: "string", value: "memory", help: "where messages are kept (default memory)" },
  "max-deliveries": {
    type: "string",
    value: "<count>",
    help: "refusals until a message goes to /queue/dead.<name> (default 5)",
  },
  "max-queue-messages": {
    type: "string",
    value: "<count>",
    help: "messages in a queue (default 500000)",
  },
  "max-queue-bytes": {
    type: "string",
    value: "<bytes>",
    help: "bytes in a queue (default 256 MiB)",
  },
  "heart-beat": {
    type: "string",
    value: "<send,receive>",
    help: "what is offered, in ms (default 10000,10000)",
  },
  verbose: { type: "boolean", short: "v", help: "print every frame, passcodes hidden" },
} as const;

runProgram(import.meta.url, "broker", async () => {
  const values = parseCommandLine(
    "npm start -- [options]\n\nA STOMP broker on TCP and WebSocket.",
    OPTIONS,
  );
  if (values === undefined) return;
  const broker = await start(optionsFrom(values));
  process.stdout.write(
    `STOMP      stomp://${authority(broker.tcp)}\n` +
      `WebSocket  ws://${authority(broker.http)}/\n` +
      `Page       http://${authority(broker.http)}/\n`,
  );
  const stop = () => {
    // Who asks twice does not want to wait.
    process.once("SIGINT", () => process.exit(130));
    void broker.stop();
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
});

function optionsFrom(values: Values<typeof OPTIONS>): BrokerOptions {
  const { login, passcode } = values;
  // What a variable that is not set leaves behind: no host would be every address, no passcode would do.
  for (const name of ["host", "login", "passcode"] as const) {
    if (values[name] === "") throw new UsageError(`--${name} is empty`);
  }
  if ((login === undefined) !== (passcode === undefined)) {
    throw new UsageError("--login and --passcode belong together");
  }
  if (values.backend?.startsWith("nats://") === true) {
    throw new UsageError("--backend nats://… is not there yet; memory is");
  }
  if (values.backend !== undefined && values.backend !== "memory") {
    throw new UsageError(`--backend takes memory, not ${JSON.stringify(values.backend)}`);
  }
  const count = (name: "max-deliveries" | "max-queue-messages" | "max-queue-bytes") =>
    values[name] === undefined ? undefined : wholeNumber(values[name], name, 0, 1);
  return {
    host: values.host,
    tcp: { port: wholeNumber(values.tcp, "tcp", 61_613, 0, 65_535) },
    http: { port: wholeNumber(values.http, "http", 8_080, 0, 65_535) },
    credentials: login === undefined || passcode === undefined ? undefined : { login, passcode },
    origins: values.origin,
    maxDeliveries: count("max-deliveries"),
    maxQueueMessages: count("max-queue-messages"),
    maxQueueBytes: count("max-queue-bytes"),
    session: heartBeatFrom(values["heart-beat"]),
    verbose: values.verbose ? (line) => process.stdout.write(`${line}\n`) : undefined,
  };
}

function heartBeatFrom(text: string | undefined): ServerOptions | undefined {
  if (text === undefined) return undefined;
  const numbers = /^(\d{1,9}),(\d{1,9})$/.exec(text);
  if (numbers === null) {
    throw new UsageError("--heart-beat takes two numbers of milliseconds, such as 10000,10000");
  }
  return { heartBeat: { sendMs: Number(numbers[1]), receiveMs: Number(numbers[2]) } };
}
