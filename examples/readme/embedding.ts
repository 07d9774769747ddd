import type { Server } from "node:http";
import {
  ApplicationError,
  type ConnectRequest,
  type SentMessage,
  type StompError,
} from "stomp-engine";
import { chooseSubprotocol, WebSocketServer } from "stomp-engine/websocket";
import * as ws from "ws";

const rooms = new Set<Room>();

/** One client of a chat room: what one says, all hear. */
class Room extends WebSocketServer {
  protected override async onConnect({ login, passcode }: ConnectRequest) {
    if (await isKnown(login, passcode)) return true;
    throw new ApplicationError("Unknown login or passcode");
  }
  protected override onSubscribe() {
    rooms.add(this);
  }
  protected override onMessage({ destination, body, contentType, userHeaders }: SentMessage) {
    const message = { destination, body, contentType, headers: userHeaders };
    for (const room of rooms) {
      for (const { id } of room.subscriptions.values()) room.message(id, message);
    }
  }
  protected override onUnsubscribe() {}
  protected override onAck() {}
  protected override onNack() {}
  protected override onDisconnect() {}
  protected override onError(error: StompError) {
    console.error(error.code, error.message, error.cause ?? "");
  }
  protected override onClose() {
    rooms.delete(this);
  }
}

/** Takes the WebSockets that speak STOMP, and leaves all others to those who listen as well. */
export function mount(http: Server): void {
  const sockets = new ws.WebSocketServer({
    noServer: true,
    // A frame of the default limits fits. Left to itself, ws takes 100 MiB, and that from anybody.
    maxPayload: 4_500_000,
    handleProtocols: (offered) => chooseSubprotocol(offered) ?? false,
  });
  http.on("upgrade", (request, socket, head) => {
    if (chooseSubprotocol(request.headers["sec-websocket-protocol"]) !== undefined) {
      sockets.handleUpgrade(request, socket, head, (webSocket) => new Room(webSocket));
    } else if (http.listenerCount("upgrade") === 1) {
      socket.destroy();
    }
  });
}

async function isKnown(login: string | undefined, passcode: string | undefined): Promise<boolean> {
  return login === "ada" && passcode === "lovelace";
}
