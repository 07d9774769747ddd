/** Promises that a test settles, and time for what waits for them. */

export interface Later {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

/** A promise that is settled by hand. */
export function later(): Later {
  let resolve = () => {};
  let reject = (_error: unknown) => {};
  const promise = new Promise<void>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}

/** Lets everything run that waits for a promise which is settled. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await undefined;
}
