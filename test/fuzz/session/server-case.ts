/** What a client does to a server, and what the server's application does meanwhile. */

import { mutated } from "../frames/mutate.ts";
import { type Pool, poolOf } from "../frames/pool.ts";
import { letters, VERSIONS } from "../frames/words.ts";
import { toOctets } from "../octets.ts";
import { Random } from "../random.ts";
import { randomOptions, randomTemper, type SessionCase } from "./case.ts";
import type { ServerStep } from "./steps.ts";

export interface ServerCase extends SessionCase<ServerStep> {
  readonly kind: "server";
  /** Whether a transaction is committed as a whole. */
  readonly ownCommit: boolean;
  /** The receipts that the client asks for, in order. */
  readonly receipts: readonly string[];
}

const MOST_STEPS = 60;

export function serverCase(seed: number, number: number, asynchronous: boolean): ServerCase {
  const random = new Random(seed, number, asynchronous ? 4 : 3);
  const version = random.pick(VERSIONS);
  const clean = random.chance(0.5);
  const peer = new ClientPeer(version, clean, random, poolOf(seed, number));
  const steps: ServerStep[] = [["bytes", toOctets(peer.opening())]];
  for (let count = random.below(MOST_STEPS); count > 0; count--) {
    steps.push(step(random, peer, asynchronous));
  }
  return {
    kind: "server",
    version,
    asynchronous,
    options: randomOptions(random, clean),
    temper: randomTemper(random, asynchronous),
    observed: random.chance(0.1),
    clean,
    hooks: random.word(),
    cuts: random.word(),
    ownCommit: random.chance(0.5),
    receipts: peer.receipts,
    steps,
  };
}

function step(random: Random, peer: ClientPeer, asynchronous: boolean): ServerStep {
  const draw = random.below(1000);
  if (draw < 520) return ["bytes", peer.bytes()];
  if (draw < 780) return ["message", random.below(20), random.below(8)];
  if (draw < 880) return peer.acknowledge();
  if (draw < 890) return ["drop", random.below(20)];
  if (asynchronous && draw < 960) {
    return ["settle", random.below(9), random.chance(0.99) ? "resolve" : "reject"];
  }
  if (draw < 965) return ["advance", random.pick([10, 400, 3_000])];
  if (draw < 967) return ["jump", random.pick([3_000, 600_000])];
  if (draw < 972) return ["saturate"];
  if (draw < 982) return ["drain"];
  if (draw < 985) return ["pause"];
  if (draw < 994) return ["resume"];
  if (draw < 996) return ["snapshot"];
  if (draw < 997) return ["end", random.pick(["plain", "reset"] as const)];
  return draw < 998 ? ["disconnect"] : draw < 999 ? ["error"] : ["snapshot"];
}

const OPENINGS = {
  "1.0": ["1.0"],
  "1.1": ["1.1", "1.0,1.1"],
  "1.2": ["1.2", "1.0,1.1,1.2", "1.2,2.0"],
};

/** A client that knows what it has asked for, so that most of what it sends makes sense. */
class ClientPeer {
  readonly receipts: string[] = [];
  private readonly version: ServerCase["version"];
  private readonly clean: boolean;
  private readonly random: Random;
  private readonly pool: Pool;
  private subscriptions: string[] = [];
  private transactions: string[] = [];
  private next = 1;

  constructor(version: ServerCase["version"], clean: boolean, random: Random, pool: Pool) {
    this.version = version;
    this.clean = clean;
    this.random = random;
    this.pool = pool;
  }

  opening(): string {
    const { random, version, clean } = this;
    if (!clean && random.chance(0.03))
      return random.pick(["GET / HTTP/1.1\r\n", "SEND\n\n\0", "\0", ""]);
    const command = random.chance(0.2) ? "STOMP" : "CONNECT";
    const accepts =
      version === "1.0" && random.chance(0.5)
        ? ""
        : `accept-version:${random.pick(OPENINGS[version])}\n`;
    const beats = random.chance(0.3)
      ? `heart-beat:${random.pick(["0,0", "1,1", "500,700"])}\n`
      : "";
    return `${command}\n${accepts}host:/\n${beats}login:a\npasscode:b\n\n\0\n`;
  }

  bytes(): Uint8Array {
    const { random } = this;
    if (!this.clean && random.chance(0.01)) {
      const { right, wrong } = this.pool[this.version];
      return random.pick(random.chance(0.5) ? right : wrong);
    }
    let frames = "";
    for (let count = 1 + random.below(12); count > 0; count--) frames += this.frame();
    const bytes = toOctets(frames);
    return !this.clean && random.chance(0.01) ? mutated(bytes, random) : bytes;
  }

  acknowledge(): ServerStep {
    const { random, version } = this;
    const command = version !== "1.0" && random.chance(0.3) ? "NACK" : "ACK";
    return ["acknowledge", random.below(100), command, random.chance(0.3) ? this.open() : ""];
  }

  private frame(): string {
    const { random } = this;
    const draw = random.below(200);
    if (draw < 150) return this.send();
    if (draw < 160) return random.pick(["\n", "\n\n\n"]);
    if (draw < 175) return this.subscribe();
    if (draw < 180) return this.unsubscribe();
    if (draw < 188) return this.begin();
    if (draw < 196) return this.close(random.chance(0.7) ? "COMMIT" : "ABORT");
    return !this.clean && draw === 199 ? `DISCONNECT\n${this.receipt()}\n\0` : this.send();
  }

  private send(): string {
    const { random } = this;
    const open = random.chance(0.2) ? this.open() : "";
    const transaction = open === "" ? "" : `transaction:${open}\n`;
    const body = letters(random, random.below(10));
    const length = random.chance(0.5) ? `content-length:${body.length}\n` : "";
    const lines = `destination:/queue/${random.below(9)}\n${transaction}${this.receipt()}${length}`;
    return `SEND\n${lines}\n${body}\0${random.chance(0.5) ? "\n" : ""}`;
  }

  private subscribe(): string {
    const { random, subscriptions } = this;
    if (subscriptions.length >= 8) return this.unsubscribe();
    const id = `s${this.next++}`;
    subscriptions.push(id);
    const modes =
      this.version === "1.0" ? ["auto", "client"] : ["auto", "client", "client-individual"];
    return `SUBSCRIBE\nid:${id}\ndestination:/t/${random.below(4)}\nack:${random.pick(modes)}\n${this.receipt()}\n\0`;
  }

  private unsubscribe(): string {
    const { random, subscriptions } = this;
    if (subscriptions.length === 0) return this.subscribe();
    const [id] = subscriptions.splice(random.below(subscriptions.length), 1);
    return `UNSUBSCRIBE\nid:${id}\n${this.receipt()}\n\0`;
  }

  private begin(): string {
    if (this.transactions.length >= 4) return this.close("COMMIT");
    const id = `t${this.next++}`;
    this.transactions.push(id);
    return `BEGIN\ntransaction:${id}\n${this.receipt()}\n\0`;
  }

  private close(command: "COMMIT" | "ABORT"): string {
    const { random, transactions } = this;
    if (transactions.length === 0) return this.begin();
    const [id] = transactions.splice(random.below(transactions.length), 1);
    return `${command}\ntransaction:${id}\n${this.receipt()}\n\0`;
  }

  private open(): string {
    return this.transactions.length === 0 ? "" : this.random.pick(this.transactions);
  }

  private receipt(): string {
    if (!this.random.chance(0.2)) return "";
    const id = String(this.next++);
    this.receipts.push(id);
    return `receipt:${id}\n`;
  }
}
