/** The encoders of the peers. */

import { createRequire } from "node:module";
import { Writable } from "node:stream";
import { FrameImpl } from "@stomp/stompjs";
import type { StompFrame as StompClientFrame } from "stomp-client/lib/frame.js";
import {
  type EncodingWorkload,
  encodingPass,
  type OutgoingFrame,
  verifyWire,
} from "../workloads/encoding.ts";
import { type FanOutWorkload, fanOutPass } from "../workloads/fanout.ts";
import { addBytes } from "./consume.ts";
import type { Prepared } from "./contender.ts";
import { webstompFrames } from "./webstomp.ts";

/** @stomp/stompjs with a binary body, which is its way to octets. */
export function stompjsEncoding(workload: EncodingWorkload): Prepared {
  return encodingPass(workload, ({ command, headers, body }) =>
    asOctets(FrameImpl.marshall({ command, headers, binaryBody: body, escapeHeaderValues: true })),
  );
}

/**
 * @stomp/stompjs with a body that is text: then a frame is a string, of which its client makes octets
 * with a TextEncoder; this is the faster way.
 */
export function stompjsTextEncoding(workload: EncodingWorkload): Prepared {
  return encodingPass(workload, ({ command, headers, text }) =>
    Buffer.from(
      FrameImpl.marshall({ command, headers, body: text, escapeHeaderValues: true }) as string,
    ),
  );
}

/** @stomp/stompjs has no other way to many receivers than a frame for each. */
export function stompjsFanOut(workload: FanOutWorkload): Prepared {
  const { destination, contentType } = workload;
  return fanOutPass(workload, (binaryBody, emit) => {
    for (const { subscription, messageId, ack } of workload.receivers) {
      const headers = {
        subscription,
        "message-id": messageId,
        ack,
        destination,
        "content-type": contentType,
      };
      const options = { command: "MESSAGE", headers, binaryBody, escapeHeaderValues: true };
      emit(asOctets(FrameImpl.marshall(options)));
    }
  });
}

/** webstomp-client; does not escape. */
export async function webstompEncoding(workload: EncodingWorkload): Promise<Prepared> {
  const Frame = await webstompFrames();
  return encodingPass(workload, ({ command, headers, text }) =>
    Buffer.from(Frame.marshall(command, headers, text)),
  );
}

/** stomp-client; does not escape. */
export function stompClientEncoding(workload: EncodingWorkload): Prepared {
  const require = createRequire(import.meta.url);
  const { StompFrame } = require("stomp-client/lib/frame.js") as {
    StompFrame: typeof StompClientFrame;
  };
  let encoded: Uint8Array = Buffer.alloc(0);
  const stream = {
    write: (text: string) => {
      encoded = Buffer.from(text);
    },
  };
  return encodingPass(workload, ({ command, headers, text }) => {
    new StompFrame({ command, headers, body: text }).send(stream);
    return encoded;
  });
}

/** stompit; writes header and body as chunks of a stream. */
export async function stompitEncoding(workload: EncodingWorkload): Promise<Prepared> {
  // A package that is not a module: the default is what it exports.
  const { default: OutgoingFrameStream } = await import("stompit/lib/OutgoingFrameStream.js");
  const pieces: Buffer[] = [];
  let sum = 0;
  let keep = true;
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (keep) pieces.push(chunk);
      else sum = addBytes(sum, chunk);
      done();
    },
  });
  const stream = new OutgoingFrameStream(sink);
  stream.setVersion("1.2");
  const write = ({ command, headers, body }: OutgoingFrame) =>
    new Promise<void>((resolve) => {
      const frame = stream.frame(command, { ...headers, "content-length": String(body.length) });
      frame.end(body, () => resolve());
    });
  for (const frame of workload.outgoing) await write(frame);
  verifyWire(workload.expected, Buffer.concat(pieces));
  keep = false;
  return {
    units: workload.outgoing.length,
    sum: pieces.reduce(addBytes, 0),
    pass: async () => {
      sum = 0;
      await Promise.all(workload.outgoing.map(write));
      return sum;
    },
  };
}

/** It gives an ArrayBuffer for a binary body. */
function asOctets(encoded: unknown): Uint8Array {
  return new Uint8Array(encoded as ArrayBuffer);
}
