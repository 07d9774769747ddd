/** What hooks were called with, in order, for a test to wait for. */

export class Inbox {
  readonly #arrived = new Map<string, unknown[]>();
  readonly #awaited = new Map<string, ((value: never) => void)[]>();

  put(hook: string, value: unknown): void {
    const resolve = this.#awaited.get(hook)?.shift();
    if (resolve !== undefined) resolve(value as never);
    else this.#arrived.set(hook, [...(this.#arrived.get(hook) ?? []), value]);
  }

  /** The next call of this hook that was not taken yet. */
  next<Value>(hook: string): Promise<Value> {
    const arrived = this.#arrived.get(hook);
    if (arrived !== undefined && arrived.length > 0)
      return Promise.resolve(arrived.shift() as Value);
    return new Promise((resolve) => {
      this.#awaited.set(hook, [...(this.#awaited.get(hook) ?? []), resolve]);
    });
  }

  /** How many calls of this hook were not taken yet. */
  count(hook: string): number {
    return this.#arrived.get(hook)?.length ?? 0;
  }
}
