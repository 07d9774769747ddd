/** What a browser shows at the broker's address: how to connect. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { type Address, authority } from "../support/listeners.ts";

/** Answers a request for a page. */
export function servePage(request: IncomingMessage, response: ServerResponse, tcp: Address): void {
  const path = request.url?.split("?", 1)[0];
  const known = path === "/" && (request.method === "GET" || request.method === "HEAD");
  const body = known ? page(request.headers.host ?? "localhost", authority(tcp)) : "Not found.\n";
  response.writeHead(known ? 200 : 404, {
    "content-type": `text/${known ? "html" : "plain"}; charset=utf-8`,
    "content-length": Buffer.byteLength(body),
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

function page(host: string, tcp: string): string {
  const webSocket = `ws://${host}/`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>STOMP broker</title>
<style>
  :root { color-scheme: light dark }
  body { font: 1rem/1.6 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
  pre { overflow-x: auto; padding: .8rem 1rem; border: 1px solid #8886; border-radius: .4rem }
  dt { font-weight: 600 } dd { margin: 0 0 .6rem }
</style>
<h1>STOMP broker</h1>
<p>It speaks STOMP 1.0, 1.1 and 1.2.
<dl>
  <dt>TCP <dd><code>${escaped(tcp)}</code>
  <dt>WebSocket <dd><code>${escaped(webSocket)}</code>
    with one of the subprotocols <code>v12.stomp</code>, <code>v11.stomp</code>, <code>v10.stomp</code>
</dl>
<p>Wait for messages, and send one from elsewhere:
<pre>npm run client -- -u stomp://${escaped(tcp)} -d /queue/a
npm run client -- -u ${escaped(webSocket)} -d /queue/a -m hello</pre>
<dl>
  <dt><code>/topic/…</code> <dd>Everyone who is subscribed gets each message.
  <dt><code>/queue/…</code> <dd>One of those who are subscribed gets each message, and it waits for them.
  <dt><code>/temp-queue/…</code> <dd>A queue of one’s own, for replies: name it in <code>reply-to</code>.
</dl>
<p>In a subscription <code>*</code> stands for one segment of a name and <code>&gt;</code> for the rest;
segments are parted by dots or slashes.
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
