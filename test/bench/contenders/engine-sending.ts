/** Whole sessions that send: what an application pays for a message, from its body to the octets. */

import { type EncodingWorkload, encodingPass } from "../workloads/encoding.ts";
import type { Prepared } from "./contender.ts";
import { QuietClient } from "./quiet-sessions.ts";

/**
 * A client that sends messages.
 *
 * @param form Whether their bodies are given as bytes or as text.
 */
export function sendingClient(workload: EncodingWorkload, form: "body" | "text"): Prepared {
  const client = new Sending({ heartBeat: { sendMs: 0, receiveMs: 0 } });
  client.connect();
  client.receiveData("CONNECTED\nversion:1.2\n\n\0");
  return encodingPass(workload, ({ headers, [form]: body }) => {
    const { destination = "", "content-type": contentType } = headers;
    client.message(destination, body, { contentType });
    return client.sent;
  });
}

class Sending extends QuietClient {
  /** The last frame. */
  sent: Uint8Array = new Uint8Array(0);

  protected override sendData(data: Uint8Array<ArrayBuffer>): void {
    this.sent = data;
  }
}
