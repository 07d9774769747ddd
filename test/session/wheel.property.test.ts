import fc from "fast-check";
import { ManualClock } from "stomp-engine/testing";
import { expect, test } from "vitest";
import { NEVER, TICK_MS } from "../../src/session/clock.ts";
import { Deadline, type Moment, type Wheel, wheelOf } from "../../src/session/wheel.ts";

/** What is done to one of the deadlines. */
type Step =
  | { readonly kind: "move"; readonly who: number; readonly moment: Moment; readonly ms: number }
  | { readonly kind: "put off"; readonly who: number; readonly moment: Moment; readonly ms: number }
  | { readonly kind: "cancel"; readonly who: number }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "jump"; readonly ms: number };

const WHO = fc.nat(5);
const MOMENT = fc.constantFrom<Moment>(0, 1, 2);
// Around ticks, around a turn of the wheel, and in the past.
const MS = fc.oneof(fc.integer({ min: -100, max: 400 }), fc.integer({ min: 25_400, max: 52_000 }));
const LATER = fc.oneof(fc.nat(60), fc.nat(30_000));
const STEPS: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("move"),
    who: WHO,
    moment: MOMENT,
    ms: fc.oneof(MS, fc.constant(NEVER)),
  }),
  fc.record({ kind: fc.constant("put off"), who: WHO, moment: MOMENT, ms: LATER }),
  fc.record({ kind: fc.constant("cancel"), who: WHO }),
  fc.record({ kind: fc.constant("advance"), ms: LATER }),
  fc.record({ kind: fc.constant("jump"), ms: fc.nat(60_000) }),
);

const LONG: fc.ArrayConstraints = { maxLength: 100, size: "max" };

/** A deadline, and beside it what there is to know of it. */
class Modelled extends Deadline {
  readonly wheel: Wheel;
  readonly moments = [NEVER, NEVER, NEVER];
  movedMs = NEVER;
  toldMs = NEVER;
  /** What is done while it is told. */
  onDue: () => void = () => {};

  constructor(clock: ManualClock) {
    super();
    this.wheel = wheelOf(clock);
  }

  get firstMs(): number {
    return Math.min(...this.moments);
  }

  take(step: Step, nowMs: number): void {
    this.movedMs = nowMs;
    if (step.kind === "move") {
      this.moments[step.moment] = nowMs + step.ms;
      this.move(step.moment, nowMs + step.ms);
    } else if (step.kind === "put off" && this.moments[step.moment] !== NEVER) {
      this.moments[step.moment] = (this.moments[step.moment] as number) + step.ms;
      this.putOff(step.moment, this.moments[step.moment] as number);
    } else if (step.kind === "cancel") {
      this.moments.fill(NEVER);
      this.cancel();
    }
    expect([0, 1, 2].map((moment) => this.at(moment as Moment))).toEqual(this.moments);
  }

  override due(nowMs: number): void {
    expect(nowMs).not.toBe(this.toldMs);
    // Others that were told in the same tick may have moved it.
    if (this.movedMs !== nowMs) expect(this.firstMs).toBeLessThanOrEqual(nowMs);
    this.toldMs = nowMs;
    for (const moment of [0, 1, 2] as const) {
      if ((this.moments[moment] as number) <= nowMs)
        this.take({ kind: "move", who: 0, moment, ms: NEVER }, nowMs);
    }
    this.onDue();
  }
}

test("deadlines are told within a tick, never early, never after they were cancelled", () => {
  fc.assert(
    fc.property(fc.array(STEPS, LONG), fc.array(STEPS, LONG), (steps, within) => {
      const clock = new ManualClock();
      const all = Array.from({ length: 6 }, () => new Modelled(clock));
      let next = 0;
      const take = (step: Step) => {
        if ("who" in step) all[step.who]?.take(step, clock.now());
      };
      for (const each of all) {
        each.onDue = () => {
          const step = within[next++];
          if (step !== undefined) take(step);
        };
      }
      for (const step of steps) {
        if (step.kind === "advance") clock.advance(step.ms);
        else if (step.kind === "jump") clock.jump(step.ms);
        else take(step);
        const now = clock.now();
        const isOverdue = ({ firstMs, movedMs }: Modelled) =>
          Math.max(firstMs, movedMs) <= now - TICK_MS;
        expect(all.filter(isOverdue)).toEqual([]);
        expect(clock.pending).toBeLessThanOrEqual(1);
        if (all.some(({ firstMs }) => firstMs !== NEVER)) expect(clock.pending).toBe(1);
      }
      for (const each of all) each.take({ kind: "cancel", who: 0 }, 0);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 1_000 },
  );
});
