import { connect } from "node:net";
import type { ReceivedMessage, StompError } from "stomp-engine";
import { TcpClient } from "stomp-engine/tcp";

class Hello extends TcpClient {
  protected override onConnected() {
    this.subscribe("/topic/greetings");
    this.message("/topic/greetings", { hello: "world" });
  }
  protected override onMessage(message: ReceivedMessage) {
    console.log(message.destination, message.json());
    this.disconnect();
  }
  protected override onReceipt() {}
  protected override onError(error: StompError) {
    console.error(error.code, error.message, error.cause ?? "");
  }
}

const port = Number(process.argv[2] ?? 61613);
new Hello(connect(port, "127.0.0.1")).connect();
