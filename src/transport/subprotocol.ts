/** The names that STOMP's versions have as WebSocket subprotocols. */

import { inOrder, VERSIONS, type Version } from "../protocol/version.ts";

/** What a WebSocket handshake calls a version of STOMP. */
export type Subprotocol = "v10.stomp" | "v11.stomp" | "v12.stomp";

const NAMES: Readonly<Record<Version, Subprotocol>> = {
  "1.0": "v10.stomp",
  "1.1": "v11.stomp",
  "1.2": "v12.stomp",
};

/**
 * What a client offers in its handshake, best first: `new WebSocket(url, subprotocols())`.
 *
 * @param versions Those that the client can speak; all by default.
 */
export function subprotocols(versions: readonly Version[] = VERSIONS): Subprotocol[] {
  return inOrder(versions)
    .map((version) => NAMES[version])
    .reverse();
}

/**
 * What a server answers to a client's handshake: the best version that both can speak.
 * With `ws`: `handleProtocols: (offered) => chooseSubprotocol(offered) ?? false`.
 *
 * @param offered The header `Sec-WebSocket-Protocol`, or the names in it; names that are not STOMP's are passed over.
 * @param versions Those that the server can speak; all by default.
 * @returns undefined if nothing fits: the handshake is to be refused.
 */
export function chooseSubprotocol(
  offered: string | Iterable<string> | undefined,
  versions: readonly Version[] = VERSIONS,
): Subprotocol | undefined {
  const lines = typeof offered === "string" ? [offered] : [...(offered ?? [])];
  const names = lines.flatMap((line) => line.split(",")).map((name) => name.trim());
  return subprotocols(versions).find((name) => names.includes(name));
}

/** The version that a negotiated subprotocol stands for; undefined if it is none of STOMP's. */
export function subprotocolVersion(subprotocol: string): Version | undefined {
  return VERSIONS.find((version) => NAMES[version] === subprotocol);
}

/**
 * The versions left after the handshake: the negotiated one alone, if there is one.
 *
 * @param subprotocol What `WebSocket.protocol` says; empty if nothing was negotiated.
 * @param versions What the session was told; all by default.
 */
export function negotiatedVersions<Versions extends readonly Version[] | undefined>(
  subprotocol: string,
  versions: Versions,
): Versions | readonly Version[] {
  const negotiated = subprotocolVersion(subprotocol);
  return negotiated === undefined
    ? versions
    : (versions ?? VERSIONS).filter((version) => version === negotiated);
}
