/** A peer that speaks bytes: it shares no code with what it tests. */

import { connect, type Socket } from "node:net";
import { WebSocket } from "ws";

/** A frame as it came, its headers unescaped. */
export interface WireFrame {
  readonly command: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Only what fails takes so long, or a machine that is busy. */
export const PATIENCE_MS = 8_000;

export type WireVersion = "1.0" | "1.1" | "1.2";

/** One connection. */
export class Wire {
  /** Received, and not yet taken by anybody. */
  readonly frames: WireFrame[] = [];
  /** End-of-lines that stand for themselves; the one that ends a frame does not. */
  beats = 0;
  closed = false;
  readonly #version: WireVersion;
  readonly #write: (bytes: Buffer) => void;
  readonly #socket: { pause(): unknown; resume(): unknown };
  readonly #vanish: () => void;
  #rest: Buffer = Buffer.alloc(0);
  #afterFrame = false;
  #waiting: (() => void)[] = [];

  private constructor(
    version: WireVersion,
    socket: { pause(): unknown; resume(): unknown },
    write: (bytes: Buffer) => void,
    vanish: () => void,
  ) {
    this.#version = version;
    this.#socket = socket;
    this.#write = write;
    this.#vanish = vanish;
  }

  static async tcp(port: number, version: WireVersion = "1.2"): Promise<Wire> {
    const socket: Socket = connect(port, "127.0.0.1");
    const wire = new Wire(
      version,
      socket,
      (bytes) => socket.write(bytes),
      () => socket.destroy(),
    );
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve).once("error", reject);
    });
    socket.on("data", (chunk) => wire.#received(chunk));
    socket.on("error", () => undefined);
    socket.on("end", () => wire.#end());
    socket.on("close", () => wire.#end());
    return wire;
  }

  static async webSocket(url: string, version: WireVersion = "1.2"): Promise<Wire> {
    const socket = new WebSocket(url, `v${version.replace(".", "")}.stomp`);
    const wire = new Wire(
      version,
      socket,
      (bytes) => socket.send(bytes),
      () => socket.terminate(),
    );
    socket.on("message", (data) => wire.#received(Buffer.from(data as Buffer)));
    socket.on("close", () => wire.#end());
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve).once("error", reject);
    });
    return wire;
  }

  /** Sends text as it stands, `\0` included. */
  send(text: string | Buffer): void {
    this.#write(Buffer.from(text));
  }

  /** Connects, and takes CONNECTED. */
  async connect(headers: Readonly<Record<string, string>> = {}): Promise<WireFrame> {
    const lines = Object.entries({ "accept-version": this.#version, host: "/", ...headers });
    this.send(`CONNECT\n${lines.map(([name, value]) => `${name}:${value}\n`).join("")}\n\0`);
    return await this.take("CONNECTED");
  }

  /** Sends a frame with a receipt, and takes the RECEIPT. */
  async confirmed(command: string, headers: string, body = ""): Promise<void> {
    confirmations += 1;
    const id = `confirmed-${confirmations}`;
    const lines = headers === "" ? "" : `${headers}\n`;
    this.send(`${command}\n${lines}receipt:${id}\n\n${body}\0`);
    await this.take("RECEIPT", (frame) => frame.headers.get("receipt-id") === id);
  }

  /** Takes the first frame that fits, now or later. */
  async take(
    command: string,
    fits: (frame: WireFrame) => boolean = () => true,
    withinMs = PATIENCE_MS,
  ): Promise<WireFrame> {
    const [frame] = await this.takeWhere(
      (frames) => {
        const index = frames.findIndex((each) => each.command === command && fits(each));
        return index < 0 ? undefined : [index];
      },
      withinMs,
      command,
    );
    if (frame === undefined) throw new Error("unreachable");
    return frame;
  }

  /** Takes the frames at the places that `choose` names, as soon as it names some. */
  async takeWhere(
    choose: (frames: readonly WireFrame[]) => readonly number[] | undefined,
    withinMs: number,
    wanted: string,
  ): Promise<WireFrame[]> {
    let chosen: readonly number[] | undefined;
    await this.until(() => {
      chosen = choose(this.frames);
      return chosen !== undefined;
    }, withinMs).catch(() => {
      throw new Error(`no ${wanted}; ${this.closed ? "closed" : "open"}; got ${this.describe()}`);
    });
    const places = chosen ?? [];
    const taken = places.flatMap((place) => this.frames[place] ?? []);
    for (const place of [...places].sort((a, b) => b - a)) this.frames.splice(place, 1);
    return taken;
  }

  async takeClose(withinMs = PATIENCE_MS): Promise<void> {
    await this.until(() => this.closed, withinMs).catch(() => {
      throw new Error(`not closed; got ${this.describe()}`);
    });
  }

  /** Resolves when the condition holds; it is looked at whenever something was received. */
  async until(condition: () => boolean, withinMs: number): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!condition()) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error("too late");
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  stopReading(): void {
    this.#socket.pause();
  }

  readOn(): void {
    this.#socket.resume();
  }

  /** Goes without a word. */
  vanish(): void {
    this.#vanish();
  }

  describe(): string {
    const all = this.frames.map(({ command, headers, body }) =>
      JSON.stringify([command, Object.fromEntries(headers), body.toString()]),
    );
    return all.join(", ") || "nothing";
  }

  #received(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#takeApart()) {}
    this.#wake();
  }

  #end(): void {
    this.closed = true;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #takeApart(): boolean {
    if (this.#rest[0] === 10) {
      if (!this.#afterFrame) this.beats += 1;
      this.#afterFrame = false;
      this.#rest = this.#rest.subarray(1);
      return true;
    }
    const headEnd = this.#rest.indexOf("\n\n");
    if (headEnd < 0) return false;
    const [command = "", ...lines] = this.#rest.subarray(0, headEnd).toString().split("\n");
    const headers = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(":");
      const [name, value] = [line.slice(0, colon), line.slice(colon + 1)].map((text) =>
        command === "CONNECTED" ? text : unescaped(text, this.#version),
      ) as [string, string];
      if (!headers.has(name)) headers.set(name, value);
    }
    const start = headEnd + 2;
    const length = headers.get("content-length");
    const end = length === undefined ? this.#rest.indexOf(0, start) : start + Number(length);
    if (end < 0 || end >= this.#rest.length) return false;
    if (this.#rest[end] !== 0) throw new Error("no NUL after the body");
    this.frames.push({ command, headers, body: this.#rest.subarray(start, end) });
    this.#rest = this.#rest.subarray(end + 1);
    this.#afterFrame = true;
    return true;
  }
}

let confirmations = 0;

/** A header as the version writes it. */
export function escaped(text: string, version: WireVersion): string {
  if (version === "1.0") return text;
  const [from, to] = version === "1.1" ? ["\\\n:", "\\nc"] : ["\\\n:\r", "\\ncr"];
  return [...text]
    .map((character) => {
      const place = from.indexOf(character);
      return place < 0 ? character : `\\${to[place]}`;
    })
    .join("");
}

function unescaped(text: string, version: WireVersion): string {
  if (version === "1.0") return text;
  const meanings: Record<string, string> = { "\\": "\\", n: "\n", c: ":", r: "\r" };
  return text.replace(/\\(.)/gs, (_, letter: string) => meanings[letter] ?? `<bad ${letter}>`);
}
