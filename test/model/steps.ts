/** What can happen: for each step, when it makes sense, what it does to the model, and to the real ones. */

import fc from "fast-check";
import {
  type AckMode,
  type AckTarget,
  encodeFrame,
  type Transaction,
  type Version,
} from "stomp-engine";
import { expect } from "vitest";
import type { Delivered, Model } from "./model.ts";
import type { Real } from "./real.ts";

type Step = fc.Command<Model, Real>;

/** A step, as fast-check takes it: the real ones are compared with the model after it. */
function step<T>(
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

const index = fc.nat(9);
const id = fc.constantFrom("a", "b", "c");
/** Whether the bytes stay on the way for a while. */
const lazy = fc.boolean();
const transaction = fc.option(fc.constantFrom("t", "u"), { freq: 2, nil: undefined });

const connected = ({ connected }: Model) => connected;
const isOpen = (model: Model, transaction: string | undefined) =>
  transaction === undefined || model.transactions.has(transaction);

const subscribe = step(
  "subscribe",
  fc.record({ id, ack: fc.constantFrom<AckMode>("auto", "client", "client-individual"), lazy }),
  (model, { id }) => model.connected && !model.clientSubscriptions.has(id),
  (model, real, given) => {
    const ack = real.setup.version === "1.0" && given.ack !== "auto" ? "client" : given.ack;
    const receipt = receiptOf(model);
    real.pair.client.subscribe("/d", { id: given.id, ack, receipt });
    model.clientSubscriptions.set(given.id, ack);
    model.serverSubscriptions.set(given.id, { ack });
    done(model, real, receipt, given.lazy);
  },
);

const unsubscribe = step(
  "unsubscribe",
  fc.record({ id, lazy }),
  (model, { id }) =>
    model.connected &&
    model.clientSubscriptions.has(id) &&
    (model.serverSubscriptions.has(id) || model.dropped.has(id)),
  (model, real, given) => {
    const receipt = receiptOf(model);
    real.pair.client.unsubscribe(given.id, { receipt });
    model.clientSubscriptions.delete(given.id);
    model.serverSubscriptions.delete(given.id);
    done(model, real, receipt, given.lazy);
  },
);

const drop = step(
  "drop",
  id,
  (model, id) => model.connected && model.serverSubscriptions.has(id),
  (model, real, id) => {
    real.drive();
    real.pair.server.drop(id);
    model.serverSubscriptions.delete(id);
    model.dropped.add(id);
  },
);

const deliver = step(
  "deliver",
  fc.record({ id, count: fc.integer({ min: 1, max: 4 }) }),
  (model, { id }) => model.connected && model.serverSubscriptions.has(id),
  (model, real, { id, count }) => {
    real.drive();
    for (let left = count; left > 0; left--) {
      const { token } = model.deliver(id);
      real.pair.server.message(id, { destination: "/d", body: String(token) }, { token });
    }
    real.drive();
  },
);

const acknowledge = step(
  "acknowledge",
  fc.record({ kind: fc.constantFrom("ack", "nack"), index, transaction, lazy }),
  (model, given) => model.connected && model.ledger.length > 0 && isOpen(model, given.transaction),
  (model, real, given) => {
    const kind = real.setup.version === "1.0" ? "ack" : given.kind;
    const named = model.ledger[given.index % model.ledger.length] as Delivered;
    const receipt = receiptOf(model);
    const options = { receipt, transaction: open(real, given.transaction) };
    real.message(named.token)?.[kind](options);
    model.acknowledge(kind, named, given.transaction);
    done(model, real, receipt, given.lazy);
  },
);

const send = step(
  "send",
  fc.record({ transaction, lazy }),
  (model, given) => model.connected && isOpen(model, given.transaction),
  (model, real, given) => {
    const receipt = receiptOf(model);
    const body = `body of ${receipt}`;
    const options = { receipt, transaction: open(real, given.transaction) };
    real.pair.client.message("/d", body, options);
    model.send(body, given.transaction);
    done(model, real, receipt, given.lazy);
  },
);

const begin = step(
  "begin",
  fc.record({ id: fc.constantFrom("t", "u"), lazy }),
  (model, { id }) => model.connected && !model.transactions.has(id),
  (model, real, given) => {
    const receipt = receiptOf(model);
    real.pair.client.begin({ id: given.id, receipt });
    model.transactions.set(given.id, []);
    done(model, real, receipt, given.lazy);
  },
);

const finish = step(
  "finish",
  fc.record({ id: fc.constantFrom("t", "u"), how: fc.constantFrom("commit", "abort"), lazy }),
  (model, { id }) => model.connected && model.transactions.has(id),
  (model, real, given) => {
    const receipt = receiptOf(model);
    real.pair.client[given.how](open(real, given.id) as Transaction, { receipt });
    model[given.how](given.id);
    done(model, real, receipt, given.lazy);
  },
);

const snapshot = step("snapshot", fc.constant(undefined), connected, (_model, real) => {
  real.drive();
  const { client, server } = real.pair;
  for (const session of [client, server]) {
    const ids = session.snapshot().subscriptions.map(({ id, ack }) => `${id} ${ack}`);
    const live = [...session.subscriptions.values()].map(({ id, ack }) => `${id} ${ack}`);
    expect(ids).toEqual(live);
  }
});

/** How a session ends: all of these hand back what is in the ledger. */
const ends: readonly fc.Arbitrary<Step>[] = [
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

const resume = step(
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

/** Those in which a session goes on come more often. */
export const STEPS: readonly fc.Arbitrary<Step>[] = [
  ...[subscribe, unsubscribe, drop, begin, finish, snapshot, send],
  ...[subscribe, deliver, deliver, acknowledge, acknowledge, acknowledge, resume, resume],
  fc.oneof(...ends),
];

/** The ACK of a message, as any client might send it. */
function again({ subscription, messageId, ackId }: AckTarget, version: Version): Uint8Array {
  const headers = { id: ackId ?? "", "message-id": messageId, subscription: subscription ?? "" };
  return encodeFrame({ command: "ACK", headers }, version);
}

function receiptOf(model: Model): string {
  return `r${model.nextReceipt++}`;
}

/** The frame is on its way; unless it stays there, it is answered. */
function done(model: Model, real: Real, receipt: string, lazy: boolean): void {
  model.receipts.push(receipt);
  if (!lazy) real.drive();
}

function open(real: Real, id: string | undefined): Transaction | undefined {
  return id === undefined ? undefined : real.pair.client.transactions.get(id);
}

/** Both sides are what the model says, once all that is under way has arrived. */
export function agree(model: Model, real: Real): void {
  const { client, server, toServer } = real.pair;
  expect(real.handedBack).toEqual(model.handedBack);
  expect(entries(client)).toEqual([...model.clientSubscriptions]);
  if (!model.connected) {
    expect([client.state, server.state]).toEqual(["closed", "closed"]);
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
