/**
 * webstomp-client: text in, text out, no unescaping.
 *
 * Its frames are not exported, and its sources are modules with extensionless imports, which Node
 * does not load: they are copied unchanged beside the compiled benchmark but for those imports.
 */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ParsingWorkload } from "../workloads/parsing.ts";
import { addText, type Delivered, namesFor, verify } from "./consume.ts";
import type { Prepared } from "./contender.ts";

interface WebstompFrame {
  readonly command: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The statics of its Frame class. */
export interface WebstompFrames {
  unmarshall(text: string): { frames: WebstompFrame[]; partial: string };
  marshall(command: string, headers: Record<string, string>, body: string): string;
}

/** Parses; the octets become text as in its client, but by the faster native way. */
export async function webstompParsing(workload: ParsingWorkload): Promise<Prepared> {
  const { readings, frames } = workload;
  const chunks = workload.chunks.map((chunk) =>
    Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length),
  );
  const Frame = await webstompFrames();
  verify(frames, collect(Frame, chunks), readings);
  let partial = "";
  return {
    units: frames.length,
    sum: workload.sum,
    pass: () => {
      let sum = 0;
      for (let at = 0; at < chunks.length; at++) {
        const taken = Frame.unmarshall(partial + String(chunks[at]));
        partial = taken.partial;
        for (const frame of taken.frames) {
          for (const name of namesFor(readings, frame.command)) {
            sum = addText(sum, frame.headers[name]);
          }
          sum = addText(sum, frame.body);
        }
      }
      return sum;
    },
  };
}

/** Its Frame class. */
export async function webstompFrames(): Promise<WebstompFrames> {
  const source = join(
    dirname(createRequire(import.meta.url).resolve("webstomp-client/package.json")),
    "src",
  );
  const target = join(dirname(fileURLToPath(import.meta.url)), "webstomp");
  mkdirSync(target, { recursive: true });
  for (const name of ["frame", "utils"]) {
    const code = readFileSync(join(source, `${name}.js`), "utf8");
    // Several processes may do this at the same time: a file appears whole or not at all.
    const draft = join(target, `${name}.${process.pid}`);
    writeFileSync(draft, code.replace("'./utils'", "'./utils.mjs'"));
    renameSync(draft, join(target, `${name}.mjs`));
  }
  const module = (await import(pathToFileURL(join(target, "frame.mjs")).href)) as {
    default: WebstompFrames;
  };
  return module.default;
}

function collect(Frame: WebstompFrames, chunks: readonly Buffer[]): Delivered[] {
  const delivered: Delivered[] = [];
  let partial = "";
  for (const chunk of chunks) {
    const taken = Frame.unmarshall(partial + chunk.toString());
    partial = taken.partial;
    for (const frame of taken.frames) {
      delivered.push({
        command: frame.command,
        read: (name) => frame.headers[name],
        body: Buffer.from(frame.body),
      });
    }
  }
  return delivered;
}
