/**
 * What a client does when it subscribes, for the first time or again.
 *
 * Asking for several at once is all or nothing: each SUBSCRIBE is encoded before the first is sent.
 *
 * @see STOMP 1.2, "SUBSCRIBE"
 */

import { ProtocolError } from "../errors.ts";
import type { Commanding } from "./client-commanding.ts";
import type { SubscribeOptions, Subscription } from "./client-options.ts";
import { type ClientSubscriptions, entriesOf } from "./client-subscriptions.ts";
import type { Draft } from "./draft.ts";
import { duplicate } from "./mistakes.ts";
import type { Encoded } from "./outputs.ts";
import type { SnapshotSubscription } from "./snapshot.ts";

/** A SUBSCRIBE, before it is sent. */
interface Asked extends SnapshotSubscription {
  readonly draft: Draft;
  readonly frame: Encoded;
}

/** Sends SUBSCRIBE. */
export function subscribe(
  client: Commanding,
  subscriptions: ClientSubscriptions,
  destination: string,
  options: SubscribeOptions,
): Subscription {
  const asked = ask(client, destination, options, subscriptions.byId);
  const subscription = subscriptions.add(asked, client.awaitReceipt(asked.draft));
  client.put(asked.frame);
  return subscription;
}

/** Sends SUBSCRIBE for what is there, but was not asked for. */
export function resubscribe(
  client: Commanding,
  subscriptions: ClientSubscriptions,
  ids: Iterable<string> | undefined,
): readonly Subscription[] {
  const asked = askAll(client, subscriptions.restored(ids));
  const added = asked.map((each) => subscriptions.add(each, client.awaitReceipt(each.draft)));
  // No hook between them: it would find subscriptions that the server has not been told of.
  client.atWork(() => {
    for (const { frame } of asked) client.put(frame);
  });
  return added;
}

/** All of them, or none. */
function askAll(client: Commanding, wanted: readonly Subscription[]): Asked[] {
  const { nextId } = client;
  try {
    return wanted.map((each) => ask(client, each.destination, optionsOf(each), undefined));
  } catch (mistake) {
    client.nextId = nextId;
    throw mistake;
  }
}

/** A SUBSCRIBE that is in order; nothing has changed yet but the counter of ids. */
function ask(
  client: Commanding,
  destination: string,
  options: SubscribeOptions,
  used: ReadonlyMap<string, Subscription> | undefined,
): Asked {
  const { ack = "auto" } = options;
  // Read once: an iterable may have nothing to say the second time, and an object may change.
  const headers = entriesOf(options.headers);
  const draft = client.draft("SUBSCRIBE", { ...options, headers });
  const id = options.id ?? draft.newId("sub", used);
  if (used?.has(id) === true) throw duplicate("subscription", draft.command);
  if (!draft.dialect.ackModes.includes(ack)) {
    const modes = draft.dialect.ackModes.join(", ");
    throw new ProtocolError("invalid-option", `ack must be one of ${modes}`);
  }
  draft.add("id", id);
  draft.addDestination(destination);
  if (ack !== "auto") draft.add("ack", ack);
  return { id, destination, ack, headers, draft, frame: client.encodeDraft(draft) };
}

function optionsOf({ id, ack, headers }: Subscription): SubscribeOptions {
  return { id, ack, headers };
}
