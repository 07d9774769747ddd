/**
 * Where time comes from, and the wheel that keeps the deadlines of all sessions on one clock.
 *
 * A session owns no timer. It has one {@link Deadline}, set to the earliest moment at which
 * anything may be due; when that comes, the session looks at its time stamps and says when to
 * come back. So traffic costs a time stamp, and a hundred thousand idle sessions cost one timer.
 */

// What every platform gives, and no more of it than is used.
declare const setTimeout: (callback: () => void, ms: number) => unknown;
declare const clearTimeout: (handle: unknown) => void;
declare const performance: { now(): number };

/** A source of time. Sessions on the same clock share its timer. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Calls back once, after so many milliseconds. */
  setTimeout(callback: () => void, ms: number): unknown;
  /** Takes a callback back. */
  clearTimeout(handle: unknown): void;
}

/** The clock of the platform. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (handle) => clearTimeout(handle),
};

/** Deadlines are kept to this many milliseconds: what is due comes up to a tick late, never early. */
export const TICK_MS = 50;

/** A moment that does not come. */
export const NEVER: number = Number.POSITIVE_INFINITY;

/** Of a deadline that is not on the wheel; a field of whole numbers takes a word, any other a box. */
const NO_TICK = -1;

/** Platforms take a longer timer for none at all, and fire at once. */
const LONGEST_MS = 2_147_483_647;

/** So many places in the slots may count for nothing in any case. */
const FEW = 1_024;

/** The slots of the wheel. What is further away than a turn stays in its slot for another turn. */
const SLOTS = 512;

/** No platform that is awake is as late as that with its timers. */
const SLEPT_MS = 1_000;

/**
 * How much more time is granted if a deadline was looked at so late. Then the machine slept, and
 * what was awaited may be waiting in turn: for as long as that, one more interval at the most.
 */
export function grace(lateMs: number, intervalMs: number): number {
  // The wheel itself may be a tick late.
  return lateMs > Math.min(intervalMs, SLEPT_MS) + TICK_MS ? Math.min(lateMs, intervalMs) : 0;
}

/** The one moment at which its owner wants to be told next. */
export abstract class Deadline {
  /** @internal The wheel's note of when it comes up; what stands in a slot for another tick counts for nothing. */
  tick: number = NO_TICK;

  /** By which it goes. */
  abstract get clock(): Clock;

  /** When it wants to be told; `NEVER` if not at all. */
  abstract get nextMs(): number;

  /** The moment has come; though another that was told in the same tick may have put it off since. */
  abstract due(nowMs: number): void;

  /** Makes sure that it is told in time, after `nextMs` may have become earlier. */
  watch(): void {
    if (this.tick === NO_TICK || tickOf(this.nextMs) < this.tick) {
      wheelOf(this.clock).set(this);
    }
  }

  /** It is not told any more, until the next `watch()`. */
  cancel(): void {
    wheelOf(this.clock).remove(this);
  }
}

const WHEELS = new WeakMap<Clock, Wheel>();

function wheelOf(clock: Clock): Wheel {
  let wheel = WHEELS.get(clock);
  if (wheel === undefined) {
    wheel = new Wheel(clock);
    WHEELS.set(clock, wheel);
  }
  return wheel;
}

function tickOf(atMs: number): number {
  return Math.ceil(atMs / TICK_MS);
}

