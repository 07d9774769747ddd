// What the JavaScript clients of this folder do with a broker, one line per check on stdout:
// "ok NAME" or "failed NAME: WHY". The programs in other languages do the same.
//
// A library is given as a session:
//   connect()                    answers the version
//   subscribe(destination, ack)  what arrives goes to `arrived`
//   send(destination, headers, body), ack(message), begin(id), commit(id), abort(id), disconnect()
// Each answers a promise that is kept with the RECEIPT; where a library cannot ask for one, at once.
import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

const TIMEOUT_MS = 5000;
export const HEART_BEAT_MS = 500;

/** @param carried The headers that this library carries unharmed in this version. */
export async function run(library, version, session, carried) {
  const destination = `/queue/${library}-${randomUUID()}`;
  const checks = {
    async connect() {
      equal(await session.connect(), version);
    },
    // client-individual is younger than 1.0.
    async subscribe() {
      await session.subscribe(destination, version === "1.0" ? "client" : "client-individual");
    },
    // Three intervals without a frame; both ends would drop the other without heart-beats.
    async idle() {
      await new Promise((resolve) => setTimeout(resolve, 3.5 * HEART_BEAT_MS));
      await send("still there");
      equal((await message()).body.toString(), "still there");
    },
    async text() {
      await send("Grüße, 世界 🚀", { "content-type": "text/plain" });
      equal((await message()).body.toString(), "Grüße, 世界 🚀");
    },
    async headers() {
      await send("", carried);
      const { headers } = await message();
      equal(Object.fromEntries(Object.keys(carried).map((name) => [name, headers[name]])), carried);
    },
    async binary() {
      const bytes = Buffer.from([...Array(1024).keys(), 0, 0, 10, 0]);
      await send(bytes, { "content-type": "application/octet-stream" });
      equal((await message()).body, bytes);
    },
    async commit() {
      await session.begin("t1");
      await send("first", { transaction: "t1" });
      await send("second", { transaction: "t1" });
      // What is outside the transaction overtakes it.
      await send("outside");
      equal((await message()).body.toString(), "outside");
      await session.commit("t1");
      equal((await message()).body.toString(), "first");
      equal((await message()).body.toString(), "second");
    },
    async abort() {
      await session.begin("t2");
      await send("aborted", { transaction: "t2" });
      await session.abort("t2");
      await send("after");
      equal((await message()).body.toString(), "after");
    },
    async disconnect() {
      await session.disconnect();
    },
  };
  const send = (body, headers = {}) => session.send(destination, headers, Buffer.from(body));
  const message = async () => {
    const next = await session.arrived.next();
    await session.ack(next);
    return next;
  };
  let current;
  const fail = (error) => {
    console.log(`failed ${current}: ${error.message ?? error}`);
    process.exit(1);
  };
  // What a library throws when nobody is waiting for it.
  process.once("uncaughtException", fail);
  for (const [name, check] of Object.entries(checks)) {
    if (name === "idle" && version === "1.0") continue;
    current = name;
    await withinTime(check()).catch(fail);
    console.log(`ok ${name}`);
  }
  process.exit(0);
}

/** Messages in the order of their arrival. */
export class Arrived {
  #messages = [];
  #waiting = [];

  push(message) {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#messages.push(message);
    else waiting(message);
  }

  next() {
    const message = this.#messages.shift();
    return message === undefined
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve(message);
  }
}

function withinTime(promise) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

function equal(actual, expected) {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}
