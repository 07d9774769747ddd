/** What a client and its commands can be told, and what connects them. */

import { ProtocolError } from "../errors.ts";
import type { AckMode } from "../protocol/dialect.ts";
import type { FrameHeaders, HeaderInput } from "../protocol/headers.ts";
import type { Version } from "../protocol/version.ts";
import type { HeartBeat } from "./heartbeat.ts";
import type { Receipt } from "./receipts.ts";
import { checkedMs, type SessionOptions, type Settings, settle, sharing } from "./settings.ts";

/** What a client can be told. */
export interface ClientOptions extends SessionOptions {
  /** The virtual host. Default "/"; null leaves the header out. */
  host?: string | null | undefined;
  /** Whether every command asks for a receipt unless told otherwise. Default false. */
  receipts?: boolean | undefined;
  /** How long to wait for a receipt. Default: as long as the session lasts. */
  receiptTimeoutMs?: number | undefined;
  /** Whether SEND carries content-length. Default true. Some servers take a message without it for text. */
  contentLength?: boolean | undefined;
}

/** The same, checked and complete. */
export interface ClientSettings extends Settings {
  readonly host: string | null;
  readonly receipts: boolean;
  readonly receiptTimeoutMs: number;
  readonly contentLength: boolean;
}

/** What every command can be told. */
export interface CommandOptions {
  /** true: ask for a receipt; a string: with this id. */
  receipt?: boolean | string | undefined;
  /** How long to wait for the receipt. Default: that of the client. */
  receiptTimeoutMs?: number | undefined;
  /** Further headers, sent as given. None that STOMP owns for this command. */
  headers?: HeaderInput | undefined;
}

/** What ACK and NACK can be told. */
export interface AckOptions extends CommandOptions {
  /** Takes effect with its COMMIT. */
  transaction?: Transaction | undefined;
}

/** What SEND can be told. */
export interface SendOptions extends AckOptions {
  /** Default: `text/plain` for a string, none for bytes, `application/json` for anything else. */
  contentType?: string | undefined;
  /** Default: that of the client. */
  contentLength?: boolean | undefined;
}

/** What SUBSCRIBE can be told. */
export interface SubscribeOptions extends CommandOptions {
  /** Default: one that is not in use. */
  id?: string | undefined;
  /** Default `auto`. */
  ack?: AckMode | undefined;
}

/** What BEGIN can be told. */
export interface BeginOptions extends CommandOptions {
  /** Default: one that is not in use. */
  id?: string | undefined;
}

/** What CONNECT can be told. */
export interface ConnectOptions {
  login?: string | undefined;
  passcode?: string | undefined;
  /** Further headers, sent as given. */
  headers?: HeaderInput | undefined;
  /** Default CONNECT, which servers of every version know. */
  command?: "CONNECT" | "STOMP" | undefined;
  /** What to offer this time. Default: the versions of the client. */
  versions?: readonly Version[] | undefined;
}

/** A subscription of a client. */
export interface Subscription {
  readonly id: string;
  readonly destination: string;
  readonly ack: AckMode;
  /** The further headers that it was asked for with. */
  readonly headers: HeaderInput;
  /** Of the SUBSCRIBE, if one was asked for. */
  readonly receipt: Receipt | undefined;
}

/** An open transaction of a client. */
export interface Transaction {
  readonly id: string;
  /** Of the BEGIN, if one was asked for. */
  readonly receipt: Receipt | undefined;
}

/** What came of CONNECT. */
export interface Connected {
  readonly version: Version;
  /** The server's name for this session. */
  readonly session: string | undefined;
  /** What the server calls itself. */
  readonly server: string | undefined;
  /** What was agreed: how often we send, and how often the server does. */
  readonly heartBeat: HeartBeat;
  /** All headers of CONNECTED. */
  readonly headers: FrameHeaders;
}

/** @throws {ProtocolError} `invalid-option`, naming the option. */
export const settleClient: (options: ClientOptions | undefined) => ClientSettings =
  sharing(complete);

function complete(options: ClientOptions): ClientSettings {
  const { host = "/" } = options;
  if (host !== null && typeof host !== "string") {
    throw new ProtocolError("invalid-option", "host must be a string, or null to leave it out");
  }
  return Object.freeze({
    ...settle(options),
    host,
    receipts: options.receipts ?? false,
    receiptTimeoutMs: checkedMs(
      "receiptTimeoutMs",
      options.receiptTimeoutMs ?? Number.POSITIVE_INFINITY,
    ),
    contentLength: options.contentLength ?? true,
  });
}
