/**
 * What the runtimes fetch and where they answer: the files of a folder, under a policy that allows
 * nothing else, and the errands of the places.
 */

import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import type { Peer } from "../client/peer.ts";
import type { Errand } from "./errand.ts";
import type { Visit } from "./visit.ts";

export const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self' ws://127.0.0.1:*";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
};

export class Host {
  /** What is served. */
  readonly folder: string;
  readonly #visits = new Map<string, Visit>();
  #broker: Peer | undefined;
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });

  constructor(folder: string) {
    this.folder = folder;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  /** `http://127.0.0.1:PORT`: the origin of the pages. */
  get origin(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("it does not listen");
    return `http://127.0.0.1:${address.port}`;
  }

  /** What is at `place` may come and fetch its errand. */
  expect(place: string, broker: Peer, visit: Visit): void {
    this.#broker = broker;
    this.#visits.set(place, visit);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = normalize(new URL(request.url ?? "/", "http://host").pathname);
    const [, first = "", place = ""] = path.split("/");
    const visit = this.#visits.get(place);
    if (request.method === "POST") {
      const text = await textOf(request);
      if (first === "said") visit?.hear(text);
      else if (first === "done") visit?.end();
      else if (first === "freeze") this.#broker?.freeze();
      else if (first === "thaw") this.#broker?.thaw();
      response.end();
    } else if (first === "errand" && visit !== undefined && this.#broker !== undefined) {
      const { name, version, tcp, ws, login, passcode } = this.#broker;
      const broker = { name, version, tcp, ws, login, passcode };
      response.end(JSON.stringify({ broker, wanted: visit.wanted } satisfies Errand));
    } else {
      await this.#file(path === "/" ? "/page.html" : path, response);
    }
  }

  async #file(path: string, response: ServerResponse): Promise<void> {
    const type = TYPES[extname(path)];
    const content =
      type === undefined
        ? undefined
        : await readFile(join(this.folder, path)).catch(() => undefined);
    if (content === undefined) {
      // Browsers ask for an icon on their own account.
      response.writeHead(path === "/favicon.ico" ? 204 : 404).end();
    } else {
      response.writeHead(200, { "content-type": type, "content-security-policy": POLICY });
      response.end(content);
    }
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}
