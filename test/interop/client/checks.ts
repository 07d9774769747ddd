/** Every check of our clients on a broker, and which of them a target can have. */

import type { Checks } from "../report.ts";
import * as acknowledgements from "./acknowledgements.ts";
import * as content from "./content.ts";
import * as heartbeats from "./heartbeats.ts";
import type { Peer } from "./peer.ts";
import * as pressure from "./pressure.ts";
import * as receipts from "./receipts.ts";
import * as replies from "./replies.ts";
import { type Link, nameOf, type Target } from "./session.ts";
import * as transactions from "./transactions.ts";

interface Check {
  readonly name: string;
  run(target: Target): Promise<void>;
  /** Default: everywhere. */
  applies?(target: Target): boolean;
}

const since11 = ({ version }: Target) => version !== "1.0";

const CHECKS: readonly Check[] = [
  { name: "ack auto", run: acknowledgements.auto },
  { name: "ack client", run: acknowledgements.client },
  { name: "ack client-individual", run: acknowledgements.individual, applies: since11 },
  { name: "nack", run: acknowledgements.nack, applies: since11 },
  { name: "transactions", run: transactions.sends },
  { name: "acknowledgements in transactions", run: transactions.acknowledgements },
  { name: "receipts", run: receipts.every },
  { name: "refused ACK", run: receipts.refused },
  {
    name: "refused login",
    run: receipts.badLogin,
    applies: ({ broker }) => broker.login !== "",
  },
  { name: "replies over a temporary queue", run: replies.temporaryQueue },
  { name: "bodies", run: content.bodies },
  { name: "headers", run: content.headers },
  {
    name: "backpressure",
    run: pressure.saturate,
    // The others have limits of their own on what may wait.
    applies: ({ broker }) => broker.name === "stomp-engine",
  },
];

/** The ways that whoever runs the checks has to a broker. */
export interface Links {
  readonly tcp?: Link | undefined;
  readonly ws?: Link | undefined;
}

export async function checkOurClients(checks: Checks, broker: Peer, links: Links): Promise<void> {
  const targets = targetsOf(broker, links);
  for (const target of targets) {
    for (const { name, run, applies = () => true } of CHECKS) {
      if (applies(target)) await checks.check(`${nameOf(target)} ${name}`, () => run(target));
    }
  }
  const beating = targets.filter(since11);
  // Side by side, since all they do is wait.
  await Promise.all(
    beating.map((target) =>
      checks.check(`${nameOf(target)} heart-beats keep an idle connection`, () =>
        heartbeats.keepIdle(target),
      ),
    ),
  );
  for (const target of beating) {
    await checks.check(`${nameOf(target)} heart-beats tell of a frozen broker`, () =>
      heartbeats.detectFrozen(target),
    );
  }
}

function targetsOf(broker: Peer, { tcp, ws }: Links): Target[] {
  const versions = ["1.0", "1.1", "1.2"] as const;
  const over = (transport: "tcp" | "ws", link: Link | undefined) =>
    link === undefined ? [] : versions.map((version) => ({ broker, transport, version, link }));
  return [...over("tcp", tcp), ...over("ws", broker.ws === undefined ? undefined : ws)];
}
