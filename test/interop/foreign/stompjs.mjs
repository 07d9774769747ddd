// @stomp/stompjs against a broker: node stompjs.mjs VERSION URL LOGIN PASSCODE, where URL is
// ws://HOST:PORT/PATH or tcp://HOST:PORT.
import { connect as connectSocket } from "node:net";
import { Client, Versions } from "@stomp/stompjs";
import { WebSocket } from "ws";
import { Arrived, HEART_BEAT_MS, run } from "./scenario.mjs";

const [version, url, login, passcode] = process.argv.slice(2);
const arrived = new Arrived();
let asked = 0;

const client = new Client({
  stompVersions: new Versions([version]),
  webSocketFactory: () =>
    url.startsWith("tcp:")
      ? overTcp(new URL(url))
      : new WebSocket(url, client.stompVersions.protocolVersions()),
  connectHeaders: { login, passcode, host: "/" },
  heartbeatIncoming: HEART_BEAT_MS,
  heartbeatOutgoing: HEART_BEAT_MS,
  reconnectDelay: 0,
});

/** What looks enough like a WebSocket for stompjs to speak over TCP. */
function overTcp({ hostname, port }) {
  const socket = connectSocket({ host: hostname, port: Number(port) });
  const look = {
    url,
    readyState: WebSocket.CONNECTING,
    send: (data) => socket.write(typeof data === "string" ? data : new Uint8Array(data)),
    close: () => socket.end(),
  };
  socket.on("connect", () => {
    look.readyState = WebSocket.OPEN;
    look.onopen?.();
  });
  socket.on("data", (data) => look.onmessage?.({ data }));
  socket.on("error", (error) => look.onerror?.(error));
  socket.on("close", () => {
    look.readyState = WebSocket.CLOSED;
    look.onclose?.({ code: 1000, reason: "", wasClean: true });
  });
  return look;
}

/** Has `command` ask for a receipt, and waits for it. */
const confirmed = (command) =>
  new Promise((resolve, reject) => {
    const receipt = `receipt-${asked++}`;
    client.onStompError = ({ headers }) => reject(new Error(`ERROR ${headers.message}`));
    client.onWebSocketClose = ({ code }) => reject(new Error(`closed with ${code}`));
    client.watchForReceipt(receipt, resolve);
    command(receipt);
  });

const session = {
  arrived,
  connect: () =>
    new Promise((resolve, reject) => {
      client.onConnect = ({ headers }) => resolve(headers.version ?? "1.0");
      client.onStompError = ({ headers }) => reject(new Error(`ERROR ${headers.message}`));
      client.onWebSocketError = (error) => reject(error);
      client.activate();
    }),
  subscribe: (destination, ack) =>
    confirmed((receipt) => {
      const take = (message) =>
        arrived.push({ headers: message.headers, body: Buffer.from(message.binaryBody), message });
      client.subscribe(destination, take, { id: "1", ack, receipt });
    }),
  send: (destination, headers, body) =>
    confirmed((receipt) => {
      client.publish({ destination, headers: { ...headers, receipt }, binaryBody: body });
    }),
  ack: ({ message }) => confirmed((receipt) => message.ack({ receipt })),
  // stompjs asks for no receipts here.
  begin: async (id) => void client.begin(id),
  commit: async (id) => client.commit(id),
  abort: async (id) => client.abort(id),
  disconnect: () =>
    new Promise((resolve, reject) => {
      client.onWebSocketClose = () => reject(new Error("closed without RECEIPT"));
      client.onDisconnect = resolve;
      client.deactivate();
    }),
};

// What stompjs does to headers: it escapes in 1.2 only, never names, and undoes \n before \\, so
// that no value here has a backslash before n, r or c.
await run("stompjs", version, session, {
  umlaut: "ä→🚀",
  ...(version === "1.1" ? {} : { colon: "a:b::c", backslash: "a\\z\\" }),
  ...(version === "1.2" ? { "line-feed": "one\ntwo", "carriage-return": "one\r\ntwo" } : {}),
});
