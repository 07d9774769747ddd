/**
 * A server session for an inbox: the client is looked up in some other service, gets what it has
 * missed while it subscribes, and what it does not acknowledge goes back into the inbox.
 */

import {
  type Acknowledgement,
  ApplicationError,
  type ConnectRequest,
  type SentMessage,
  type ServerClosing,
  type ServerSubscription,
  type StompError,
} from "stomp-engine";
import { type SocketLike, TcpServer } from "stomp-engine/tcp";

/** A letter; the token by which the session finds it again. */
export interface Letter {
  readonly number: number;
  readonly text: string;
}

/** What the sessions of one process share. */
export class Inbox {
  readonly waiting: Letter[] = [];
  readonly read: Letter[] = [];
  readonly errors: StompError[] = [];
  #number = 0;

  put(text: string): void {
    this.waiting.push({ number: ++this.#number, text });
  }

  /** Puts letters back in the order of their numbers. */
  putBack(letters: readonly Letter[]): void {
    this.waiting.push(...letters);
    this.waiting.sort((one, other) => one.number - other.number);
  }

  /** A look-up that takes its time, as a database would. */
  async isOwner(login: string | undefined, passcode: string | undefined): Promise<boolean> {
    await Promise.resolve();
    return login === "ada" && passcode === "lovelace";
  }
}

/** One connection of the inbox's owner. */
export class InboxSession extends TcpServer<Letter> {
  readonly #inbox: Inbox;

  constructor(socket: SocketLike, inbox: Inbox) {
    super(socket, { server: "inbox/1.0" });
    this.#inbox = inbox;
  }

  protected override async onConnect({ login, passcode }: ConnectRequest): Promise<boolean> {
    if (await this.#inbox.isOwner(login, passcode)) return true;
    throw new ApplicationError("Only Ada may read this", { headers: { status: "403" } });
  }

  protected override onSubscribe(subscription: ServerSubscription): void {
    if (subscription.ack === "auto") {
      throw new ApplicationError("Letters have to be acknowledged: subscribe with ack:client");
    }
    // Before the RECEIPT of the SUBSCRIBE: whoever has that has all letters.
    for (const letter of this.#inbox.waiting.splice(0)) {
      this.message(
        subscription,
        { destination: "/inbox", messageId: String(letter.number), body: letter.text },
        { token: letter },
      );
    }
  }

  protected override onMessage(message: SentMessage): void {
    this.#inbox.put(message.text());
  }

  protected override onAck({ deliveries }: Acknowledgement<Letter>): void {
    this.#inbox.read.push(...tokens(deliveries));
  }

  protected override onNack({ deliveries }: Acknowledgement<Letter>): void {
    this.#inbox.putBack(tokens(deliveries));
  }

  protected override onUnsubscribe(): void {}

  protected override onDisconnect(): void {}

  protected override onError(error: StompError): void {
    this.#inbox.errors.push(error);
  }

  protected override onClose({ unacknowledged }: ServerClosing<Letter>): void {
    this.#inbox.putBack(tokens(unacknowledged));
  }
}

function tokens(deliveries: Iterable<{ readonly token: Letter | undefined }>): Letter[] {
  return Array.from(deliveries, ({ token }) => token).filter((token) => token !== undefined);
}
