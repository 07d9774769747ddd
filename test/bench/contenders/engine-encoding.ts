/** This engine's encoder, and its way to many receivers. */

import { dialectOf } from "../../../dist/protocol/dialect.js";
import { encodeFrame, encodeParts } from "../../../dist/protocol/encoder.js";
import { flatten } from "../../../dist/protocol/headers.js";
import { deliveryPrefix, PreparedMessage } from "../../../dist/protocol/prepared.js";
import { type EncodingWorkload, encodingPass } from "../workloads/encoding.ts";
import { type FanOutWorkload, fanOutPass } from "../workloads/fanout.ts";
import type { Prepared } from "./contender.ts";

const DIALECT = dialectOf("1.2");

/** `encodeFrame`: a frame in one piece. */
export function engineEncoding(workload: EncodingWorkload): Prepared {
  return encodingPass(workload, (frame) => encodeFrame(frame, "1.2"));
}

/** The same with a body that is text. */
export function textEncoding(workload: EncodingWorkload): Prepared {
  return encodingPass(workload, ({ command, headers, text }) =>
    encodeFrame({ command, headers, body: text }, "1.2"),
  );
}

/** What sessions do for a large body: it goes out as it is, between a head and an end of their own. */
export function partsEncoding(workload: EncodingWorkload): Prepared {
  return encodingPass(workload, ({ command, headers, body }) =>
    encodeParts(command, flatten(headers), body, DIALECT, "always", false),
  );
}

/** PreparedMessage, each delivery in one piece. */
export function engineFanOut(workload: FanOutWorkload): Prepared {
  const targets = targetsOf(workload);
  return fanOutPass(workload, (body, emit) => {
    const message = prepared(workload, body);
    for (const { prefix, messageId, ack } of targets) {
      emit(message.deliver(DIALECT, prefix, messageId, ack));
    }
  });
}

/** PreparedMessage, its common part shared by all deliveries. */
export function partsFanOut(workload: FanOutWorkload): Prepared {
  const targets = targetsOf(workload);
  return fanOutPass(workload, (body, emit) => {
    const message = prepared(workload, body);
    for (const { prefix, messageId, ack } of targets) {
      for (const part of message.deliverParts(DIALECT, prefix, messageId, ack)) emit(part);
    }
  });
}

/** The prefix of a subscription is made when the subscription is. */
function targetsOf({ receivers }: FanOutWorkload) {
  return receivers.map(({ subscription, messageId, ack }) => ({
    prefix: deliveryPrefix(DIALECT, subscription),
    messageId,
    ack,
  }));
}

function prepared({ destination, contentType }: FanOutWorkload, body: Uint8Array): PreparedMessage {
  return new PreparedMessage({ destination, contentType, body });
}
