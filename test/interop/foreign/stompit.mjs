// stompit against a broker: node stompit.mjs VERSION HOST PORT LOGIN PASSCODE
import stompit from "stompit";
import { Arrived, HEART_BEAT_MS, run } from "./scenario.mjs";

const [version, host, port, login, passcode] = process.argv.slice(2);
const arrived = new Arrived();
let client;

/** One frame, and its RECEIPT. */
const command = (name, headers, body) =>
  new Promise((onReceipt, onError) => {
    client.sendFrame(name, headers, { onReceipt, onError }).end(body);
  });

const session = {
  arrived,
  connect: () =>
    new Promise((resolve, reject) => {
      const connectHeaders = {
        host: "/",
        login,
        passcode,
        "accept-version": version,
        "heart-beat": `${HEART_BEAT_MS},${HEART_BEAT_MS}`,
      };
      stompit.connect({ host, port: Number(port), connectHeaders }, (error, connected) => {
        if (error) return reject(error);
        client = connected;
        resolve(client.headers.version ?? "1.0");
      });
    }),
  // subscribe() of stompit asks for no receipt.
  subscribe(destination, ack) {
    client.setImplicitSubscription("1", ack, async (error, frame) => {
      if (error) return;
      const chunks = [];
      for await (const chunk of frame) chunks.push(chunk);
      arrived.push({ headers: frame.headers, body: Buffer.concat(chunks), frame });
    });
    return command("SUBSCRIBE", { id: "1", destination, ack });
  },
  send: (destination, headers, body) =>
    command("SEND", { destination, "content-length": body.length, ...headers }, body),
  ack: ({ frame }) =>
    new Promise((onReceipt, onError) => client.ack(frame, {}, { onReceipt, onError })),
  begin: (transaction) => command("BEGIN", { transaction }),
  commit: (transaction) => command("COMMIT", { transaction }),
  abort: (transaction) => command("ABORT", { transaction }),
  disconnect: () =>
    new Promise((resolve, reject) =>
      client.disconnect((error) => (error ? reject(error) : resolve())),
    ),
};

await run("stompit", version, session, {
  colon: "a:b::c",
  backslash: "a\\z\\",
  path: "C:\\new\\core",
  umlaut: "ä→🚀",
  ...(version === "1.0" ? {} : { "line-feed": "one\ntwo\n", "na:me": "value" }),
  ...(version === "1.2" ? { "carriage-return": "one\r\ntwo\r" } : {}),
});
