/** What all steps are made of, and what is compared after each. */

import fc from "fast-check";
import type { AckMode, Transaction } from "stomp-engine";
import { expect } from "vitest";
import type { Model } from "./model.ts";
import type { Real } from "./real.ts";

export type Step = fc.Command<Model, Real>;

/** A step, as fast-check takes it: the real ones are compared with the model after it. */
export function step<T>(
  name: string,
  arbitrary: fc.Arbitrary<T>,
  possible: (model: Model, given: T) => boolean,
  run: (model: Model, real: Real, given: T) => void,
): fc.Arbitrary<Step> {
  return arbitrary.map((given) => ({
    check: (model: Readonly<Model>) => possible(model as Model, given),
    run(model: Model, real: Real) {
      run(model, real, given);
      agree(model, real);
    },
    toString: () => `${name}(${JSON.stringify(given)})`,
  }));
}

export const index = fc.nat(9);
export const id = fc.constantFrom("a", "b", "c");
/** Whether the bytes stay on the way for a while. */
export const lazy = fc.boolean();
export const transaction = fc.option(fc.constantFrom("t", "u"), { freq: 2, nil: undefined });

export const connected = ({ connected }: Model) => connected;
export const isOpen = (model: Model, transaction: string | undefined) =>
  transaction === undefined || model.transactions.has(transaction);

export function receiptOf(model: Model): string {
  return `r${model.nextReceipt++}`;
}

/** The frame is on its way; unless it stays there, it is answered. */
export function done(model: Model, real: Real, receipt: string, lazy: boolean): void {
  model.receipts.push(receipt);
  if (!lazy) real.drive();
}

export function open(real: Real, id: string | undefined): Transaction | undefined {
  return id === undefined ? undefined : real.pair.client.transactions.get(id);
}

/** Both sides are what the model says, once all that is under way has arrived. */
export function agree(model: Model, real: Real): void {
  const { client, server, toServer } = real.pair;
  expect(real.handedBack).toEqual(model.handedBack);
  expect(entries(client)).toEqual([...model.clientSubscriptions]);
  if (!model.connected) {
    expect([client.state, server.state]).toEqual(["closed", "closed"]);
    expect([client.transactions.size, server.transactions.size]).toEqual([0, 0]);
    return;
  }
  expect([...client.transactions.keys()]).toEqual([...model.transactions.keys()]);
  if (toServer.pendingBytes > 0) return;
  const subscribed = [...model.serverSubscriptions].map(([id, { ack }]): Entry => [id, ack]);
  expect(entries(server).sort()).toEqual(subscribed.sort());
  expect([...server.unacknowledged].map(({ token }) => token)).toEqual(
    model.ledger.map(({ token }) => token),
  );
  expect([...server.transactions].map(([id, { operations }]) => [id, operations.length])).toEqual(
    [...model.transactions].map(([id, planned]) => [id, planned.length]),
  );
  expect(server.handled).toEqual(model.handled);
  expect(client.receipts.map(({ id }) => id)).toEqual(model.receipts);
  expect([client.errors, server.errors]).toEqual([[], []]);
}

type Entry = [id: string, ack: AckMode];

function entries(session: Real["pair"]["client"] | Real["pair"]["server"]): Entry[] {
  return [...session.subscriptions.values()].map(({ id, ack }) => [id, ack]);
}
