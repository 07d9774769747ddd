/** What the checks say about what they see. */

import { equal } from "./equal.ts";
import type { Session } from "./session.ts";
import { send } from "./session.ts";

const RUN = Math.random().toString(36).slice(2);
let destinations = 0;

/** A queue that nothing else uses. */
export const freshQueue = (): string => `/queue/interop-${RUN}-${++destinations}`;

/** The next messages of a session have these bodies. */
export async function expectBodies({ messages }: Session, ...bodies: string[]): Promise<void> {
  for (const body of bodies) equal((await messages.next()).text(), body);
}

/** Nothing is left in the queue: what is sent now comes next. Needs a subscription. */
export async function expectEmpty(session: Session, destination: string): Promise<void> {
  await send(session, destination, "nothing before this");
  await expectBodies(session, "nothing before this");
}

/** The rejection of a promise that must reject, by its `code`. */
export async function rejectionCode(promise: Promise<unknown> | undefined): Promise<unknown> {
  if (promise === undefined) throw new Error("there is no receipt");
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  return outcome instanceof Error && "code" in outcome ? outcome.code : outcome;
}
