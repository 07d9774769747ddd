/** What calls may throw: a caller's mistakes, and nothing else. */

const STATES = ["not-connected", "closed"];

export const NOTHING: ReadonlySet<string> = new Set();
/** Of the commands of a client. */
export const CLIENT_CODES: ReadonlySet<string> = new Set([
  ...STATES,
  "already-connected",
  "owned-header",
  "unencodable",
  "invalid-header",
  "invalid-option",
  "duplicate-subscription",
  "unknown-subscription",
  "duplicate-transaction",
  "unknown-transaction",
  "already-acknowledged",
  "not-acknowledgeable",
  "unknown-command",
]);
/** Of the commands of a server. */
export const SERVER_CODES: ReadonlySet<string> = new Set([
  ...STATES,
  "owned-header",
  "unencodable",
  "invalid-header",
  "invalid-option",
  "unknown-subscription",
  "window-full",
]);

/** What one side may have against the other though neither did anything wrong: time did, or a hook. */
export const JUST: ReadonlySet<string> = new Set([
  // A client does not know what a cumulative acknowledgement covered.
  "unknown-acknowledgement",
  "limit-exceeded",
  "error-frame",
  "hook-failed",
  "refused",
  "connection-lost",
  "heart-beat-lost",
  "connect-timeout",
  "disconnect-timeout",
  "receipt-timeout",
  "stalled",
  "transport-failed",
]);
