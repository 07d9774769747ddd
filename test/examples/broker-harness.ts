/** A broker for one test, and connections to it that end with the test. */

import { onTestFinished, vi } from "vitest";
import { type BrokerOptions, type RunningBroker, start } from "../../examples/broker/main.ts";
import { Wire, type WireFrame, type WireVersion } from "./wire.ts";

// More than the wires' own patience, whose complaints say more.
vi.setConfig({ testTimeout: 30_000 });

export class BrokerHarness {
  readonly running: RunningBroker;
  readonly #wires: Wire[] = [];

  private constructor(running: RunningBroker) {
    this.running = running;
  }

  static async start(options: BrokerOptions = {}): Promise<BrokerHarness> {
    const running = await start({ tcp: { port: 0 }, http: { port: 0 }, ...options });
    const harness = new BrokerHarness(running);
    onTestFinished(async () => {
      for (const wire of harness.#wires) wire.vanish();
      await running.stop();
    });
    return harness;
  }

  /** A client that is connected. */
  async client(version: WireVersion = "1.2"): Promise<Wire> {
    const wire = await this.wire(version);
    await wire.connect();
    return wire;
  }

  /** A connection on which nothing was said. */
  async wire(version: WireVersion = "1.2"): Promise<Wire> {
    const wire = await Wire.tcp(this.running.tcp.port, version);
    this.#wires.push(wire);
    return wire;
  }
}

/** Takes a MESSAGE with this body. */
export async function message(wire: Wire, body: string): Promise<WireFrame> {
  return await wire.take("MESSAGE", (frame) => frame.body.toString() === body);
}

/** Takes the next MESSAGE, whatever it is, and tells its body. */
export async function nextBody(wire: Wire): Promise<string> {
  return (await wire.take("MESSAGE")).body.toString();
}

/** Takes the next messages in their order. */
export async function bodies(wire: Wire, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) taken.push(await nextBody(wire));
  return taken;
}

/** The ACK header of a MESSAGE. */
export function ackOf(frame: WireFrame): string {
  return frame.headers.get("ack") ?? "none";
}

/**
 * Whatever the broker had for this client has come when this is done: it answers in order, and a
 * message is written in the turn in which it was decided on.
 */
export async function settled(wire: Wire): Promise<void> {
  await wire.confirmed("SEND", "destination:/topic/nobody.listens");
}
