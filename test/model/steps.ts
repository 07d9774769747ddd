/** What can happen: for each step, when it makes sense, what it does to the model, and to the real ones. */

import fc from "fast-check";
import type { AckMode, Transaction } from "stomp-engine";
import { expect } from "vitest";
import { ENDS, resume } from "./ends.ts";
import type { Delivered } from "./model.ts";
import {
  connected,
  done,
  id,
  index,
  isOpen,
  lazy,
  open,
  receiptOf,
  type Step,
  step,
  transaction,
} from "./step.ts";

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

/** A whole transaction, as it mostly happens; refused, it takes effect as far as it came. */
const transact = step(
  "transact",
  fc.record({
    operations: fc.array(fc.record({ kind: fc.constantFrom("ack", "nack", "send"), index }), {
      minLength: 1,
      maxLength: 5,
    }),
    end: fc.constantFrom("commit", "abort", "refuse"),
    after: fc.nat(4),
  }),
  (model) => model.connected && !model.transactions.has("w"),
  (model, real, { operations, end, after }) => {
    real.drive();
    const { client, server } = real.pair;
    const transaction = client.begin({ id: "w" });
    model.transactions.set("w", []);
    for (const { kind, index } of operations) {
      const named = model.ledger[index % Math.max(1, model.ledger.length)];
      if (kind === "send" || named === undefined) {
        client.message("/d", `${index}`, { transaction });
        model.send(`${index}`, "w");
      } else {
        const how = real.setup.version === "1.0" ? "ack" : kind;
        real.message(named.token)?.[how]({ transaction });
        model.acknowledge(how, named, "w");
      }
    }
    if (end === "abort") {
      client.abort(transaction);
      model.abort("w");
    } else {
      const most = end === "commit" ? undefined : real.setup.atomic ? 0 : after % operations.length;
      if (most !== undefined) server.refusesAfter = most;
      client.commit(transaction);
      model.commit("w", most);
      if (most !== undefined) model.end();
    }
    real.drive();
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

/** Those in which a session goes on come more often. */
export const STEPS: readonly fc.Arbitrary<Step>[] = [
  ...[subscribe, unsubscribe, drop, begin, finish, snapshot, send],
  ...[
    transact,
    transact,
    subscribe,
    deliver,
    deliver,
    acknowledge,
    acknowledge,
    acknowledge,
    resume,
    resume,
  ],
  fc.oneof(...ENDS),
];
