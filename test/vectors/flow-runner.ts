/** Plays the flows of flows.json against a broker. */

import { setTimeout as sleep } from "node:timers/promises";
import {
  escaped,
  PATIENCE_MS,
  type Wire,
  type WireFrame,
  type WireVersion,
} from "../examples/wire.ts";

type HeaderExpectation = string | { readonly re: string } | { readonly present: true };

export interface ExpectedFrame {
  readonly command: string;
  readonly headers: Readonly<Record<string, HeaderExpectation>>;
  readonly body?: string;
  readonly absent?: readonly string[];
  readonly capture?: Readonly<Record<string, string>>;
}

export interface Step {
  readonly c?: number;
  readonly send?: string;
  readonly expect?: readonly ExpectedFrame[];
  readonly expectNone?: number;
  readonly expectClose?: boolean;
  readonly expectEol?: number;
  readonly withinMs?: number;
  readonly drop?: boolean;
  readonly sleep?: number;
}

export interface Flow {
  readonly id: string;
  readonly name: string;
  readonly version: WireVersion;
  readonly steps: readonly Step[];
  readonly strict: boolean;
  readonly timers?: boolean;
}

/**
 * The broker runs in this very process and answers within the turn in which it reads, so what has
 * not come after this long does not come; the times in the flows allow for a broker elsewhere.
 */
const SILENCE_MS = 80;
/** For the end of a socket to have been noticed. */
const NOTICED_MS = 30;

/** Runs the steps, each connection opened when it is first named. */
export async function runFlow(
  steps: readonly Step[],
  version: WireVersion,
  variables: Map<string, string>,
  open: () => Promise<Wire>,
): Promise<void> {
  const wires = new Map<number, Wire>();
  try {
    for (const [index, step] of steps.entries()) {
      await runStep(step).catch((error: unknown) => {
        throw new Error(`step ${index}: ${error instanceof Error ? error.message : error}`);
      });
    }
  } finally {
    for (const wire of wires.values()) wire.vanish();
  }

  async function runStep(step: Step): Promise<void> {
    if (step.sleep !== undefined) {
      await sleep(NOTICED_MS);
      return;
    }
    const wire = wires.get(step.c ?? 1) ?? (await open());
    wires.set(step.c ?? 1, wire);
    if (step.send !== undefined) wire.send(filled(step.send, version, variables));
    if (step.expect !== undefined) await expectFrames(wire, step.expect);
    if (step.expectNone !== undefined) await expectNone(wire);
    if (step.expectClose === true) await wire.takeClose(step.withinMs);
    if (step.expectEol !== undefined) {
      await wire.until(() => wire.beats >= (step.expectEol ?? 1), step.withinMs ?? PATIENCE_MS);
    }
    if (step.drop === true) wire.vanish();
  }

  async function expectFrames(wire: Wire, expected: readonly ExpectedFrame[]): Promise<void> {
    const wanted = expected.map((each) => JSON.stringify(each)).join(", ");
    const taken = await wire.takeWhere((frames) => placesOf(expected, frames), PATIENCE_MS, wanted);
    for (const [index, frame] of taken.entries()) {
      for (const [header, variable] of Object.entries(expected[index]?.capture ?? {})) {
        variables.set(variable, frame.headers.get(header) ?? "");
      }
    }
  }

  /** Where the expected frames are; undefined as long as one is missing. */
  function placesOf(
    expected: readonly ExpectedFrame[],
    frames: readonly WireFrame[],
  ): readonly number[] | undefined {
    const places: number[] = [];
    for (const wanted of expected) {
      const place = candidates(wanted.command, frames, places).find((each) => {
        const frame = frames[each];
        return frame !== undefined && fits(frame, wanted);
      });
      if (place === undefined) return undefined;
      places.push(place);
    }
    return places;
  }

  function fits(frame: WireFrame, wanted: ExpectedFrame): boolean {
    const headers = Object.entries(wanted.headers).every(([name, value]) => {
      const actual = frame.headers.get(name);
      if (actual === undefined) return false;
      if (typeof value === "string") return actual === unfilled(value, variables);
      return "re" in value ? new RegExp(value.re).test(actual) : value.present;
    });
    const body = wanted.body === undefined || frame.body.toString() === wanted.body;
    return headers && body && !(wanted.absent ?? []).some((name) => frame.headers.has(name));
  }
}

/** The frames of this command that may be next: of each subscription only its earliest MESSAGE. */
function candidates(
  command: string,
  frames: readonly WireFrame[],
  taken: readonly number[],
): number[] {
  const subscriptions = new Set<string | undefined>();
  const places: number[] = [];
  for (const [place, frame] of frames.entries()) {
    if (frame.command !== command || taken.includes(place)) continue;
    const subscription = frame.headers.get("subscription");
    if (command === "MESSAGE" && subscriptions.has(subscription)) continue;
    subscriptions.add(subscription);
    places.push(place);
  }
  return places;
}

async function expectNone(wire: Wire): Promise<void> {
  await sleep(SILENCE_MS);
  if (wire.frames.length > 0) throw new Error(`expected nothing, got ${wire.describe()}`);
}

/** For the wire: captured ids are escaped again, what the flow says stands as it is. */
function filled(
  text: string,
  version: WireVersion,
  variables: ReadonlyMap<string, string>,
): string {
  return unfilled(text, variables, (name, value) =>
    /^[ma]\d+$/.test(name) ? escaped(value, version) : value,
  );
}

function unfilled(
  text: string,
  variables: ReadonlyMap<string, string>,
  write: (name: string, value: string) => string = (_, value) => value,
): string {
  return text
    .replaceAll("$Q", variables.get("Q") ?? "")
    .replace(/\$\{(\w+)\}/g, (_, name: string) => {
      const value = variables.get(name);
      if (value === undefined) throw new Error(`there is no ${name}`);
      return write(name, value);
    });
}
