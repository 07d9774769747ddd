/** By what rules frames are read. */

import type { Dialect } from "./dialect.ts";
import type { FrameLimits } from "./limits.ts";
import type { Predictor } from "./prediction.ts";
import type { Text } from "./utf8.ts";

/** All that parsers may differ in. */
export interface ReadingRules {
  readonly dialect: Dialect;
  readonly limits: Readonly<FrameLimits>;
  readonly strict: boolean;
  readonly copyBodies: boolean;
  /** What decodes headers. */
  readonly text: Text;
  /** What recognises header blocks. */
  readonly predictor: Predictor;
}

/** These rules, or others that are the same: a hundred thousand parsers have a few of them. */
export function shared(rules: ReadingRules): ReadingRules {
  const known = recent.find((other) => isSame(rules, other));
  // Those of the last ones that were asked for stay, for as long as anybody asks for them.
  if (known === undefined) recent.unshift(rules);
  else if (known !== recent[0]) recent = [known, ...recent.filter((other) => other !== known)];
  if (recent.length > MOST_SHARED) recent.pop();
  return known ?? rules;
}

const MOST_SHARED = 16;

let recent: ReadingRules[] = [];

function isSame(one: ReadingRules, other: ReadingRules): boolean {
  return (
    one.limits === other.limits &&
    one.dialect === other.dialect &&
    one.strict === other.strict &&
    one.copyBodies === other.copyBodies &&
    one.text === other.text &&
    one.predictor === other.predictor
  );
}
