/** Tests by the rule that they are about: the checklist is put together from their names. */

import { test } from "vitest";
import type { Version } from "../../src/protocol/version.ts";
import { takeLargestGrowth } from "./memory.ts";
import type { Part, RuleId } from "./rules.ts";

declare module "vitest" {
  interface TaskMeta {
    /** By how much memory grew beyond what the limits allow, where that was measured. */
    growthBytes?: number | undefined;
  }
}

/**
 * One test for each version: `A08 [1.1] parser: \r is undefined`.
 *
 * @param part What of the engine is tested.
 * @param title What it does that the rule wants.
 */
export function rule(
  id: RuleId,
  versions: readonly Version[],
  part: Part,
  title: string,
  body: (version: Version) => unknown,
): void {
  for (const version of versions) {
    test(`${id} [${version}] ${part}: ${title}`, async ({ task }) => {
      await body(version);
      task.meta.growthBytes = takeLargestGrowth();
    });
  }
}
