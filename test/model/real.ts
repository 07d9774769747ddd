/** A real client and a real server, and what the model compares itself with. */

import {
  type Acceptance,
  type Acknowledgement,
  ApplicationError,
  type ConnectRequest,
  type MaybePromise,
  type ReceivedMessage,
  type SentMessage,
  type ServerClosing,
  type ServerTransaction,
  type Snapshot,
  type Version,
} from "stomp-engine";
import {
  Pair,
  type PairEnd,
  RecordingClient,
  RecordingServer,
  randomPieces,
} from "stomp-engine/testing";

/** How the two are set up. */
export interface Setup {
  readonly version: Version;
  /** Whether a commit takes effect as a whole or operation by operation. */
  readonly atomic: boolean;
  /** Of the pieces in which bytes arrive. */
  readonly pieces: number;
}

export class Real {
  readonly setup: Setup;
  /** Of each life, what `onClose` of the server handed back. */
  readonly handedBack: (number | undefined)[][] = [];
  pair: Pair<RecordingClient, ModelServer>;

  constructor(setup: Setup) {
    this.setup = setup;
    this.pair = this.connect();
  }

  /** By its token; a message is in the life in which it was delivered. */
  message(token: number): ReceivedMessage | undefined {
    return this.pair.client.messages.find((message) => message.text() === String(token));
  }

  drive(): void {
    this.pair.drive();
  }

  /** Another connection, with what the last one has left behind; the server may have forgotten all. */
  resume(serverRemembers: boolean): void {
    const { client, server } = this.pair;
    this.pair = this.connect(copied(client), serverRemembers ? copied(server) : undefined);
    if (!serverRemembers) this.pair.client.resubscribe();
    this.drive();
  }

  private connect(client?: Snapshot, server?: Snapshot): Real["pair"] {
    const { version, pieces } = this.setup;
    const pair = new Pair<RecordingClient, ModelServer>({
      client: (end) => new RecordingClient(end),
      server: (end) => new ModelServer(end, this, server),
    });
    pair.toServer.chunking = randomPieces(pieces);
    pair.toClient.chunking = randomPieces(pieces + 1);
    if (client !== undefined) pair.client.restore(client);
    pair.client.connect({ versions: [version] });
    pair.drive();
    return pair;
  }
}

/** Snapshots are kept as JSON. */
function copied(session: { snapshot(): Snapshot }): Snapshot {
  return JSON.parse(JSON.stringify(session.snapshot()));
}

export class ModelServer extends RecordingServer<number> {
  readonly handled: string[] = [];
  /** How many hooks are still called before one refuses. */
  refusesAfter = Number.POSITIVE_INFINITY;
  readonly #real: Real;
  readonly #restore: Snapshot | undefined;

  constructor(end: PairEnd, real: Real, restore: Snapshot | undefined) {
    super(end);
    this.#real = real;
    this.#restore = restore;
  }

  protected override onConnect(request: ConnectRequest): MaybePromise<boolean | Acceptance> {
    super.onConnect(request);
    return this.#restore === undefined ? true : { restore: this.#restore };
  }

  protected override onMessage(message: SentMessage): void {
    this.#handle(`send ${message.text()}`);
  }

  protected override onAck({ deliveries }: Acknowledgement<number>): void {
    this.#handle(`ack ${deliveries.map(({ token }) => token)}`);
  }

  protected override onNack({ deliveries }: Acknowledgement<number>): void {
    this.#handle(`nack ${deliveries.map(({ token }) => token)}`);
  }

  protected override onCommit(transaction: ServerTransaction<number>): MaybePromise<void> {
    if (!this.#real.setup.atomic) return super.onCommit(transaction);
    if (this.refusesAfter < Number.POSITIVE_INFINITY) throw new ApplicationError("refused");
    for (const operation of transaction.operations) {
      if (operation.kind === "send") this.onMessage(operation.message);
      else if (operation.kind === "ack") this.onAck(operation.acknowledged);
      else this.onNack(operation.acknowledged);
    }
  }

  protected override onClose(closing: ServerClosing<number>): void {
    super.onClose(closing);
    this.#real.handedBack.push(closing.unacknowledged.map(({ token }) => token));
  }

  #handle(what: string): void {
    if (this.refusesAfter-- <= 0) throw new ApplicationError("refused");
    this.handled.push(what);
  }
}
