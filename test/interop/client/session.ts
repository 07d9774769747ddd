/**
 * Our clients on a broker, with what they receive kept for a check to take. Nothing here belongs to
 * a platform: how a client comes to its transport is the `Link`.
 */

import type {
  AckMode,
  ClientOptions,
  Connected,
  ConnectOptions,
  SendOptions,
  StompClient,
  Subscription,
  Version,
} from "stomp-engine";
import { equal } from "./equal.ts";
import { Inbox } from "./inbox.ts";
import type { Peer } from "./peer.ts";

/** A broker, a way to it, and the version spoken. */
export interface Target {
  readonly broker: Peer;
  readonly transport: "tcp" | "ws";
  readonly version: Version;
  readonly link: Link;
}

/** Makes a client on a new connection, whose hooks go to the inbox. */
export type Link = (inbox: Inbox, target: Target, options: ClientOptions) => Linked;

export interface Linked {
  readonly client: StompClient;
  /** Bytes (TCP) or messages (WebSocket) that have come in so far. */
  received(): number;
}

export type Session = Inbox & Linked;

/** A session that the broker has accepted. */
export type OpenSession = Session & { readonly greeting: Connected };

export const nameOf = ({ broker, transport, version }: Target): string =>
  `${broker.name} ${broker.version} ${transport} ${version}`;

/** Connects as the broker wants it, and waits for CONNECTED. */
export async function open(
  target: Target,
  options: ClientOptions = {},
  connection: ConnectOptions = {},
): Promise<OpenSession> {
  const session = dial(target, options);
  const { login, passcode } = target.broker;
  session.client.connect(login === "" ? connection : { login, passcode, ...connection });
  return Object.assign(session, { greeting: await session.connected.next() });
}

/** Has a transport and has not said CONNECT. */
export function dial(target: Target, options: ClientOptions = {}): Session {
  const inbox = new Inbox();
  return Object.assign(
    inbox,
    target.link(inbox, target, { versions: [target.version], ...options }),
  );
}

/** DISCONNECT, and an end of the transport that nothing is wrong with. */
export async function close({ client, closed, errors }: Session): Promise<void> {
  client.disconnect();
  const { reason } = await closed;
  equal([reason, errors.map(({ code }) => code)], ["disconnect", []]);
}

/** SUBSCRIBE, and its RECEIPT. */
export async function subscribe(
  { client }: Session,
  destination: string,
  ack: AckMode,
): Promise<Subscription> {
  const subscription = client.subscribe(destination, { ack, receipt: true });
  await subscription.receipt?.done;
  return subscription;
}

/** SEND, and its RECEIPT. */
export async function send(
  { client }: Session,
  destination: string,
  body: string | Uint8Array,
  options: SendOptions = {},
): Promise<void> {
  await client.message(destination, body, { ...options, receipt: true }).done;
}
