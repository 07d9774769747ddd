/** What the benchmark says to the process of a contender, and what that answers. */

export type Order =
  | {
      readonly kind: "prepare";
      readonly workload: string;
      readonly contender: string;
      readonly mixed: boolean;
    }
  | { readonly kind: "round"; readonly ms: number };

export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "absent"; readonly reason: string }
  | { readonly kind: "timed"; readonly unitsPerSecond: number }
  | { readonly kind: "failed"; readonly reason: string };
