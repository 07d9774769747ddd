/**
 * Every workload that is measured in rounds, and who takes part.
 *
 * A contender's module is loaded when it is prepared: the process of one never holds another's code.
 */

import type { Contender, Prepared } from "../contenders/contender.ts";
import { COPYING, GENERIC, HOSTILE_PREFIX, NEIGHBOURS } from "../hostile/suite.ts";
import { HOSTILE, hostileTitle, hostileWorkload } from "../hostile/workloads.ts";
import { ENCODING, encodingTitle, encodingWorkload } from "../workloads/encoding.ts";
import { FAN_OUT, fanOutTitle, fanOutWorkload } from "../workloads/fanout.ts";
import { PARSING, parsingTitle, parsingWorkload } from "../workloads/parsing.ts";
import { publications, sends } from "../workloads/sessions.ts";

/** A workload and its contenders. */
export interface Entry {
  readonly name: string;
  readonly title: string;
  /** What is counted. */
  readonly unit: string;
  readonly contenders: readonly Contender[];
  /** Whether its contenders' processes do other work first. */
  readonly mixed?: boolean;
}

/** The contender that does no more than parse what a session is given. */
export const PARSER_ONLY = "engine, parser only";

/** All of them, in the order of the table. */
export const CATALOGUE: readonly Entry[] = [
  ...PARSING.map(parsing),
  { ...parsing("W1"), name: "W1x", title: "W1 in a mixed process", mixed: true },
  ...ENCODING.map(encoding),
  ...FAN_OUT.map(fanOut),
  ...sessions(),
];

/** Those of the suite for hostile input, which has a table of its own. */
const HOSTILE_ENTRIES: readonly Entry[] = [...HOSTILE.map(hostile), neighbours()];

/** A contender of a workload. */
export function contenderOf(workload: string, name: string): Contender {
  const entry = [...CATALOGUE, ...HOSTILE_ENTRIES].find((candidate) => candidate.name === workload);
  const contender = entry?.contenders.find((candidate) => candidate.name === name);
  if (contender === undefined) throw new Error(`${name} does not take part in ${workload}`);
  return contender;
}

/** The other work of a mixed process: the same contender on the other workloads of small frames. */
export function polluting(workload: string, contender: string): (() => Preparing)[] {
  return CATALOGUE.filter(({ name }) => name !== workload && POLLUTING.includes(name)).flatMap(
    ({ contenders }) =>
      contenders.filter(({ name }) => name === contender).map((found) => () => found.prepare()),
  );
}

type Preparing = Prepared | Promise<Prepared>;

const POLLUTING = ["W1m", "W2", "W2u", "W3", "W6", "W7", "W8", "W9"];

function parsing(name: string): Entry {
  const workload = () => parsingWorkload(name);
  const contenders: Contender[] = [
    {
      name: "engine",
      prepare: async () => (await import("../contenders/engine.ts")).engineParsing(workload()),
    },
    {
      name: "engine, no prediction",
      prepare: async () => (await import("../contenders/engine.ts")).genericParsing(workload()),
    },
    {
      name: "engine, browser",
      prepare: async () => (await import("../contenders/engine.ts")).browserParsing(workload()),
    },
    {
      name: "stompjs",
      prepare: async () => (await import("../contenders/stompjs.ts")).stompjsParsing(workload()),
    },
    {
      name: "stompit",
      prepare: async () => (await import("../contenders/stompit.ts")).stompitParsing(workload()),
    },
    {
      name: "webstomp",
      prepare: async () => (await import("../contenders/webstomp.ts")).webstompParsing(workload()),
    },
    {
      name: "floor",
      prepare: async () => (await import("../contenders/floor.ts")).floorParsing(workload()),
    },
  ];
  if (name === "W1") contenders.push(...siblings(workload));
  return { name, title: parsingTitle(name), unit: "frames", contenders };
}

function siblings(workload: () => ReturnType<typeof parsingWorkload>): Contender[] {
  return [
    {
      name: "mqtt-packet",
      prepare: async () => (await import("../contenders/mqtt.ts")).mqttParsing(workload()),
    },
    {
      name: "nats MSG",
      prepare: async () => (await import("../contenders/nats.ts")).natsParsing(workload(), false),
    },
    {
      name: "nats HMSG",
      prepare: async () => (await import("../contenders/nats.ts")).natsParsing(workload(), true),
    },
  ];
}

