/** Tests by the rule that they are about: the checklist is put together from their names. */

import { test } from "vitest";
import type { Version } from "../../src/protocol/version.ts";
import type { Part, RuleId } from "./rules.ts";

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
    test(`${id} [${version}] ${part}: ${title}`, async () => {
      await body(version);
    });
  }
}
