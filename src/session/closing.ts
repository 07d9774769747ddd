/** How a session ends: as the application is told, and as it is decided within. */

import type { StompError } from "../errors.ts";
import type { Frame } from "../protocol/frame.ts";

/** How a session ended. */
export interface Closing {
  /**
   * - `disconnect`: DISCONNECT was sent or received, or `disconnect()` called
   * - `ended`: the transport ended without a word
   * - `lost`: the link failed, or time ran out
   * - `error`: one side violated the protocol or refused the other
   */
  readonly reason: "disconnect" | "ended" | "lost" | "error";
  /** What `onError` was told, or what the application ended the session with. */
  readonly error: StompError | undefined;
  /** What lies behind it: the reason that the transport or the application gave. */
  readonly cause: unknown;
  /** The transport ended within a frame. */
  readonly truncated: boolean;
}

/** How a session is to end. */
export interface Ending {
  readonly reason: Closing["reason"];
  readonly how: "flush" | "now";
  readonly error?: StompError | undefined;
  /** Whether `onError` is told. */
  readonly reported?: boolean;
  /** The frame at fault. */
  readonly frame?: Frame | undefined;
  readonly cause?: unknown;
}
