/**
 * What we make of bytes that the specifications leave open, or on which implementations differ:
 * one row for every vector that is not strict. "as written" is what the vector itself expects.
 */

import type { ProtocolErrorCode } from "../../src/errors.ts";

export interface Decision {
  outcome: "as written" | "incomplete" | ProtocolErrorCode | { headers: [string, string][] };
  why: string;
}

// biome-ignore format: one row a decision
export const DECODING: Readonly<Record<string, Decision>> = {
  v006: { outcome: "invalid-content-length", why: "a length that is no length hides where the frame ends: reading on would smuggle" },
  v025: { outcome: "as written", why: "content types are the application's" },
  v059: { outcome: "body-not-allowed", why: "only SEND, MESSAGE and ERROR may have a body" },
  v064: { outcome: { headers: [["hdr\\\\rname", "hdr\\\\rval"]] }, why: "CONNECT is never unescaped" },
  v074: { outcome: "malformed-frame", why: "only line ends may come between frames; skipping a NUL hides that the two sides disagree" },
  v076: { outcome: "as written", why: "the parser does not judge commands, the session does" },
  v090: { outcome: "body-not-allowed", why: "commands are case sensitive, and an unknown one may not have a body" },
  v100: { outcome: "as written", why: "trimming is decided after negotiation, by the session" },
  v102: { outcome: "malformed-header", why: "a header name has at least one octet" },
  v103: { outcome: "as written", why: "the first of repeated headers counts in every version" },
  v120: { outcome: "as written", why: "1.0 does not forbid it" },
  v123: { outcome: "as written", why: "before 1.2 a carriage return is data" },
  v129: { outcome: { headers: [["fenêtre", "¿qué tal?"]] }, why: "headers are UTF-8 in 1.0 too: nothing else is sent" },
  v141: { outcome: { headers: [["destination", ":queue"]] }, why: "brokers send unescaped colons; refused with `strict`" },
  v205: { outcome: "incomplete", why: "the parser does not know that the stream has ended; the session asks it" },
  v216: { outcome: "undefined-escape", why: "the specification wants it to be fatal" },
  v223: { outcome: "malformed-header", why: "the frame has no end of its headers: guessing one would lose headers" },
  v224: { outcome: "malformed-header", why: "the same" },
  v229: { outcome: "as written", why: "1.0 pads: the length must be understood where the body ends" },
  v236: { outcome: "malformed-frame", why: "in 1.0 a carriage return is data, which a command may not have; before the version is known, sessions read by 1.2" },
  v254: { outcome: "as written", why: "brokers send unescaped colons; refused with `strict`" },
  v273: { outcome: "invalid-content-length", why: "1.2 never trims" },
  v274: { outcome: "invalid-content-length", why: "1.2 never trims" },
  v275: { outcome: "as written", why: "a leading zero changes nothing" },
  v276: { outcome: "invalid-content-length", why: "digits only" },
  v285: { outcome: "invalid-utf8", why: "with a replacement character two destinations could become one" },
  v291: { outcome: "limit-exceeded", why: "longer than the default of maxLineBytes" },
  v293: { outcome: "malformed-header", why: "a NUL there means that a blank line was lost" },
  v294: { outcome: "malformed-frame", why: "a command has no spaces" },
  v300: { outcome: "as written", why: "trimming is the session's" },
  v301: { outcome: "as written", why: "trimming is the session's" },
  v302: { outcome: "as written", why: "trimming is the session's" },
  v303: { outcome: "as written", why: "trimming is the session's" },
  v305: { outcome: "as written", why: "trimming is the session's" },
  v306: { outcome: "as written", why: "printed so in the specification" },
  v307: { outcome: "as written", why: "printed so in the specification" },
  v308: { outcome: "as written", why: "trimming is the session's" },
  v310: { outcome: "as written", why: "trimming is the session's" },
};

// biome-ignore format: one row a decision
export const ENCODING: Readonly<Record<string, Decision>> = {
  v151: { outcome: "as written", why: "before 1.2 a carriage return is data, out as in" },
  v153: { outcome: "unencodable", why: "a line feed that nothing escapes would inject a header" },
  v155: { outcome: "unencodable", why: "the same" },
};
