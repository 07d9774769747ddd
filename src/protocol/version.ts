/** The versions of STOMP, their order, and how two sides agree on one. */

/** A version of STOMP that this package speaks. */
export type Version = "1.0" | "1.1" | "1.2";

/** All versions, oldest first. */
export const VERSIONS: readonly Version[] = ["1.0", "1.1", "1.2"];

/** Whether a header value names a version that this package speaks. */
export function isVersion(value: string): value is Version {
  return (VERSIONS as readonly string[]).includes(value);
}

/** The same versions, oldest first and each once. */
export function inOrder(versions: readonly Version[]): readonly Version[] {
  return VERSIONS.filter((version) => versions.includes(version));
}

/**
 * The highest version that both sides speak; undefined if there is none.
 *
 * @param acceptVersion The client's `accept-version` header. A client that sends none speaks 1.0 only.
 * @param supported What the server speaks, in any order.
 * @param strict Without it, spaces around the entries are tolerated.
 * @see STOMP 1.2, "Protocol Negotiation"
 */
export function negotiate(
  acceptVersion: string | undefined,
  supported: readonly Version[],
  strict = false,
): Version | undefined {
  const offered = new Set((acceptVersion ?? "1.0").split(","));
  if (!strict) for (const entry of [...offered]) offered.add(entry.trim());
  return inOrder(supported)
    .filter((version) => offered.has(version))
    .at(-1);
}
