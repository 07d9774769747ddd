/** A figure against its goal, in words. */

import { digits } from "./figures.ts";

/** A goal that no more than so much is taken. */
export function atMost(figure: number, must: number, of: string): string {
  const goal = `<=${must} ${of}`;
  return figure <= must ? `${goal} ok` : `${goal} ABOVE by ${percent(figure / must - 1)}`;
}

/**
 * A goal that something is so many times as fast as @stomp/stompjs, or as someone else.
 *
 * @param ofFloor How many times as fast the floor is: where that is not enough either, nothing could be.
 */
export function atLeast(
  against: string,
  ratio: number,
  { must, stretch }: { readonly must: number; readonly stretch?: number },
  ofFloor: number = Number.POSITIVE_INFINITY,
): string {
  const goal = against === "stompjs" ? `>=${must}` : `>=${must} ${against}`;
  if (ratio < must) {
    const beyond = ofFloor < must ? ` (the floor: ${digits(ofFloor)})` : "";
    return `${goal} BELOW by ${percent(1 - ratio / must)}${beyond}`;
  }
  if (stretch === undefined) return `${goal} ok`;
  return ratio >= stretch
    ? `${goal} ok, ${stretch} reached`
    : `${goal} ok, ${stretch} below by ${percent(1 - ratio / stretch)}`;
}

function percent(share: number): string {
  return `${Math.max(1, Math.round(share * 100))} %`;
}
