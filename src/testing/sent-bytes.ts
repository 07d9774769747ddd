/** What one side sends, as the lines of a transcript. */

import type { Frame } from "../protocol/frame.ts";
import { FrameParser } from "../protocol/parser.ts";
import { isVersion, type Version } from "../protocol/version.ts";
import { UNLIMITED } from "../session/observation.ts";
import { frameLine, quotedBytes } from "./lines.ts";

/** Reads the bytes of one side. */
export class SentBytes {
  #parser: FrameParser = parserOf(undefined);
  #version: Version | undefined;

  /** What the two sides have agreed on; by it frames are read from now on. */
  get version(): Version | undefined {
    return this.#version;
  }

  set version(version: Version) {
    if (version === this.#version) return;
    this.#version = version;
    this.#parser.version = version;
  }

  /** @returns A line for each frame that is complete now; for a heart-beat; for what cannot be a frame. */
  read(bytes: Uint8Array): string[] {
    const before = this.#parser.unfinished;
    const lines: string[] = [];
    this.#parser.push(bytes);
    try {
      for (let frame = this.#parser.next(); frame !== undefined; frame = this.#parser.next()) {
        lines.push(frameLine(frame));
        if (frame.command === "CONNECTED") this.version = versionOf(frame);
      }
    } catch {
      this.#parser = parserOf(this.#version);
      lines.push(quotedBytes(bytes));
    }
    // An end-of-line behind a frame is none of its own.
    const quiet = lines.length === 0 && !before && !this.#parser.unfinished;
    return quiet ? ["⏎".repeat(bytes.length)] : lines;
  }
}

/** A test may send what no limit allows. */
function parserOf(version: Version | undefined): FrameParser {
  return new FrameParser({ version, limits: UNLIMITED, introducing: version === undefined });
}

function versionOf({ headers }: Frame): Version {
  const version = headers.get("version") ?? "1.0";
  return isVersion(version) ? version : "1.2";
}
