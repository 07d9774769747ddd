import type { Rule } from "./rules.ts";
export const ANCESTOR: readonly Rule[] = [];
export const QUIRKS: readonly Rule[] = [];
