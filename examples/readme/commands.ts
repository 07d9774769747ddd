import type { ReceivedMessage } from "stomp-engine";
import { TcpClient } from "stomp-engine/tcp";

/** Makes a bill of each order: the order is acknowledged and the bill sent, or neither. */
export abstract class Billing extends TcpClient {
  start() {
    this.connect({ login: "ada", passcode: "lovelace" });
  }
  protected override onConnected() {
    this.subscribe("/queue/orders", { ack: "client-individual" });
  }
  protected override onMessage(order: ReceivedMessage) {
    const transaction = this.begin();
    this.message("/queue/bills", { order: order.text() }, { transaction });
    order.ack({ transaction });
    this.commit(transaction, { receipt: true });
  }
}
