/**
 * Who listens to what. Names are made of segments, parted by dots or slashes; in a pattern `*`
 * stands for one segment and `>`, at the end, for one or more.
 */

/** What the remembered answers may weigh together before all are forgotten. */
const REMEMBERED = 1_000_000;

interface Pattern<Subscriber> {
  readonly segments: readonly string[];
  readonly subscribers: Set<Subscriber>;
}

/**
 * An index of subscribers. Looking up a destination is one `Map.get`, however many patterns there
 * are: the answer is remembered until a subscription changes it.
 */
export class Destinations<Subscriber> {
  readonly #exact = new Map<string, Set<Subscriber>>();
  readonly #patterns = new Map<string, Pattern<Subscriber>>();
  readonly #answers = new Map<string, readonly Subscriber[]>();
  readonly #check: ((destination: string) => void) | undefined;
  #remembered = 0;

  /** @param check Called for a destination that is new to the index; what it throws is passed on. */
  constructor(check?: (destination: string) => void) {
    this.#check = check;
  }

  /** Adds a subscriber under a name or a pattern. */
  add(name: string, subscriber: Subscriber): void {
    if (isPattern(name)) {
      let pattern = this.#patterns.get(name);
      if (pattern === undefined) {
        pattern = { segments: segmentsOf(name), subscribers: new Set() };
        this.#patterns.set(name, pattern);
      }
      pattern.subscribers.add(subscriber);
      this.#forgetAll();
      return;
    }
    const subscribers = this.#exact.get(name);
    if (subscribers === undefined) this.#exact.set(name, new Set([subscriber]));
    else subscribers.add(subscriber);
    this.#forget(name);
  }

  /** Removes what was added under the same name or pattern. */
  delete(name: string, subscriber: Subscriber): void {
    const pattern = this.#patterns.get(name);
    if (pattern !== undefined) {
      pattern.subscribers.delete(subscriber);
      if (pattern.subscribers.size === 0) this.#patterns.delete(name);
      this.#forgetAll();
      return;
    }
    const subscribers = this.#exact.get(name);
    if (subscribers === undefined) return;
    subscribers.delete(subscriber);
    if (subscribers.size === 0) this.#exact.delete(name);
    this.#forget(name);
  }

  /**
   * Whom a message to the destination concerns: those of the very name first, in the order in
   * which they came. The array is never changed afterwards, so it may be walked while
   * subscriptions come and go.
   */
  subscribers(destination: string): readonly Subscriber[] {
    return this.#answers.get(destination) ?? this.#answer(destination);
  }

  #answer(destination: string): readonly Subscriber[] {
    this.#check?.(destination);
    const subscribers = [...(this.#exact.get(destination) ?? [])];
    const segments = segmentsOf(destination);
    for (const pattern of this.#patterns.values()) {
      if (!covers(pattern.segments, segments)) continue;
      for (const subscriber of pattern.subscribers) subscribers.push(subscriber);
    }
    const weight = weightOf(destination, subscribers);
    this.#remembered += weight;
    if (this.#remembered > REMEMBERED) {
      this.#forgetAll();
      this.#remembered = weight;
    }
    this.#answers.set(destination, subscribers);
    return subscribers;
  }

  #forget(name: string): void {
    const answer = this.#answers.get(name);
    if (answer === undefined) return;
    this.#remembered -= weightOf(name, answer);
    this.#answers.delete(name);
  }

  #forgetAll(): void {
    this.#answers.clear();
    this.#remembered = 0;
  }
}

/**
 * What it weighs to remember an answer: one for each subscriber, and as much as its name weighs
 * beside them, because a name may be long, and may have none.
 */
function weightOf(name: string, subscribers: readonly unknown[]): number {
  return subscribers.length + 1 + (name.length >> 3);
}

/** Whether a name stands for more than one destination. */
export function isPattern(name: string): boolean {
  return (name.includes("*") || name.includes(">")) && segmentsOf(name).some(isWildcard);
}

/** Whether a pattern is one that can be matched: `>` may only be its last segment. */
export function isValidPattern(name: string): boolean {
  return !segmentsOf(name).slice(0, -1).includes(">");
}

/** Whether a name or pattern covers a destination. */
export function matches(name: string, destination: string): boolean {
  return covers(segmentsOf(name), segmentsOf(destination));
}

function segmentsOf(name: string): readonly string[] {
  return name.split(/[./]/);
}

function isWildcard(segment: string): boolean {
  return segment === "*" || segment === ">";
}

function covers(pattern: readonly string[], segments: readonly string[]): boolean {
  const rest = pattern.at(-1) === ">";
  if (rest ? segments.length < pattern.length : segments.length !== pattern.length) return false;
  const count = rest ? pattern.length - 1 : pattern.length;
  for (let index = 0; index < count; index += 1) {
    const segment = pattern[index];
    if (segment !== "*" && segment !== segments[index]) return false;
  }
  return true;
}
