/**
 * For orientation: a process that only cuts at NUL and passes on, writing once per chunk and socket.
 * No broker on Node can move more than this.
 *
 *   node .build/bench/broker/relay.js PORT
 *
 * Who subscribes to /topic/… gets everything that is sent; those that subscribe to /queue/… get the
 * chunks in turn. Only TCP, no acknowledgements, no names.
 */

import { createServer, type Socket } from "node:net";

const everyone = new Set<Socket>();
const inTurn: Socket[] = [];
let turn = 0;

createServer((socket) => {
  let rest: Buffer | undefined;
  let known = false;
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.on("close", () => {
    everyone.delete(socket);
    const at = inTurn.indexOf(socket);
    if (at >= 0) inTurn.splice(at, 1);
  });
  socket.on("data", (chunk) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(0) + 1;
    rest = end === bytes.length ? undefined : bytes.subarray(end);
    if (end === 0) return;
    const whole = bytes.subarray(0, end);
    // The first two frames of a connection are CONNECT and perhaps SUBSCRIBE.
    if (!known && whole.includes("CONNECT\n")) socket.write("CONNECTED\nversion:1.2\n\n\0");
    else if (!known && whole.includes("SUBSCRIBE\n")) {
      known = true;
      if (whole.includes("/topic/")) everyone.add(socket);
      else inTurn.push(socket);
      socket.write("RECEIPT\nreceipt-id:0\n\n\0");
    } else if (whole[0] === 0x53) {
      known = true;
      pass(whole);
    }
  });
}).listen(Number(process.argv[2]), "127.0.0.1");

/** What was sent goes to all, or to the next. */
function pass(frames: Buffer): void {
  for (const socket of everyone) socket.write(frames);
  if (inTurn.length > 0) inTurn[turn++ % inTurn.length]?.write(frames);
}
