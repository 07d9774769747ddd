/** @nats-io/nats-core: MSG (no headers) and HMSG for each MESSAGE, siblings from another protocol. */

import { MsgImpl, Parser, type ParserEvent, type Publisher } from "@nats-io/nats-core/internal";
import type { PlainFrame } from "../workloads/frames.ts";
import type { ParsingWorkload } from "../workloads/parsing.ts";
import { inChunks } from "../workloads/wire.ts";
import { addBytes, addText, firstValue } from "./consume.ts";
import { Absent, type Prepared } from "./contender.ts";

const HEADERS = ["message-id", "content-type", "subscription"];

/** Parses the same messages: subject, reply subject and payload, with headers or without. */
export function natsParsing(workload: ParsingWorkload, withHeaders: boolean): Prepared {
  const { frames } = workload;
  const chunks = inChunks(
    frames.map((frame) => (withHeaders ? hmsg(frame) : msg(frame))),
    65_536,
  );
  const messages = collect(chunks, frames, withHeaders);
  const add = (sum: number, message: MsgImpl) => {
    let total = addText(addText(sum, message.subject), message.reply) + message.sid;
    if (withHeaders) {
      for (const name of HEADERS) total = addText(total, message.headers?.get(name));
    }
    return addBytes(total, message.data);
  };
  let sum = 0;
  const parser = parserOf((message) => {
    sum = add(sum, message);
  });
  return {
    units: frames.length,
    sum: messages.reduce(add, 0),
    pass: () => {
      sum = 0;
      for (const chunk of chunks) parser.parse(chunk);
      return sum;
    },
  };
}

function parserOf(deliver: (message: MsgImpl) => void): Parser {
  const publisher = {} as Publisher;
  return new Parser({
    push: (given) => {
      const event = given as ParserEvent;
      if (event.msg !== undefined && event.data !== undefined) {
        deliver(new MsgImpl(event.msg, event.data, publisher));
      }
    },
  });
}

function subject(frame: PlainFrame): string {
  return (firstValue(frame, "destination") ?? "").slice(1).replace("/", ".");
}

function msg(frame: PlainFrame): Buffer {
  const line = `MSG ${subject(frame)} 7 ${firstValue(frame, "message-id")} ${frame.body.length}`;
  return Buffer.concat([Buffer.from(`${line}\r\n`), frame.body, Buffer.from("\r\n")]);
}

function hmsg(frame: PlainFrame): Buffer {
  const lines = HEADERS.map((name) => `${name}: ${firstValue(frame, name)}\r\n`);
  const head = Buffer.from(`NATS/1.0\r\n${lines.join("")}\r\n`);
  const id = firstValue(frame, "message-id");
  const line = `HMSG ${subject(frame)} 7 ${id} ${head.length} ${head.length + frame.body.length}`;
  return Buffer.concat([Buffer.from(`${line}\r\n`), head, frame.body, Buffer.from("\r\n")]);
}

/** @throws {Absent} when they are not these messages. */
function collect(
  chunks: readonly Buffer[],
  frames: readonly PlainFrame[],
  withHeaders: boolean,
): MsgImpl[] {
  const messages: MsgImpl[] = [];
  const parser = parserOf((message) => {
    const frame = frames[messages.length];
    const same =
      frame !== undefined &&
      message.subject === subject(frame) &&
      message.reply === firstValue(frame, "message-id") &&
      Buffer.compare(message.data, frame.body) === 0 &&
      (!withHeaders ||
        HEADERS.every((name) => message.headers?.get(name) === firstValue(frame, name)));
    if (!same) throw new Absent("wrong messages");
    messages.push(message);
  });
  for (const chunk of chunks) parser.parse(chunk);
  if (messages.length === frames.length) return messages;
  throw new Absent(`delivers ${messages.length} of ${frames.length} messages`);
}
