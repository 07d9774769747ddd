/**
 * For tests of what is built on this package ("stomp-engine/testing"): a client and a server joined
 * in memory, a clock moved by hand, and their flow as lines.
 *
 * ```ts
 * const pair = Pair.connected("1.2");
 * pair.client.subscribe("/a", { id: "0", receipt: "7" });
 * expect(pair.drive()).toEqual([
 *   "C> SUBSCRIBE id:0 destination:/a receipt:7",
 *   "S! onSubscribe 0",
 *   "S> RECEIPT receipt-id:7",
 *   "C! onReceipt 7",
 * ]);
 * ```
 */

export { type Chunking, randomPieces } from "./chunking.ts";
export type { PairEnd } from "./end.ts";
export type { Lane } from "./lane.ts";
export { ManualClock } from "./manual-clock.ts";
export type { MemorySocket } from "./memory-socket.ts";
export type { MemoryWebSocket } from "./memory-websocket.ts";
export { Pair, type PairOptions } from "./pair.ts";
export { PairedClient, PairedServer } from "./paired.ts";
export { RecordingClient, RecordingServer } from "./recording.ts";
export { Transcript } from "./transcript.ts";
