/** A session that tells of every frame. */

import type { Frame, ServerOptions } from "stomp-engine";
import { type Broker, BrokerSession } from "./session.ts";

/** Shown of a header's value. */
const MAX_SHOWN = 200;

let opened = 0;

export class VerboseSession extends BrokerSession {
  readonly #write: (line: string) => void;
  readonly #name: string;

  constructor(broker: Broker, options: ServerOptions, write: (line: string) => void) {
    super(broker, options);
    opened += 1;
    this.#name = `#${opened}`;
    this.#write = write;
  }

  /** The engine has hidden the passcode already. */
  protected override onFrame(direction: "in" | "out", frame: Frame): void {
    this.#write(`${this.#name} ${direction === "in" ? ">" : "<"} ${lineFor(frame)}`);
  }
}

/** A frame in one line that nothing in it can break out of. */
export function lineFor({ command, headers, body }: Frame): string {
  const shown = headers.all().map(([name, value]) => `${name}:${value.slice(0, MAX_SHOWN)}`);
  const size = body.byteLength === 0 ? [] : [`(${body.byteLength} bytes)`];
  return [command, ...shown.map(printable), ...size].join(" ");
}

function printable(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.slice(1, -1) === text && !text.includes(" ") ? text : quoted;
}
