/** What a process group costs, as Linux tells it. Elsewhere nothing is known. */

import { readdirSync, readFileSync } from "node:fs";

/** Processor time and memory of all processes of a group. */
export interface Usage {
  readonly cpuMs: number;
  readonly residentBytes: number;
}

const TICK_MS = 10;
const PAGE_BYTES = 4096;

/** @param group The process that leads the group, as `launch` of the interoperability tests starts it. */
export function usageOf(group: number): Usage | undefined {
  let cpuMs = 0;
  let residentBytes = 0;
  try {
    for (const name of readdirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const fields = fieldsOf(name);
      // Numbered as in proc(5), which counts from 1 and has two fields before these.
      if (Number(fields[5 - 3]) !== group) continue;
      cpuMs += (Number(fields[14 - 3]) + Number(fields[15 - 3])) * TICK_MS;
      residentBytes += Number(fields[24 - 3]) * PAGE_BYTES;
    }
  } catch {
    return undefined;
  }
  return { cpuMs, residentBytes };
}

/** The fields after the name of the program, which may hold spaces. */
function fieldsOf(pid: string): string[] {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, "latin1");
    return line.slice(line.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
