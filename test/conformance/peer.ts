/** A real session whose peer is a script: literal bytes in, literal bytes and hooks out. */

import { expect } from "vitest";
import type { StompSession } from "../../src/session/session.ts";
import type { ManualClock } from "../../src/testing/manual-clock.ts";
import type { Log } from "./log.ts";

export class Peer<Session extends StompSession> {
  readonly session: Session;
  readonly log: Log;
  readonly clock: ManualClock;

  constructor(session: Session, log: Log, clock: ManualClock) {
    this.session = session;
    this.log = log;
    this.clock = clock;
  }

  /** The peer sends; texts go as UTF-8. @returns Whether the session wants to read on. */
  says(...chunks: (string | Uint8Array)[]): boolean {
    let readOn = true;
    for (const chunk of chunks) {
      const bytes = typeof chunk === "string" ? new Uint8Array(Buffer.from(chunk)) : chunk;
      readOn = this.session.receiveData(bytes);
    }
    return readOn;
  }

  /** What the peer got since the last time, as latin-1 text. */
  heard(): string {
    return this.log.heard();
  }

  /** The hooks that were called since the last time. */
  hooks(): string[] {
    return this.log.hooks();
  }

  /** Both, in order. */
  course(): string[] {
    return this.log.course();
  }

  /** Nothing was sent or called since the last time, and the session goes on. */
  expectQuiet(): void {
    expect(this.course()).toEqual([]);
    expect(this.log.ends).toEqual([]);
  }

  /** The session goes on. */
  expectAlive(): void {
    expect(this.log.ends).toEqual([]);
    expect(this.session.state).not.toBe("closed");
  }

  /**
   * The session has failed with this code: told once, ended once, and deaf from now on.
   *
   * @returns What the peer got at last.
   */
  expectFailed(code: string, reason = "error"): string {
    const hooks = this.hooks();
    expect(hooks.slice(-2)).toEqual([`onError ${code}`, `onClose ${reason} ${code}`]);
    expect(hooks.filter((hook) => hook.startsWith("onError"))).toHaveLength(1);
    const heard = this.heard();
    expect(this.log.ends).toHaveLength(1);
    expect(this.session.state).toBe("closed");
    this.says("\nSEND\ndestination:/late\n\n\0", "MESSAGE\ndestination:/late\n\n\0");
    this.session.receiveEnd();
    expect(this.log.ends).toHaveLength(1);
    expect(this.course()).toEqual(expect.not.arrayContaining([expect.stringMatching(/^(>|on)/)]));
    return heard;
  }
}
