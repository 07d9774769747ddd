/** The seam between a session and whatever carries its bytes. */

/** What a transport calls on a session. */
export interface Receiver {
  /**
   * Takes bytes in pieces of any size; a string is a text message and taken as UTF-8.
   *
   * @returns false: stop reading until `resumeReading()`.
   */
  receiveData(chunk: Uint8Array | string): boolean;
  /** The transport has ended; may be called any number of times. */
  receiveEnd(reason?: unknown): void;
  /** What was saturated can take data again. */
  drained(): void;
}

/** What a transport offers to a session. */
export interface Transport {
  /**
   * Sends bytes, which are not to be written to: one call is one whole frame or one end-of-line.
   *
   * @returns false: taken, but saturated until `drained()` is called.
   */
  sendData(data: Uint8Array<ArrayBuffer>): boolean | void;
  /** Sends one frame in several pieces, where that is better than putting them together. */
  sendParts?(parts: readonly Uint8Array<ArrayBuffer>[]): boolean | void;
  /** Ends the transport: after what was given is sent, or at once. */
  sendEnd(how: "flush" | "now"): void;
  /** Reading may go on after a `receiveData` that returned false. */
  resumeReading?(): void;
}
