/** Whether the Content-Security-Policy that a page is under was violated. */

import type { Checks } from "../report.ts";

/** A policy that is not in force would not be violated either: so in the end one violation is made. */
export async function checkPolicy(checks: Checks, violations: readonly string[]): Promise<void> {
  await checks.check(
    "the Content-Security-Policy holds, and nothing runs up against it",
    async () => {
      if (violations.length > 0) throw new Error(violations.join(", "));
      let made: unknown;
      try {
        made = Reflect.construct(Function, ["return 1"]);
      } catch {
        // As it should be.
      }
      if (made !== undefined) throw new Error("code can be made of strings");
      // The event comes in a task of its own.
      for (let turn = 0; turn < 100 && violations.length === 0; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      if (violations.join() !== "script-src eval")
        throw new Error(`told: ${violations.join(", ")}`);
    },
  );
}
