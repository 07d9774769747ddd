/** What happens to a session under test, step by step: plain data, so that it can be kept and replayed. */

/** What can happen to both sides. */
export type CommonStep =
  /** The peer sends. */
  | readonly ["bytes", Uint8Array]
  | readonly ["pause"]
  | readonly ["resume"]
  /** From now on `sendData` returns false. */
  | readonly ["saturate"]
  | readonly ["drain"]
  | readonly ["advance", number]
  | readonly ["jump", number]
  /** One of the hooks that have not answered does so. */
  | readonly ["settle", number, "resolve" | "reject"]
  | readonly ["end", "plain" | "reset"]
  | readonly ["snapshot"];

export type ServerStep =
  | CommonStep
  /** The client acknowledges one of what it was sent, in a transaction or ("") not. */
  | readonly ["acknowledge", number, "ACK" | "NACK", string]
  | readonly ["message", number, number]
  | readonly ["drop", number]
  | readonly ["error"]
  | readonly ["disconnect"];

export type ClientStep =
  | CommonStep
  | readonly ["connect"]
  /** The server sends a MESSAGE to one of the subscriptions, of so many octets. */
  | readonly ["deliver", number, number]
  /** The server answers one of the receipts that are awaited. */
  | readonly ["confirm", number]
  | readonly ["send", number, number]
  | readonly ["subscribe", number]
  | readonly ["unsubscribe", number]
  | readonly ["ack", number, number]
  | readonly ["begin", number]
  | readonly ["finish", number, "commit" | "abort"]
  | readonly ["disconnect", number]
  | readonly ["resubscribe"];
