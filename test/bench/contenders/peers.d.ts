/** The part of the untyped peers that the benchmark uses. */

declare module "stompit" {
  import type { Readable, Transform } from "node:stream";
  export interface IncomingFrame extends Readable {
    readonly command: string;
    readonly headers: Readonly<Record<string, string | number>>;
  }
  export class IncomingFrameStream extends Transform {
    constructor(options?: { maxLineLength?: number });
    setVersion(version: string): boolean;
    on(event: "data", listener: (frame: IncomingFrame) => void): this;
    on(event: "error", listener: (error: Error) => void): this;
  }
}

declare module "stompit/lib/OutgoingFrameStream.js" {
  import type { Writable } from "node:stream";
  export default class OutgoingFrameStream {
    constructor(destination: Writable);
    setVersion(version: string): boolean;
    frame(command: string, headers: Readonly<Record<string, string>>): Writable;
  }
}

declare module "stomp-client/lib/frame.js" {
  export class StompFrame {
    constructor(frame: { command: string; headers: Record<string, string>; body: string });
    send(stream: { write(text: string): void }): void;
  }
}
