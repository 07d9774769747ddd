/** What a runtime is asked to do by `npm run interop`, and how it answers: over HTTP, as all of them can. */

import type { Peer } from "../client/peer.ts";
import { Report } from "../report.ts";

/** Where the checks are run: a program of its own, or a place in a browser. */
export interface Errand {
  readonly broker: Omit<Peer, "freeze" | "thaw">;
  /** The names of the checks to run. */
  readonly wanted: readonly string[];
}

/** Where a WebSocket is refused: there is nothing but HTTP. */
export const refusing = (base: string): string => `${base.replace("http", "ws")}refused`;

/**
 * Fetches the errand of a place, runs it, and tells line by line.
 *
 * @param base Where `npm run interop` listens, with a slash at the end.
 * @param show Also gets every line.
 */
export async function runErrand(
  base: string,
  place: string,
  run: (report: Report, broker: Peer, json: (path: string) => Promise<unknown>) => Promise<void>,
  show: (line: string) => void = () => undefined,
): Promise<void> {
  const json = async (path: string): Promise<unknown> => {
    const response = await fetch(base + path);
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return await response.json();
  };
  const post = async (path: string, body = "") => {
    await fetch(base + path, { method: "POST", body });
  };
  // One after the other, so that they arrive in order.
  let told = Promise.resolve();
  const tell = (line: string) => {
    show(line);
    told = told.then(() => post(`said/${place}`, line));
  };
  const { broker, wanted } = (await json(`errand/${place}`)) as Errand;
  const names = new Set(wanted);
  const report = new Report((name) => names.has(name), tell);
  try {
    const peer = { ...broker, freeze: () => post("freeze"), thaw: () => post("thaw") };
    await run(report, peer, json);
    report.close();
  } catch (error) {
    tell(`failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  await told;
  await post(`done/${place}`);
}
