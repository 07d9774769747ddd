import type { Rule } from "./rules.ts";
export const LIMITS: readonly Rule[] = [];
export const ADVISORIES: readonly Rule[] = [];
export const HOSTILE: readonly Rule[] = [];
