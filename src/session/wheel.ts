/**
 * The wheel that keeps the deadlines of all sessions on one clock.
 *
 * A session owns no timer. It has a few moments at which something may be due, and is told when the
 * first of them has come. Traffic only moves moments: the wheel finds out when it looks at the old
 * one. So a frame costs a number that is written, and a hundred thousand idle sessions one timer.
 *
 * The moments of all sessions lie side by side, because idle sessions are in no cache: a look at one
 * that nothing is due for touches one line of memory, and nothing of the session.
 */

import { type Clock, LONGEST_MS, NEVER, TICK_MS } from "./clock.ts";

/** Which of its moments a deadline means; what each is for, its owner knows. */
export type Moment = 0 | 1 | 2;

/** What wants to be told when the first of its moments has come. */
export abstract class Deadline {
  /** @internal Where its moments are on the wheel. */
  place: number = NOWHERE;

  /** On which it is, or may come to be. */
  abstract get wheel(): Wheel;

  /** A moment had come; another that was told in the same tick may have moved it since. */
  abstract due(nowMs: number): void;

  /** Moves a moment to any other; to `NEVER` if there is none. */
  protected move(moment: Moment, atMs: number): void {
    this.wheel.move(this, moment, atMs);
  }

  /**
   * Moves a moment to a later one, which takes no more than to write it: the wheel would not notice
   * an earlier one. Does nothing if no moment is set.
   */
  protected putOff(moment: Moment, atMs: number): void {
    if (this.place !== NOWHERE) this.wheel.write(this.place, moment, atMs);
  }

  /** When a moment comes. */
  protected at(moment: Moment): number {
    return this.place === NOWHERE ? NEVER : this.wheel.read(this.place, moment);
  }

  /** Takes all moments back. */
  protected cancel(): void {
    this.wheel.remove(this);
  }
}

const WHEELS = new WeakMap<Clock, Wheel>();

/** The wheel of a clock. */
export function wheelOf(clock: Clock): Wheel {
  let wheel = WHEELS.get(clock);
  if (wheel === undefined) {
    wheel = new Wheel(clock);
    WHEELS.set(clock, wheel);
  }
  return wheel;
}

const NOWHERE = -1;

/** What is kept of each: its moments, and the tick in which it is looked at. */
const TICK = 3;
const EACH = 4;

const NO_TIMES = new Float64Array(0);
const FIRST_PLACES = 16;

/** The slots of the wheel, a power of two. What is further away than a turn stays in its slot for another. */
const SLOTS = 512;

/** So many entries in the slots may count for nothing in any case. */
const FEW = 1_024;

/** Nothing is armed while the wheel turns: what is needed is known when it has. */
const TURNING = Number.NEGATIVE_INFINITY;

/** Keeps deadlines. */
export class Wheel {
  readonly #clock: Clock;
  /** By place, `EACH` numbers; for as many places as were ever taken at once, until all are free. */
  #times: Float64Array = NO_TIMES;
  /** By place. */
  #deadlines: (Deadline | undefined)[] = [];
  /** Places that were taken once, and are not any more. */
  #free: number[] = [];
  /** Places that are to be looked at; those that are to be in another tick by now count for nothing. */
  readonly #slots: (number[] | undefined)[] = new Array(SLOTS).fill(undefined);
  /** How many entries there are in the slots, with those that count for nothing. */
  #listed = 0;
  #armed: unknown;
  #armedTick = NEVER;
  /** The last tick that was looked at. */
  #tick: number = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @internal For `Deadline`. */
  move(deadline: Deadline, moment: Moment, atMs: number): void {
    if (deadline.place === NOWHERE) {
      if (atMs === NEVER) return;
      this.#take(deadline);
    }
    this.write(deadline.place, moment, atMs);
    const tick = tickOf(atMs);
    if (tick >= this.read(deadline.place, TICK)) return;
    this.#list(deadline.place, tick);
    this.#tidy();
  }

  /** @internal For `Deadline`. */
  read(place: number, which: Moment | typeof TICK): number {
    return this.#times[place * EACH + which] as number;
  }

  /** @internal For `Deadline`. */
  write(place: number, which: Moment | typeof TICK, time: number): void {
    this.#times[place * EACH + which] = time;
  }

  /** @internal For `Deadline`. What is left of it in the slots is passed over when their turn comes. */
  remove(deadline: Deadline): void {
    const { place } = deadline;
    if (place === NOWHERE) return;
    deadline.place = NOWHERE;
    this.write(place, TICK, NEVER);
    this.#deadlines[place] = undefined;
    this.#free.push(place);
    if (this.#count === 0) this.#clear();
  }

  /** How many deadlines there are. */
  get #count(): number {
    return this.#deadlines.length - this.#free.length;
  }

  #take(deadline: Deadline): void {
    const place = this.#free.pop() ?? this.#deadlines.length;
    const start = place * EACH;
    if (start === this.#times.length) this.#grow();
    this.#times.fill(NEVER, start, start + EACH);
    this.#deadlines[place] = deadline;
    deadline.place = place;
  }

