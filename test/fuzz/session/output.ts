/** What a session sends: whole frames, in an order that STOMP allows. */

import { type Frame, FrameParser } from "stomp-engine";

export type Side = "client" | "server";

const FROM_SERVER = new Set(["CONNECTED", "MESSAGE", "RECEIPT", "ERROR"]);

export class Output {
  /** Ids of the RECEIPTs, in order. */
  readonly receipts: string[] = [];
  /** How many there were. */
  messages = 0;
  /** Is told of every frame. */
  onFrame: (frame: Frame) => void = () => {};
  private readonly side: Side;
  private readonly parser = new FrameParser({ version: "1.0", strict: true });
  private before = "";
  private connected = false;

  constructor(side: Side) {
    this.side = side;
  }

  /** @returns What is wrong with what is sent next. */
  take(data: Uint8Array): string | undefined {
    if (data.length === 1 && data[0] === 10) {
      return this.connected || this.side === "client" ? undefined : "a heart-beat before CONNECTED";
    }
    this.parser.push(data);
    try {
      const frame = this.parser.next();
      if (frame === undefined || this.parser.unreadBytes > 1 || this.parser.unfinished) {
        return "something was sent that is not one whole frame";
      }
      // What follows the NUL.
      this.parser.next();
      if (this.parser.unfinished) return "more than a frame was sent at once";
      this.onFrame(frame);
      const { command, headers } = frame;
      if (command === "MESSAGE") this.messages++;
      if (command === "RECEIPT") this.receipts.push(headers.get("receipt-id") ?? "");
      const fault = this.order(command);
      this.before = command;
      if (command === "CONNECTED") this.speak(headers.get("version"));
      return fault;
    } catch (error) {
      return `something was sent that is no frame: ${error}`;
    }
  }

  /** The version of everything from now on. */
  speak(version: string | undefined): void {
    this.connected = true;
    if (version === "1.1" || version === "1.2") this.parser.version = version;
  }

  private order(command: string): string | undefined {
    const { before } = this;
    if ((this.side === "server") !== FROM_SERVER.has(command)) return `${command} was sent`;
    if (before === "ERROR" || before === "DISCONNECT") return `${command} was sent after ${before}`;
    const opens = ["CONNECT", "STOMP", "CONNECTED"].includes(command);
    if (opens !== (before === "") && command !== "ERROR") return `${command} follows ${before}`;
    return undefined;
  }
}
