/** Sessions that are at one end of a pair. */

import { StompClient } from "../session/client.ts";
import type { ClientOptions } from "../session/client-options.ts";
import { StompServer } from "../session/server.ts";
import type { ServerOptions } from "../session/server-options.ts";
import type { PairEnd } from "./end.ts";

/** A client in a pair: a subclass has only the hooks to write. */
export abstract class PairedClient extends StompClient {
  readonly #end: PairEnd;

  constructor(end: PairEnd, options: ClientOptions = {}) {
    super({ ...options, clock: options.clock ?? end.clock });
    this.#end = end;
  }

  protected override sendData(data: Uint8Array<ArrayBuffer>): boolean {
    return this.#end.sendData(data);
  }

  protected override sendEnd(how: "flush" | "now"): void {
    this.#end.sendEnd(how);
  }

  protected override resumeReading(): void {
    this.#end.resumeReading();
  }
}

/** A server in a pair: a subclass has only the hooks to write. */
export abstract class PairedServer<Token = unknown> extends StompServer<Token> {
  readonly #end: PairEnd;

  constructor(end: PairEnd, options: ServerOptions = {}) {
    super({ ...options, clock: options.clock ?? end.clock });
    this.#end = end;
  }

  protected override sendData(data: Uint8Array<ArrayBuffer>): boolean {
    return this.#end.sendData(data);
  }

  protected override sendEnd(how: "flush" | "now"): void {
    this.#end.sendEnd(how);
  }

  protected override resumeReading(): void {
    this.#end.resumeReading();
  }
}
