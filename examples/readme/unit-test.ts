import { ApplicationError, type SentMessage } from "stomp-engine";
import { Pair, RecordingServer } from "stomp-engine/testing";

/** What is to be tested: a server that takes orders of one kind only. */
class Orders extends RecordingServer {
  protected override onMessage({ destination }: SentMessage) {
    if (destination !== "/orders") throw new ApplicationError("No such destination");
  }
}

export function refusesWhatIsNoOrder(): string[] {
  const pair = Pair.connected("1.2", { server: (end) => new Orders(end) });
  pair.client.message("/orders", "tea", { receipt: "1" });
  pair.client.message("/complaints", "cold", { receipt: "2" });
  return pair.drive();
}

export function missesHeartBeats(): string[] {
  const pair = Pair.connected("1.2");
  pair.toServer.held = true; // nothing arrives any more
  return pair.advance(30_000);
}
