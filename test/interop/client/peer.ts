/** A broker as its clients see it, from this process or from another. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  /** Where STOMP over TCP is spoken, on 127.0.0.1. */
  readonly tcp: number;
  /** Where STOMP over WebSocket is spoken; undefined where it is not. */
  readonly ws: string | undefined;
  readonly login: string;
  readonly passcode: string;
  /** Stops it in its tracks, as a machine that hangs; `thaw()` lets it go on. */
  freeze(): void | Promise<void>;
  thaw(): void | Promise<void>;
}