  #grow(): void {
    const times = new Float64Array(Math.max(2 * this.#times.length, FIRST_PLACES * EACH));
    times.set(this.#times);
    this.#times = times;
  }

  /** Nothing is waited for any more: an armed timer would keep the process alive. */
  #clear(): void {
    this.#disarm();
    this.#slots.fill(undefined);
    this.#listed = 0;
    this.#times = NO_TIMES;
    this.#deadlines = [];
    this.#free = [];
  }

  /**
   * However fast moments come and go, no more entries count for nothing than a quarter of the
   * deadlines, or a few: that is some steps for each. A place that was taken again in the tick for
   * which it was listed before is there twice.
   */
  #tidy(): void {
    if (this.#listed - this.#count <= Math.max(this.#count / 4, FEW)) return;
    this.#listed = 0;
    for (const [slot, listed] of this.#slots.entries()) {
      if (listed === undefined) continue;
      const kept = [...new Set(listed)].filter((place) =>
        this.#isListedIn(slot, this.read(place, TICK)),
      );
      this.#slots[slot] = kept.length === 0 ? undefined : kept;
      this.#listed += kept.length;
    }
  }

  #isListedIn(slot: number, tick: number): boolean {
    return tick < NEVER && slotOf(tick) === slot;
  }

  #arm(tick: number): void {
    if (tick >= this.#armedTick) return;
    this.#disarm();
    const ms = Math.min(Math.max(0, tick * TICK_MS - this.#clock.now()), LONGEST_MS);
    this.#armed = this.#clock.setTimeout(() => this.#turn(), ms);
    this.#armedTick = tick;
  }

  #disarm(): void {
    if (!Number.isFinite(this.#armedTick)) return;
    this.#clock.clearTimeout(this.#armed);
    this.#armedTick = NEVER;
  }

  #turn(): void {
    this.#armedTick = NEVER;
    const nowMs = this.#clock.now();
    this.#armedTick = TURNING;
    const failures: unknown[] = [];
    const now = Math.floor(nowMs / TICK_MS);
    // After a long sleep every slot is looked at once, not once for each turn that was missed.
    const from = Math.max(this.#tick + 1, now - SLOTS + 1);
    this.#tick = Math.max(now, this.#tick);
    for (let tick = from; tick <= now; tick++) {
      for (const place of this.#come(slotOf(tick), nowMs)) this.#tell(place, nowMs, failures);
    }
    this.#armedTick = NEVER;
    this.#arm(this.#nextTick());
    if (failures.length > 0) throw failures[0];
  }

  /** Empties a slot. @returns The places of which a moment has come. */
  #come(slot: number, nowMs: number): readonly number[] {
    const come: number[] = [];
    const listed = this.#slots[slot];
    if (listed === undefined) return come;
    this.#slots[slot] = undefined;
    this.#listed -= listed.length;
    for (const place of listed) {
      const tick = this.read(place, TICK);
      if (tick <= this.#tick) {
        if (this.#nextMs(place) <= nowMs) come.push(place);
        // Traffic has put it off.
        else this.#listNext(place);
      } else if (this.#isListedIn(slot, tick)) {
        this.#list(place, tick);
      }
    }
    return come;
  }

  #tell(place: number, nowMs: number, failures: unknown[]): void {
    // Those that were told before may have cancelled it, or set it anew.
    const deadline = this.#deadlines[place];
    if (deadline === undefined || this.read(place, TICK) > this.#tick) return;
    try {
      deadline.due(nowMs);
    } catch (error) {
      failures.push(error);
    }
    if (deadline.place === place) this.#listNext(place);
  }

  #listNext(place: number): void {
    const nextMs = this.#nextMs(place);
    if (nextMs === NEVER) this.remove(this.#deadlines[place] as Deadline);
    else this.#list(place, tickOf(nextMs));
  }

  #nextMs(place: number): number {
    return Math.min(this.read(place, 0), this.read(place, 1), this.read(place, 2));
  }

  #list(place: number, tick: number): void {
    // Nothing is due in a tick that has passed: it would wait for a whole turn.
    const listedTick = Math.max(tick, this.#tick + 1);
    this.write(place, TICK, listedTick);
    const slot = slotOf(listedTick);
    const listed = this.#slots[slot];
    if (listed === undefined) this.#slots[slot] = [place];
    else listed.push(place);
    this.#listed++;
    this.#arm(listedTick);
  }

  /** The tick of the next slot that holds anything; a slot may hold nothing but what is due in a later turn. */
  #nextTick(): number {
    for (let ahead = 1; ahead <= SLOTS; ahead++) {
      if (this.#slots[slotOf(this.#tick + ahead)] !== undefined) return this.#tick + ahead;
    }
    return NEVER;
  }
}

function tickOf(atMs: number): number {
  return Math.ceil(atMs / TICK_MS);
}

function slotOf(tick: number): number {
  return tick & (SLOTS - 1);
}
