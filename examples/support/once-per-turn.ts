/** Many small messages, one write. */

import type { Duplex } from "node:stream";
import type { Transport } from "stomp-engine";

/** With so much waiting, the end of the turn is not waited for. */
const FULL_BYTES = 65_536;

/** A transport of whole frames that knows whether more can be sent. */
interface Carrier extends Omit<Transport, "sendParts"> {
  sendData(data: Uint8Array<ArrayBuffer>): boolean;
}

/**
 * The transport with what it sends in one turn of the event loop written at once: a write costs
 * some microseconds, whatever is in it, and `ws` makes one for each message.
 *
 * @param socket What the transport writes to in the end.
 */
export function oncePerTurn(transport: Carrier, socket: Duplex): Carrier {
  let corked = false;
  const uncork = () => {
    corked = false;
    socket.uncork();
  };
  return {
    sendData(data) {
      if (!corked) {
        corked = true;
        socket.cork();
        setImmediate(uncork);
      }
      const writable = transport.sendData(data);
      if (socket.writableLength >= FULL_BYTES) {
        socket.uncork();
        socket.cork();
      }
      return writable;
    },
    sendEnd: (how) => transport.sendEnd(how),
    resumeReading: () => transport.resumeReading?.(),
  };
}
