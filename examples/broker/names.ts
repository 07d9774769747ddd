/**
 * What the names of destinations mean:
 *
 * - `/topic/…`: everyone who is subscribed gets each message
 * - `/queue/…`: one of those who are subscribed gets each message, and it waits for them
 * - `/temp-queue/…`: a queue of one's own, for replies; whoever got it as `reply-to` can send to it
 * - `/reply-queue/…`: what `reply-to:/temp-queue/…` has become on its way to somebody else
 */

import { ApplicationError } from "stomp-engine";
import { isPattern, isValidPattern } from "../support/destinations.ts";

export const TOPIC = "/topic/";
export const QUEUE = "/queue/";
export const TEMP_QUEUE = "/temp-queue/";
export const REPLY_QUEUE = "/reply-queue/";

/** Control characters: some version of STOMP could not carry the name to its receivers. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f]/;

/** @throws {ApplicationError} for what nobody can send to. */
export function assertSendable(destination: string): void {
  assertName(destination, [TOPIC, QUEUE, TEMP_QUEUE, REPLY_QUEUE]);
  if (isPattern(destination)) throw new ApplicationError("Wildcards are for subscriptions only");
}

/** @throws {ApplicationError} for what nobody can subscribe to. */
export function assertSubscribable(destination: string): void {
  assertName(destination, [TOPIC, QUEUE, TEMP_QUEUE]);
  if (!isValidPattern(destination)) {
    throw new ApplicationError('The wildcard ">" stands for the rest of a name: it comes last');
  }
}

/** @throws {ApplicationError} for what cannot be a reply queue. */
export function assertReplyQueue(destination: string): void {
  assertName(destination, [TEMP_QUEUE]);
  if (isPattern(destination)) throw new ApplicationError("Reply queues have no wildcards");
}

/** Where messages go that nobody could process. Those of a dead-letter queue stay where they are. */
export function deadLetterQueue(queue: string): string | undefined {
  const name = queue.slice(QUEUE.length);
  return name.startsWith("dead.") ? undefined : `${QUEUE}dead.${name}`;
}

function assertName(destination: string, prefixes: readonly string[]): void {
  if (!prefixes.some((prefix) => destination.startsWith(prefix) && destination !== prefix)) {
    const right = prefixes.map((prefix) => `${prefix}<name>`).join(", ");
    throw new ApplicationError(`A destination is one of ${right}`);
  }
  if (UNPRINTABLE.test(destination)) {
    throw new ApplicationError("Destinations have no control characters");
  }
}
