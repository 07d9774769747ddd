/**
 * What the application does with each frame, the same for every contender: reads the command, each
 * header by its name, and the ends of the body, and adds them up. The sum is checked in every pass,
 * so that nothing of the work can be optimised away.
 */

import type { PlainFrame } from "../workloads/frames.ts";
import { Absent } from "./contender.ts";

/** The names to read from the frames of one command. */
export interface Reading {
  readonly command: string;
  readonly names: readonly string[];
}

/** A frame as a contender delivered it, for the comparison before timing. */
export interface Delivered {
  readonly command: string;
  read(name: string): string | undefined;
  readonly body: Uint8Array;
}

/** What has to be read to have read everything. */
export function readingsOf(frames: readonly PlainFrame[]): readonly Reading[] {
  const readings = new Map<string, Set<string>>();
  for (const { command, headers } of frames) {
    const names = readings.get(command) ?? new Set();
    for (const [name] of headers) names.add(name);
    readings.set(command, names);
  }
  return Array.from(readings, ([command, names]) => ({ command, names: [...names] }));
}

/** The names to read from a frame of this command. */
export function namesFor(readings: readonly Reading[], command: string): readonly string[] {
  for (const reading of readings) if (reading.command === command) return reading.names;
  throw new Error(`A command that was never sent: ${command}`);
}

/** Adds a header value, or a body that is a string. */
export function addText(sum: number, text: string | undefined): number {
  if (text === undefined || text.length === 0) return sum;
  return (sum + text.length + text.charCodeAt(0) + text.charCodeAt(text.length - 1)) | 0;
}

/** Adds a body. */
export function addBytes(sum: number, bytes: Uint8Array): number {
  const length = bytes.length;
  if (length === 0) return sum;
  return (sum + length + (bytes[0] ?? 0) + (bytes[length - 1] ?? 0)) | 0;
}

/** The sum that a pass over these frames must come to. */
export function sumOf(frames: readonly PlainFrame[], readings: readonly Reading[]): number {
  let sum = 0;
  for (const frame of frames) {
    for (const name of namesFor(readings, frame.command)) {
      sum = addText(sum, firstValue(frame, name));
    }
    sum = addBytes(sum, frame.body);
  }
  return sum;
}

/** @throws {Absent} naming the first difference from what was sent. */
export function verify(
  expected: readonly PlainFrame[],
  delivered: readonly Delivered[],
  readings: readonly Reading[],
): void {
  if (delivered.length !== expected.length) {
    throw new Absent(`delivers ${delivered.length} of ${expected.length} frames`);
  }
  expected.forEach((frame, index) => {
    const got = delivered[index];
    if (got === undefined || got.command !== frame.command) throw new Absent("wrong command");
    for (const name of namesFor(readings, frame.command)) {
      if (got.read(name) !== firstValue(frame, name)) throw new Absent(`wrong header "${name}"`);
    }
    if (Buffer.compare(got.body, frame.body) !== 0) throw new Absent("wrong body");
  });
}

/** The value that counts where a header is repeated. */
export function firstValue(frame: PlainFrame, name: string): string | undefined {
  return frame.headers.find(([candidate]) => candidate === name)?.[1];
}
