import { once } from "node:events";
import * as tls from "node:tls";
import { expect, test } from "vitest";
import { TcpTransport } from "../../src/transport/tcp-transport.ts";
import { CERTIFICATE, KEY } from "./certificate.ts";
import { endingWithTest, listen } from "./loopback.ts";
import { bytes, Recorder } from "./recorder.ts";

async function tlsSockets(options: tls.ConnectionOptions) {
  const server = tls.createServer({ key: KEY, cert: CERTIFICATE });
  const session = new Recorder();
  const transports: TcpTransport[] = [];
  server.on("secureConnection", (accepted) => {
    transports.push(new TcpTransport(accepted, session));
  });
  const over = Promise.race([session.ended(), once(server, "tlsClientError")]);
  const socket = endingWithTest(
    tls.connect({ port: await listen(server), host: "127.0.0.1", ...options }),
  );
  return { socket, server: session, transports, over };
}

test("what is given before the handshake is sent after it", async () => {
  const { socket, server, transports } = await tlsSockets({ ca: CERTIFICATE });
  const session = new Recorder();
  const tcp = new TcpTransport(socket, session);
  tcp.sendData(bytes("CONNECT"));
  tcp.sendParts([bytes(" and"), new Uint8Array(70_000), bytes("end")]);
  tcp.sendEnd("flush");
  await server.ended();
  expect(server.text.length).toBe(7 + 4 + 70_000 + 3);
  transports[0]?.sendData(bytes("CONNECTED"));
  transports[0]?.sendEnd("flush");
  await session.ended();
  expect(session.text).toBe("CONNECTED");
  expect([server.reason, session.reason]).toEqual([undefined, undefined]);
});

test("nothing is sent to a peer whose certificate cannot be trusted", async () => {
  const { socket, server, over } = await tlsSockets({});
  const session = new Recorder();
  new TcpTransport(socket, session).sendData(bytes("passcode"));
  await session.ended();
  expect(session.reason).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  await over;
  expect(server.text).toBe("");
});
