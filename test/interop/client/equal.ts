/** The two comparisons that everything here is judged by. */

/** Of anything that JSON can tell, and undefined. */
export function equal(actual: unknown, expected: unknown, what = "got"): void {
  const [one, other] = [written(actual), written(expected)];
  if (one !== other) throw new Error(`${what} ${one} instead of ${other}`);
}

/** The same octets; if not, where the first difference is. */
export function equalBytes(actual: Uint8Array, expected: Uint8Array): void {
  equal(actual.length, expected.length, "bytes:");
  const at = actual.findIndex((octet, index) => octet !== expected[index]);
  if (at >= 0) equal(actual[at], expected[at], `at ${at} of ${actual.length} bytes`);
}

const written = (value: unknown) =>
  JSON.stringify(value, (_, each) => (each === undefined ? { nothing: "undefined" } : each));
