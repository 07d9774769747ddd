/** The public surface: errors, the wire, the session, the two roles. */

export {
  ApplicationError,
  type ApplicationErrorCode,
  ConnectionError,
  type ConnectionErrorCode,
  type ErrorCode,
  type ErrorDetails,
  ProtocolError,
  type ProtocolErrorCode,
  StompError,
} from "./errors.ts";
export type { Body } from "./protocol/body.ts";
export type { AckMode } from "./protocol/dialect.ts";
export {
  type ContentLength,
  type EncodeOptions,
  encodeFrame,
  type OutgoingFrame,
} from "./protocol/encoder.ts";
export type { Frame } from "./protocol/frame.ts";
export type { FrameHeaders, HeaderInput } from "./protocol/headers.ts";
export type { FrameLimits, Limits } from "./protocol/limits.ts";
export { FrameParser, type FrameParserOptions } from "./protocol/parser.ts";
export { type OutgoingMessage, PreparedMessage } from "./protocol/prepared.ts";
export type { Version } from "./protocol/version.ts";
export { StompClient } from "./session/client.ts";
export type { ClientClosing } from "./session/client-hooks.ts";
export type {
  AckOptions,
  BeginOptions,
  ClientOptions,
  CommandOptions,
  Connected,
  ConnectOptions,
  SendOptions,
  SubscribeOptions,
  Subscription,
  Transaction,
} from "./session/client-options.ts";
export { type Clock, systemClock } from "./session/clock.ts";
export type { Closing } from "./session/closing.ts";
export type { Content } from "./session/content.ts";
export type { HeartBeat } from "./session/heartbeat.ts";
export type { MaybePromise } from "./session/hooks.ts";
export type { Delivery } from "./session/ledger.ts";
export type { Receiver, Transport } from "./session/link.ts";
export type { Receipt } from "./session/receipts.ts";
export type { AckTarget, ReceivedMessage } from "./session/received-message.ts";
export type { SentMessage } from "./session/sent-message.ts";
export { StompServer } from "./session/server.ts";
export type { ServerClosing } from "./session/server-hooks.ts";
export type { Acceptance, ConnectRequest, ServerOptions } from "./session/server-options.ts";
export type { ServerSubscription } from "./session/server-subscription.ts";
export { StompSession } from "./session/session.ts";
export type { SessionOptions } from "./session/settings.ts";
export type { Snapshot, SnapshotSubscription } from "./session/snapshot.ts";
export type { State } from "./session/state.ts";
export type { Acknowledgement, Operation, ServerTransaction } from "./session/transactions.ts";
