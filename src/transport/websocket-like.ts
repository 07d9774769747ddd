/** What is used of a WebSocket, whoever made it. */

/** The DOM's WebSocket is one, and so is that of `ws`. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly protocol: string;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "error", listener: (event: WebSocketErrorEvent) => void): void;
  addEventListener(type: "close", listener: (event: WebSocketCloseEvent) => void): void;
  /** Only `ws` has these three. */
  pause?(): void;
  resume?(): void;
  terminate?(): void;
}

/** What is used of the event of an error. Browsers tell nothing in it. */
export interface WebSocketErrorEvent {
  readonly type: string;
  readonly error?: unknown;
}

/** What is used of the event of the end. */
export interface WebSocketCloseEvent {
  readonly code: number;
  readonly reason: string;
}

/** Why a WebSocket ended that did not end well: what a session's `onClose` finds as the cause. */
export class WebSocketCloseError extends Error {
  // A literal, because minifiers rename classes.
  override readonly name = "WebSocketCloseError";
  /** The close code; 1006 if the connection was lost or never made. */
  readonly code: number;
  /** What the peer gave as the reason; often empty. */
  readonly reason: string;

  constructor(code: number, reason: string) {
    super(`The WebSocket was closed with code ${code}`);
    this.code = code;
    this.reason = reason;
  }
}
