/**
 * A connection of the load generator: octets written ahead of time, and the cheapest possible look
 * at what comes back, so that the broker is what is measured.
 *
 * Over WebSocket the handshake is done by hand, and messages are masked with zeros: what goes out
 * can then be made ahead of time as well.
 */

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Where a broker listens. */
export interface Reach {
  readonly port: number;
  /** The path of its WebSocket; undefined for TCP. */
  readonly path: string | undefined;
}

/** Called with a buffer and where a frame, without its NUL, begins and ends in it. */
export type FrameListener = (bytes: Buffer, start: number, end: number) => void;

export class Link {
  /** Looks at every frame; while undefined they are only counted. */
  listener: FrameListener | undefined;
  /** Called after each chunk that has come, with the number of frames that it completed. */
  arrived: (frames: number) => void = () => {};
  /** Called when what was written has gone out after a `send` that returned false. */
  drained: () => void = () => {};
  readonly #socket: Socket;
  readonly #webSocket: boolean;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, webSocket: boolean) {
    this.#socket = socket;
    this.#webSocket = webSocket;
    socket.setNoDelay(true);
    socket.on("drain", () => this.drained());
    socket.on("data", (chunk) => this.#take(chunk));
    // What the broker ends shows as messages that do not arrive.
    socket.on("error", () => {});
  }

  static async open({ port, path }: Reach): Promise<Link> {
    const socket = connect({ port, host: "127.0.0.1" });
    await once(socket, "connect");
    if (path !== undefined) await upgrade(socket, port, path);
    return new Link(socket, path !== undefined);
  }

  /** The octets of a frame as this connection carries it. */
  wire(frame: string | Uint8Array): Buffer {
    const payload = Buffer.from(frame);
    return this.#webSocket ? masked(payload) : payload;
  }

  /** Octets made by `wire`, of any number of frames. */
  send(wire: Uint8Array): boolean {
    return this.#socket.write(wire);
  }

  /** Sends a frame and waits for one whose command is the given. */
  async exchange(frame: string, command: string): Promise<void> {
    const answered = new Promise<void>((resolve, reject) => {
      this.#socket.once("close", () => reject(new Error("The broker closed the connection")));
      this.listener = (bytes, start, end) => {
        const text = bytes.toString("utf8", start, end).trimStart();
        if (text.startsWith(command)) resolve();
        else if (text.startsWith("ERROR")) reject(new Error(text));
      };
    });
    this.send(this.wire(frame));
    await answered;
    this.listener = undefined;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    if (this.#webSocket) this.arrived(this.#takeMessages(chunk));
    else if (this.listener === undefined) this.arrived(countOfNul(chunk));
    else this.arrived(this.#takeFrames(chunk, this.listener));
  }

  #takeFrames(chunk: Buffer, listener: FrameListener): number {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let frames = 0;
    let start = 0;
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
      frames++;
      listener(bytes, start, end);
      start = end + 1;
    }
    this.#rest = bytes.subarray(start);
    return frames;
  }

  /** One message is one frame, or an end-of-line. */
  #takeMessages(chunk: Buffer): number {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let frames = 0;
    let at = 0;
    while (at + 2 <= bytes.length) {
      let length = (bytes[at + 1] ?? 0) & 0x7f;
      let start = at + 2;
      if (length === 126) {
        if (start + 2 > bytes.length) break;
        length = bytes.readUInt16BE(start);
        start += 2;
      } else if (length === 127) {
        if (start + 8 > bytes.length) break;
        length = bytes.readUInt32BE(start + 4);
        start += 8;
      }
      if (start + length > bytes.length) break;
      if (length > 2) {
        frames++;
        this.listener?.(bytes, start, start + length);
      }
      at = start + length;
    }
    this.#rest = bytes.subarray(at);
    return frames;
  }
}

function countOfNul(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, at + 1)) count++;
  return count;
}

async function upgrade(socket: Socket, port: number, path: string): Promise<void> {
  socket.write(
    [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
      "Sec-WebSocket-Protocol: v12.stomp",
      "\r\n",
    ].join("\r\n"),
  );
  const [answer] = (await once(socket, "data")) as [Buffer];
  if (!answer.includes("101")) throw new Error(`No WebSocket: ${answer.toString().slice(0, 80)}`);
}

/** A binary message whose mask is zero, and which is therefore readable as it is. */
function masked(payload: Buffer): Buffer {
  const long = payload.length > 125;
  const head = Buffer.alloc(long ? 8 : 6);
  head[0] = 0x82;
  head[1] = 0x80 | (long ? 126 : payload.length);
  if (long) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
