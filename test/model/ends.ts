/** How a session ends, and how another one goes on from there. */

import fc from "fast-check";
import { type AckTarget, encodeFrame, type Transaction, type Version } from "stomp-engine";
import { expect } from "vitest";
import type { Delivered } from "./model.ts";
import { agree, connected, index, open, type Step, step } from "./step.ts";

/** How a session ends: all of these hand back what is in the ledger. */
export const ENDS: readonly fc.Arbitrary<Step>[] = [
  step("disconnect", fc.boolean(), connected, (model, real, receipt) => {
    real.drive();
    real.pair.client.disconnect({ receipt });
    real.drive();
    model.end();
  }),
  step("cut", fc.constant(undefined), connected, (model, real) => {
    real.drive();
    real.pair.cut();
    model.end();
  }),
  step("hang up", fc.constant(undefined), connected, (model, real) => {
    real.drive();
    real.pair.hangUp();
    model.end();
  }),
  step("end by the server", fc.constant(undefined), connected, (model, real) => {
    real.drive();
    real.pair.server.error("enough");
    real.drive();
    model.end();
  }),
  step(
    "refuse an acknowledgement",
    fc.record({ index }),
    (model) => model.connected && model.ledger.length > 0,
    (model, real, given) => {
      real.drive();
      const named = model.ledger[given.index % model.ledger.length] as Delivered;
      real.pair.server.refusesAfter = 0;
      real.message(named.token)?.ack();
      real.drive();
      model.end();
    },
  ),
  step(
    "acknowledge again",
    fc.record({ index }),
    (model) => model.connected && model.ledger.length > 0,
    (model, real, given) => {
      const named = model.ledger[given.index % model.ledger.length] as Delivered;
      const message = real.message(named.token);
      message?.ack();
      model.acknowledge("ack", named, undefined);
      expect(() => message?.ack()).toThrow(
        expect.objectContaining({ code: "already-acknowledged" }),
      );
      real.drive();
      agree(model, real);
      // A client that sends it all the same is refused.
      if (message !== undefined) real.pair.toServer.inject(again(message, real.setup.version));
      real.drive();
      model.end();
    },
  ),
  step(
    "refuse a commit",
    fc.record({ id: fc.constantFrom("t", "u"), after: fc.nat(3) }),
    (model, { id }) => (model.transactions.get(id)?.length ?? 0) > 0,
    (model, real, { id, after }) => {
      real.drive();
      const length = model.transactions.get(id)?.length ?? 0;
      const most = real.setup.atomic ? 0 : after % length;
      real.pair.server.refusesAfter = most;
      real.pair.client.commit(open(real, id) as Transaction);
      real.drive();
      model.commit(id, most);
      model.end();
    },
  ),
];

export const resume = step(
  "resume",
  fc.boolean(),
  ({ connected }) => !connected,
  (model, real, serverRemembers) => {
    real.resume(serverRemembers);
    model.resume();
    if (serverRemembers) return;
    model.serverSubscriptions.clear();
    for (const [id, ack] of model.clientSubscriptions) model.serverSubscriptions.set(id, { ack });
  },
);

/** The ACK of a message, as any client might send it. */
function again({ subscription, messageId, ackId }: AckTarget, version: Version): Uint8Array {
  const headers = { id: ackId ?? "", "message-id": messageId, subscription: subscription ?? "" };
  return encodeFrame({ command: "ACK", headers }, version);
}
