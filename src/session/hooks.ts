/** Hooks answer at once or with a promise. */

/** What a hook may return. */
export type MaybePromise<T> = T | Promise<T>;

/** Whether a hook will answer later; what cannot be asked is taken for a promise, which then rejects. */
export function isPending<T>(answer: MaybePromise<T>): answer is Promise<T> {
  try {
    return typeof (answer as { then?: unknown } | null | undefined)?.then === "function";
  } catch {
    return true;
  }
}
