/**
 * What a server does when its client subscribes and unsubscribes.
 *
 * A subscription is there before its hook is called, so that messages can be sent from within it,
 * and is gone again if the hook refuses.
 *
 * @see STOMP 1.2, "SUBSCRIBE" and "UNSUBSCRIBE"
 */

import type { Frame } from "../protocol/frame.ts";
import { DONE } from "./answers.ts";
import { exceeded, fault, required } from "./faults.ts";
import { duplicate, unknown } from "./mistakes.ts";
import type { ServerSession } from "./server-session.ts";
import { SubscriptionRecord } from "./server-subscriptions.ts";

/** The client sent SUBSCRIBE. */
export function receiveSubscribe<Token>(session: ServerSession<Token>, frame: Frame): void {
  const { headers } = frame;
  const { spoken } = session;
  const ack = spoken.ackModes.find((mode) => mode === (headers.get("ack") ?? "auto"));
  if (ack === undefined) {
    const text = `The ack of SUBSCRIBE must be one of ${spoken.ackModes.join(", ")}`;
    session.conclude(frame, { error: fault("invalid-header", text, frame) });
    return;
  }
  const record = new SubscriptionRecord<Token>(
    required(frame, "destination"),
    ack,
    headers,
    spoken,
  );
  const { subscriptions } = session.books;
  const { maxSubscriptions } = session.settings.limits;
  if (subscriptions.byId.has(record.id)) {
    session.conclude(frame, { error: duplicate("subscription", frame.command) });
  } else if (subscriptions.byId.size >= maxSubscriptions) {
    session.conclude(frame, { error: exceeded(frame, `${maxSubscriptions} subscriptions`) });
  } else {
    subscriptions.add(record);
    session.ask(
      frame,
      () => session.hooks.onSubscribe(record),
      () => subscriptions.remove(record),
    );
  }
}

/** The client sent UNSUBSCRIBE: possibly for a subscription that we have ended meanwhile. */
export function receiveUnsubscribe<Token>(session: ServerSession<Token>, frame: Frame): void {
  const { headers } = frame;
  const { subscriptions } = session.books;
  const record = subscriptions.named(headers);
  if (record !== undefined) {
    subscriptions.remove(record);
    session.ask(frame, () => session.hooks.onUnsubscribe(record));
  } else if (subscriptions.wasDropped(headers)) {
    session.conclude(frame, DONE);
  } else if (!headers.has("id") && !headers.has("destination")) {
    const text = 'UNSUBSCRIBE needs header "id" or "destination"';
    session.conclude(frame, { error: fault("missing-header", text, frame) });
  } else {
    session.conclude(frame, { error: unknown("subscription", frame.command) });
  }
}