class Wheel {
  readonly #clock: Clock;
  /** Lists, not links: what is told is then all that is touched, and idle sessions are seldom in a cache. */
  readonly #slots: (Deadline[] | undefined)[] = new Array(SLOTS).fill(undefined);
  /** How many are set. */
  #count = 0;
  /** How many places are taken in the slots, with those that count for nothing any more. */
  #listed = 0;
  #armed: unknown;
  #armedTick = NEVER;
  /** The last tick that was looked at. */
  #tick: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#tick = Math.floor(clock.now() / TICK_MS);
  }

  set(deadline: Deadline): void {
    this.#place(deadline, tickOf(deadline.nextMs));
  }

  #place(deadline: Deadline, tick: number): void {
    if (tick === NEVER) {
      this.remove(deadline);
      return;
    }
    if (deadline.tick === NO_TICK) this.#count++;
    // Nothing is due in a tick that has passed: it would wait for a whole turn.
    deadline.tick = Math.max(tick, this.#tick + 1);
    this.#list(deadline);
    this.#arm(deadline.tick);
  }

  /** Its place in a slot is left as it is, and passed over when the slot comes up. */
  remove(deadline: Deadline): void {
    if (deadline.tick === NO_TICK) return;
    deadline.tick = NO_TICK;
    this.#count--;
    if (this.#count > 0) {
      this.#tidy();
      return;
    }
    // An armed timer would keep a process alive that has nothing left to wait for.
    this.#disarm();
    this.#slots.fill(undefined);
    this.#listed = 0;
  }

  /**
   * Sessions that have ended must not be kept by places that count for nothing: however fast peers
   * come and go, there are no more of these than of the others, or a few. Each costs a step.
   */
  #tidy(): void {
    if (this.#listed - this.#count <= Math.max(this.#count, FEW)) return;
    this.#listed = 0;
    for (const [slot, listed] of this.#slots.entries()) {
      if (listed === undefined) continue;
      const kept = listed.filter(({ tick }) => tick !== NO_TICK && tick % SLOTS === slot);
      this.#slots[slot] = kept.length === 0 ? undefined : kept;
      this.#listed += kept.length;
    }
  }

  #arm(tick: number): void {
    if (tick >= this.#armedTick) return;
    this.#disarm();
    this.#armedTick = tick;
    const ms = Math.min(Math.max(0, tick * TICK_MS - this.#clock.now()), LONGEST_MS);
    this.#armed = this.#clock.setTimeout(() => this.#turn(), ms);
  }

  #disarm(): void {
    if (this.#armedTick === NEVER) return;
    this.#clock.clearTimeout(this.#armed);
    this.#armedTick = NEVER;
  }

  #turn(): void {
    this.#armedTick = NEVER;
    const failures: unknown[] = [];
    const nowMs = this.#clock.now();
    const now = Math.floor(nowMs / TICK_MS);
    // After a long sleep every slot is looked at once, not once for each turn that was missed.
    const from = Math.max(this.#tick + 1, now - SLOTS + 1);
    this.#tick = Math.max(now, this.#tick);
    for (let tick = from; tick <= now; tick++) this.#fire(tick % SLOTS, now, nowMs, failures);
    this.#arm(this.#nextTick());
    if (failures.length > 0) throw failures[0];
  }

  #fire(slot: number, now: number, nowMs: number, failures: unknown[]): void {
    const listed = this.#slots[slot];
    if (listed === undefined) return;
    this.#slots[slot] = undefined;
    this.#listed -= listed.length;
    // In three steps, because most are in no cache, and a processor fetches many at once where it has
    // next to nothing to do with each.
    const come: Deadline[] = [];
    for (const deadline of listed) {
      const { tick } = deadline;
      if (tick === NO_TICK) continue;
      if (tick <= now) come.push(deadline);
      // Due in a later turn; or listed in another slot by now.
      else if (tick % SLOTS === slot) this.#list(deadline);
    }
    const due: Deadline[] = [];
    for (const deadline of come) {
      const { nextMs } = deadline;
      if (nextMs <= nowMs) due.push(deadline);
      // Traffic has put it off.
      else this.#place(deadline, tickOf(nextMs));
    }
    for (const deadline of due) {
      // Those that were told before may have cancelled it, or set it anew.
      if (deadline.tick !== NO_TICK && deadline.tick <= now) this.#tell(deadline, nowMs, failures);
    }
  }

  #list(deadline: Deadline): void {
    const slot = deadline.tick % SLOTS;
    const listed = this.#slots[slot];
    if (listed === undefined) this.#slots[slot] = [deadline];
    else listed.push(deadline);
    this.#listed++;
  }

  #tell(deadline: Deadline, nowMs: number, failures: unknown[]): void {
    try {
      deadline.due(nowMs);
    } catch (error) {
      failures.push(error);
    }
    this.set(deadline);
  }

  /** The tick of the next slot that holds anything; a slot may hold nothing but what is due in a later turn. */
  #nextTick(): number {
    if (this.#count === 0) return NEVER;
    let tick = this.#tick + 1;
    while (this.#slots[tick % SLOTS] === undefined) tick++;
    return tick;
  }
}
