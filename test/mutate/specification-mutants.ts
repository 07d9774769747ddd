/** Mutants against section A of the checklist. */

import type { Mutant } from "./mutants.ts";

// biome-ignore format: one row a mutant
export const SPECIFICATION_MUTANTS: readonly Mutant[] = [
  { rule: "A01", tests: "framing", file: "protocol/parser.ts", text: "this.endOfLines++;", replacement: "" },
  { rule: "A02", tests: "framing", file: "protocol/header-block.ts", text: "return carriageReturn && this.rules.dialect.carriageReturns ? lineEnd - 1 : lineEnd;", replacement: "return carriageReturn ? lineEnd - 1 : lineEnd;" },
  { rule: "A03", tests: "framing", file: "protocol/headers.ts", text: "if (!positions.has(name)) positions.set(name, position);", replacement: "positions.set(name, position);" },
];
