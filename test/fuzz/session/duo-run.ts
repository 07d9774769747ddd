/** Runs a client and a server that talk to each other. */

import type { Tally } from "../tally.ts";
import { ClientRun } from "./client-run.ts";
import { JUST } from "./codes.ts";
import type { DuoCase, DuoStep } from "./duo-case.ts";
import type { Side } from "./output.ts";
import { turns } from "./run.ts";
import { ServerRun } from "./server-run.ts";

export class DuoRun {
  readonly client: ClientRun;
  readonly server: ServerRun;
  private readonly given: DuoCase;
  private readonly lanes: Readonly<Record<Side, Uint8Array[]>> = { client: [], server: [] };

  constructor(given: DuoCase, tally: Tally) {
    this.given = given;
    this.client = new ClientRun(given.client, given.client.cuts, tally);
    this.server = new ServerRun(given.server, given.server.cuts, tally);
    this.client.witness.forward = (bytes) => this.lanes.server.push(bytes);
    this.server.witness.forward = (bytes) => this.lanes.client.push(bytes);
  }

  /** @returns What is wrong; undefined if nothing is. */
  async run(): Promise<string | undefined> {
    for (const step of this.given.steps) {
      this.apply(step);
      if (this.given.asynchronous) await turns();
      if (this.fault !== undefined || this.isOver) break;
    }
    // What is under way arrives, and what comes of it, until nothing does.
    for (let quiet = 0; quiet < 3 && this.fault === undefined; quiet++) {
      const carried = this.carry("server", 1_000) + this.carry("client", 1_000);
      await this.client.settleAll();
      await this.server.settleAll();
      if (carried > 0) quiet = 0;
    }
    const unanswered = this.fault ?? this.unanswered;
    if (unanswered !== undefined) return unanswered;
    await this.client.conclude();
    await this.server.conclude();
    return this.fault;
  }

  private get fault(): string | undefined {
    return this.client.witness.fault ?? this.server.witness.fault ?? this.quarrel;
  }

  private get isOver(): boolean {
    return this.client.hasEnded && this.server.hasEnded;
  }

  /** An error of one side about the other, for which there is no reason. */
  private get quarrel(): string | undefined {
    for (const { witness } of [this.client, this.server]) {
      const error = witness.errors.find(({ code }) => !JUST.has(code));
      if (error !== undefined) return `one side says of the other: ${error.code} ${error.message}`;
    }
    return undefined;
  }

  /** When all has arrived, all has been answered. */
  private get unanswered(): string | undefined {
    const { client, server } = this;
    const underWay = this.lanes.client.length + this.lanes.server.length;
    if (underWay > 0 || !client.isQuiet || !server.isQuiet) return undefined;
    if (client.unconfirmed > 0) return `${client.unconfirmed} receipts are missing`;
    const { messages } = server.witness.output;
    return messages === client.received
      ? undefined
      : `${messages} messages were sent, ${client.received} have come`;
  }

  private apply(step: DuoStep): void {
    switch (step[0]) {
      case "client":
        this.client.apply(step[1]);
        break;
      case "server":
        this.server.apply(step[1]);
        break;
      case "carry":
        this.carry(step[1], step[2]);
        break;
      case "advance":
        this.client.apply(["advance", step[1]]);
        this.server.apply(["advance", step[1]]);
    }
  }

  private carry(to: Side, most: number): number {
    const arriving = this.lanes[to].splice(0, most);
    const side = to === "client" ? this.client : this.server;
    for (const bytes of arriving) side.apply(["bytes", bytes]);
    return arriving.length;
  }
}
