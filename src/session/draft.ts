/** A command that is being put together: nothing of the client has changed until it is sent. */

import { ProtocolError } from "../errors.ts";
import type { ClientCommand } from "../protocol/commands.ts";
import { type Dialect, trimmed } from "../protocol/dialect.ts";
import type { ContentLength } from "../protocol/encoder.ts";
import { checkedText } from "../protocol/headers.ts";
import type { CommandOptions, Transaction } from "./client-options.ts";
import type { Encoded } from "./outputs.ts";

const NOTHING = new Uint8Array(0);

/** A command, its headers and its body, before it is encoded. */
export class Draft {
  readonly command: ClientCommand;
  readonly dialect: Dialect;
  readonly options: CommandOptions;
  /** The headers so far, flat, in the order of the wire. */
  readonly headers: string[] = [];
  body: Uint8Array | string = NOTHING;
  contentLength: ContentLength = "needed";
  /** The id of the receipt that is asked for, and how long to wait for it. */
  receipt: string | undefined = undefined;
  receiptTimeoutMs: number | undefined = undefined;
  /** The transaction that it belongs to. */
  transaction: Transaction | undefined = undefined;
  /** Its octets, once it is encoded. */
  frame: Encoded = NOTHING;
  /** Where the counter of ids stands once this is sent. */
  nextId: number;
  /** How many commands had been given when this one was begun. */
  readonly given: number;

  constructor(
    command: ClientCommand,
    dialect: Dialect,
    options: CommandOptions,
    nextId: number,
    given: number,
  ) {
    this.command = command;
    this.dialect = dialect;
    this.options = options;
    this.nextId = nextId;
    this.given = given;
  }

  /** @throws {ProtocolError} `invalid-header` for what is no text; `unencodable` for what would be trimmed. */
  add(name: string, value: string): void {
    const { command, dialect } = this;
    if (dialect.trims && trimmed(checkedText(value)) !== value) {
      const text = `STOMP ${dialect.version} trims: the ${name} of ${command} would become another`;
      throw new ProtocolError("unencodable", text, { command });
    }
    this.headers.push(name, checkedText(value));
  }

  /** @throws {ProtocolError} `invalid-header` unless it names something. */
  addDestination(destination: string): void {
    if (typeof destination !== "string" || destination === "") {
      const { command } = this;
      const text = `${command} needs a destination that is not empty`;
      throw new ProtocolError("invalid-header", text, { command });
    }
    this.add("destination", destination);
  }

  /** An id that is not in use. */
  newId(prefix: string, used: { has(id: string): boolean } | undefined): string {
    let id: string;
    do id = `${prefix}-${this.nextId++}`;
    while (used?.has(id) === true);
    return id;
  }
}
