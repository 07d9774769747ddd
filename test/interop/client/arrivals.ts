/** Values in the order of their arrival, for one reader that waits for the next. */
export class Arrivals<T> {
  readonly #what: string;
  readonly #values: T[] = [];
  readonly #waiting: { resolve(value: T): void; reject(error: Error): void }[] = [];
  #end: Error | undefined;

  constructor(what: string) {
    this.#what = what;
  }

  push(value: T): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#values.push(value);
    else waiting.resolve(value);
  }

  /** No more will come: whoever waits, or comes to wait, is told why. */
  end(why: Error): void {
    this.#end = why;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure(why));
  }

  next(): Promise<T> {
    if (this.#values.length > 0) return Promise.resolve(this.#values.shift() as T);
    if (this.#end !== undefined) return Promise.reject(this.#failure(this.#end));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #failure(cause: Error): Error {
    return new Error(`no ${this.#what}`, { cause });
  }
}
