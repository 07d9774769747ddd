/** Sessions without a transport, whose hooks do nothing. */

import { StompClient, type StompError, StompServer } from "stomp-engine";

export class QuietClient extends StompClient {
  protected override sendData(_data: Uint8Array<ArrayBuffer>): void {}
  protected override sendEnd(): void {}
  protected override onConnected(): void {}
  protected override onMessage(_message: unknown): void {}
  protected override onReceipt(): void {}
  protected override onError(error: StompError): void {
    throw error;
  }
}

export class QuietServer extends StompServer<number> {
  protected override sendData(_data: Uint8Array<ArrayBuffer>): void {}
  protected override sendEnd(): void {}
  protected override onConnect(): boolean {
    return true;
  }
  protected override onMessage(_message: unknown): void {}
  protected override onSubscribe(): void {}
  protected override onUnsubscribe(): void {}
  protected override onAck(_acknowledged: unknown): void {}
  protected override onNack(): void {}
  protected override onDisconnect(): void {}
  protected override onError(error: StompError): void {
    throw error;
  }
}

/** The same server, after CONNECT. */
export function connectedServer<Server extends StompServer<number>>(
  server: Server,
  heartBeatMs = 0,
): Server {
  const beats = `${heartBeatMs},${heartBeatMs}`;
  const frame = `CONNECT\naccept-version:1.2\nhost:/\nheart-beat:${beats}\n\n\0`;
  server.receiveData(Buffer.from(frame));
  if (server.state !== "connected") throw new Error(`The session is ${server.state}`);
  return server;
}
