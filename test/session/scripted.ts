/** What the tests of sessions share: hooks that a test fills in, and sessions without a peer. */

import {
  type ClientClosing,
  type ClientOptions,
  type Connected,
  type ErrorCode,
  ProtocolError,
  type Receipt,
  type ReceivedMessage,
  type ServerClosing,
  type ServerOptions,
  StompClient,
  type StompError,
  StompServer,
  type StompSession,
  type Version,
} from "stomp-engine";
import {
  ManualClock,
  Pair,
  type PairOptions,
  RecordingClient,
  RecordingServer,
} from "stomp-engine/testing";
import { expect } from "vitest";

export const VERSIONS: readonly Version[] = ["1.0", "1.1", "1.2"];

/** Hooks and outputs by name, called after what the session has of its own. */
export type Script = Readonly<Record<string, (given: never, more: never) => unknown>>;

/** Adds to the hooks of a session. What a script answers counts, unless that is undefined. */
export function script(session: StompSession, hooks: Script): void {
  for (const [name, answer] of Object.entries(hooks)) {
    const own: unknown = Reflect.get(session, name);
    Reflect.set(session, name, (...given: unknown[]) => {
      const first = typeof own === "function" ? Reflect.apply(own, session, given) : undefined;
      return Reflect.apply(answer, session, given) ?? first;
    });
  }
}

/** Puts others in the place of hooks and outputs, where what the session has of its own may not run. */
export function override(session: StompSession, hooks: Script): void {
  for (const [name, answer] of Object.entries(hooks)) Reflect.set(session, name, answer);
}

export interface Roles {
  readonly client?: ClientOptions;
  readonly server?: ServerOptions;
}

type Recorders<Token> = Pair<RecordingClient, RecordingServer<Token>>;

/** A pair of recorders with options. */
export function pairOf<Token = unknown>({ client, server }: Roles): Recorders<Token> {
  const options: PairOptions<RecordingClient, RecordingServer<Token>> = {
    client: (end) => new RecordingClient(end, client),
    server: (end) => new RecordingServer<Token>(end, server),
  };
  return new Pair(options);
}

/** The same, connected, without heart-beats unless the options have some; its transcript goes on from there. */
export function connected<Token = unknown>(
  version: Version = "1.2",
  { client, server }: Roles = {},
): Recorders<Token> {
  const heartBeat = { sendMs: 0, receiveMs: 0 };
  const pair = pairOf<Token>({
    client: { heartBeat, ...client },
    server: { heartBeat, ...server },
  });
  pair.client.connect({ versions: [version] });
  pair.drive();
  if (pair.client.state === "connected") return pair;
  throw new Error(`The pair did not connect:\n${pair.transcript}`);
}

/** Only the calls of hooks. */
export function hooks(lines: readonly string[]): string[] {
  return lines.filter((line) => line.includes("! "));
}

/** A promise that the test settles. */
export function deferred<T = void>() {
  let resolve: (value: T) => void = () => {};
  let reject: (cause: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Lets every promise run that can. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await undefined;
}

/** What a call throws, if that is an error of ours. */
export function codeOf(call: () => unknown): ErrorCode | "no error" {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    return (error as ProtocolError).code;
  }
  return "no error";
}

/** What an error or a rejection is. */
export async function rejection(promise: Promise<unknown>): Promise<StompError> {
  return promise.then(
    () => {
      throw new Error("It did not reject");
    },
    (error) => error,
  );
}

/** Text of bytes, with what cannot be seen made visible. */
export function visible(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString().replaceAll("\0", "^@").replaceAll("\n", "⏎");
}

/** A client without a peer: what it sends and is told is kept. */
export class LoneClient extends StompClient {
  readonly sent: string[] = [];
  readonly ends: string[] = [];
  readonly told: string[] = [];
  readonly errors: StompError[] = [];
  readonly messages: ReceivedMessage[] = [];
  closing: ClientClosing | undefined;

  constructor(options: ClientOptions = {}) {
    super({ clock: new ManualClock(), ...options });
  }

  protected override sendData(data: Uint8Array<ArrayBuffer>): boolean | void {
    this.sent.push(visible(data));
  }
  protected override sendEnd(how: "flush" | "now"): void {
    this.ends.push(how);
  }
  protected override onConnected({ version }: Connected): void {
    this.told.push(`onConnected ${version}`);
  }
  protected override onMessage(message: ReceivedMessage): void {
    this.messages.push(message);
    this.told.push(`onMessage ${message.text()}`);
  }
  protected override onUnclaimedMessage(message: ReceivedMessage): void {
    this.messages.push(message);
    this.told.push(`onUnclaimedMessage ${message.text()}`);
  }
  protected override onReceipt({ id }: Receipt): void {
    this.told.push(`onReceipt ${id}`);
  }
  protected override onError(error: StompError): void {
    this.errors.push(error);
    this.told.push(`onError ${error.code}`);
  }
  protected override onClose(closing: ClientClosing): void {
    this.closing = closing;
    this.told.push(`onClose ${closing.reason}`);
  }
}

/** A server without a peer. */
export class LoneServer extends StompServer<string> {
  readonly sent: string[] = [];
  readonly ends: string[] = [];
  readonly told: string[] = [];
  readonly errors: StompError[] = [];
  closing: ServerClosing<string> | undefined;

  constructor(options: ServerOptions = {}) {
    super({ clock: new ManualClock(), sessionId: () => "s", ...options });
  }

  protected override sendData(data: Uint8Array<ArrayBuffer>): boolean | void {
    this.sent.push(visible(data));
  }
  protected override sendEnd(how: "flush" | "now"): void {
    this.ends.push(how);
  }
  protected override onConnect(): boolean {
    this.told.push("onConnect");
    return true;
  }
  protected override onMessage(message: { text(): string }): void {
    this.told.push(`onMessage ${message.text()}`);
  }
  protected override onSubscribe({ id }: { readonly id: string }): void {
    this.told.push(`onSubscribe ${id}`);
  }
  protected override onUnsubscribe({ id }: { readonly id: string }): void {
    this.told.push(`onUnsubscribe ${id}`);
  }
  protected override onAck(): void {
    this.told.push("onAck");
  }
  protected override onNack(): void {
    this.told.push("onNack");
  }
  protected override onDisconnect(): void {
    this.told.push("onDisconnect");
  }
  protected override onError(error: StompError): void {
    this.errors.push(error);
    this.told.push(`onError ${error.code}`);
  }
  protected override onClose(closing: ServerClosing<string>): void {
    this.closing = closing;
    this.told.push(`onClose ${closing.reason}`);
  }
}

/** A client that has been accepted. */
export function connectedClient(version: Version = "1.2", options: ClientOptions = {}): LoneClient {
  const client = new LoneClient({ heartBeat: { sendMs: 0, receiveMs: 0 }, ...options });
  client.connect({ versions: [version] });
  client.receiveData(`CONNECTED\nversion:${version}\n\n\0`);
  client.sent.length = client.told.length = 0;
  return client;
}

/** A server that has accepted its client. */
export function connectedServer(version: Version = "1.2", options: ServerOptions = {}): LoneServer {
  const server = new LoneServer({ heartBeat: { sendMs: 0, receiveMs: 0 }, ...options });
  server.receiveData(`CONNECT\naccept-version:${version}\nhost:/\n\n\0`);
  server.sent.length = server.told.length = 0;
  return server;
}
