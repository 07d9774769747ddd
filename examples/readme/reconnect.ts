import { connect } from "node:net";
import type { ClientClosing, ReceivedMessage, Snapshot, StompError } from "stomp-engine";
import { TcpClient } from "stomp-engine/tcp";

const port = Number(process.argv[2] ?? 61613);
let delayMs = 100;

class News extends TcpClient {
  protected override onConnected() {
    delayMs = 100;
    if (this.resubscribe().length === 0) this.subscribe("/topic/news");
  }
  protected override onMessage(message: ReceivedMessage) {
    console.log(message.text());
  }
  protected override onReceipt() {}
  protected override onError(error: StompError) {
    console.error(error.code, error.message, error.cause ?? "");
  }
  protected override onClose({ reason }: ClientClosing) {
    if (reason === "disconnect") return; // as we wanted it
    setTimeout(follow, delayMs, this.snapshot());
    delayMs = Math.min(2 * delayMs, 30_000);
  }
}

function follow(former?: Snapshot) {
  const news = new News(connect(port, "127.0.0.1"));
  if (former !== undefined) news.restore(former);
  news.connect();
}

follow();
