/**
 * What a hostile connection does to the others of its process: ordinary frames are parsed by one
 * parser while another one gets the hostile ones, so many octets in turn; only the ordinary ones
 * are timed. The hostile parser goes first: the ordinary frames find what it has left behind.
 */

import { FrameParser } from "stomp-engine";
import { verify } from "../contenders/consume.ts";
import type { Prepared } from "../contenders/contender.ts";
import { addFrame, collect, LIMITS } from "../contenders/engine.ts";
import { allThreadsMs } from "../run/processor-time.ts";
import type { ParsingWorkload } from "../workloads/parsing.ts";
import { hostileWorkload } from "./workloads.ts";

const TURN_BYTES = 65_536;

/** Ordinary frames beside hostile ones of that name. */
export function neighbour(name: string): Prepared {
  const workload = hostileWorkload(name);
  const hostile = new Peer(workload);
  for (let read = 0; read < workload.bytes; read += TURN_BYTES) hostile.read(TURN_BYTES);
  const ordinary = hostileWorkload("ordinary");
  const peer = new Peer(ordinary);
  const clock = { ms: 0 };
  return {
    units: ordinary.frames.length,
    sum: ordinary.sum,
    clock,
    pass: () => {
      peer.sum = 0;
      for (const _ of ordinary.chunks) {
        hostile.read(TURN_BYTES);
        const start = allThreadsMs();
        peer.read(1);
        clock.ms += allThreadsMs() - start;
      }
      return peer.sum;
    },
  };
}

/** A parser that is given the chunks of its workload over and over. */
class Peer {
  sum = 0;
  readonly #workload: ParsingWorkload;
  readonly #parser = new FrameParser({ version: "1.2", limits: LIMITS });
  #next = 0;

  constructor(workload: ParsingWorkload) {
    const { frames, chunks, readings } = workload;
    verify(frames, collect(this.#parser, chunks), readings);
    this.#workload = workload;
  }

  /** Whole chunks, until there were so many octets. */
  read(octets: number): void {
    const { chunks, readings } = this.#workload;
    for (let read = 0; read < octets; ) {
      const chunk = chunks[this.#next++ % chunks.length];
      if (chunk === undefined) return;
      read += chunk.length;
      this.#parser.push(chunk);
      for (let frame = this.#parser.next(); frame !== undefined; frame = this.#parser.next()) {
        this.sum = addFrame(this.sum, frame, readings);
      }
    }
  }
}
