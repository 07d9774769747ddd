/** A subscription, as a server's application sees it. */

import type { AckMode } from "../protocol/dialect.ts";
import type { FrameHeaders } from "../protocol/headers.ts";

/** A subscription of the client. */
export interface ServerSubscription {
  /** What the client calls it; in STOMP 1.0, where it may call it nothing, the destination. */
  readonly id: string;
  readonly destination: string;
  readonly ack: AckMode;
  /** All headers of SUBSCRIBE. */
  readonly headers: FrameHeaders;
  /** Those that STOMP does not own, in order: what a relay passes on. */
  readonly userHeaders: Iterable<readonly [string, string]>;
  /** false once the client or we have ended it. */
  readonly active: boolean;
}