function encoding(name: string): Entry {
  const workload = () => encodingWorkload(name);
  const ours = () => import("../contenders/engine-encoding.ts");
  const peers = () => import("../contenders/encoders.ts");
  return {
    name,
    title: encodingTitle(name),
    unit: "frames",
    contenders: [
      { name: "engine", prepare: async () => (await ours()).engineEncoding(workload()) },
      { name: "engine, parts", prepare: async () => (await ours()).partsEncoding(workload()) },
      { name: "engine, text", prepare: async () => (await ours()).textEncoding(workload()) },
      { name: "stompjs", prepare: async () => (await peers()).stompjsEncoding(workload()) },
      {
        name: "stompjs, text",
        prepare: async () => (await peers()).stompjsTextEncoding(workload()),
      },
      { name: "stompit", prepare: async () => (await peers()).stompitEncoding(workload()) },
      { name: "webstomp", prepare: async () => (await peers()).webstompEncoding(workload()) },
      {
        name: "stomp-client",
        prepare: async () => (await peers()).stompClientEncoding(workload()),
      },
    ],
  };
}

function fanOut(name: string): Entry {
  const workload = () => fanOutWorkload(name);
  const ours = () => import("../contenders/engine-encoding.ts");
  const peers = () => import("../contenders/encoders.ts");
  return {
    name,
    title: fanOutTitle(name),
    unit: "deliveries",
    contenders: [
      { name: "engine", prepare: async () => (await ours()).engineFanOut(workload()) },
      { name: "engine, parts", prepare: async () => (await ours()).partsFanOut(workload()) },
      { name: "stompjs", prepare: async () => (await peers()).stompjsFanOut(workload()) },
    ],
  };
}

/** Whole sessions, beside the bare parsers on the same octets where there is something to parse. */
function sessions(): Entry[] {
  const receiving = () => import("../contenders/engine-receiving.ts");
  const delivering = () => import("../contenders/engine-delivering.ts");
  const ours = () => import("../contenders/engine.ts");
  const stompjs = () => import("../contenders/stompjs.ts");
  const peers = () => import("../contenders/encoders.ts");
  const sending = () => import("../contenders/engine-sending.ts");
  const small = () => parsingWorkload("W1");
  return [
    {
      name: "S1",
      title: "W1 through a client",
      unit: "messages",
      contenders: [
        { name: "engine", prepare: async () => (await receiving()).receivingClient(small()) },
        { name: "stompjs", prepare: async () => (await stompjs()).stompjsParsing(small()) },
      ],
    },
    {
      name: "S2",
      title: "SEND and RECEIPT through a server",
      unit: "messages",
      contenders: [
        { name: "engine", prepare: async () => (await receiving()).receivingServer(sends()) },
        { name: PARSER_ONLY, prepare: async () => (await ours()).engineParsing(sends()) },
        { name: "stompjs", prepare: async () => (await stompjs()).stompjsParsing(sends()) },
      ],
    },
    ...[1, 10, 100].map((covered) => ({
      name: covered === 1 ? "S3" : `S3c${covered}`,
      title: covered === 1 ? "deliver, ACK each" : `deliver, ACK every ${covered}th, cumulative`,
      unit: "deliveries",
      contenders: [
        {
          name: "engine",
          prepare: async () => (await delivering()).acknowledgedServer(covered),
        },
      ],
    })),
    ...FAN_OUT.map((name) => ({
      name: name.replace("E", "S"),
      title: fanOutTitle(name).replace("subscribers", "sessions"),
      unit: "deliveries",
      contenders: [true, false].map((acknowledged) => ({
        name: acknowledged ? "engine" : "engine, auto",
        prepare: async () => (await delivering()).manySessions(fanOutWorkload(name), acknowledged),
      })),
    })),
    {
      name: "S5",
      title: "SEND by a client, 256 B",
      unit: "messages",
      contenders: [
        {
          name: "engine",
          prepare: async () => (await sending()).sendingClient(publications(), "body"),
        },
        {
          name: "engine, text",
          prepare: async () => (await sending()).sendingClient(publications(), "text"),
        },
        { name: "stompjs", prepare: async () => (await peers()).stompjsEncoding(publications()) },
        {
          name: "stompjs, text",
          prepare: async () => (await peers()).stompjsTextEncoding(publications()),
        },
        {
          name: "stomp-client",
          prepare: async () => (await peers()).stompClientEncoding(publications()),
        },
      ],
    },
  ];
}

function hostile(name: string): Entry {
  const workload = () => hostileWorkload(name);
  const ours = () => import("../contenders/engine.ts");
  const contenders: Contender[] = [
    { name: "engine", prepare: async () => (await ours()).engineParsing(workload()) },
    { name: GENERIC, prepare: async () => (await ours()).genericParsing(workload()) },
    {
      name: COPYING,
      prepare: async () => (await import("../contenders/floor.ts")).floorParsing(workload()),
    },
  ];
  return {
    name: `${HOSTILE_PREFIX}${name}`,
    title: hostileTitle(name),
    unit: "frames",
    contenders,
  };
}

function neighbours(): Entry {
  const contenders = HOSTILE.map((name) => ({
    name,
    prepare: async () => (await import("../hostile/neighbour.ts")).neighbour(name),
  }));
  return {
    name: NEIGHBOURS,
    title: "ordinary frames beside hostile ones",
    unit: "frames",
    contenders,
  };
}
