/** Bodies and headers arrive as they were sent. */

import { equal, equalBytes } from "./equal.ts";
import { freshQueue } from "./expect.ts";
import { close, open, send, subscribe, type Target } from "./session.ts";

export async function bodies(target: Target): Promise<void> {
  const session = await open(target);
  const queue = freshQueue();
  await subscribe(session, queue, "auto");
  const texts = ["Grüße, 世界 🚀", "\n\nlines\r\n\n", ""];
  for (const text of texts) {
    await send(session, queue, text);
    equal((await session.messages.next()).text(), text);
  }
  const everyByte = Uint8Array.from({ length: 1024 }, (_, index) => index);
  const binaries = [new Uint8Array(3), everyByte, new Uint8Array(300_000).fill(0xff)];
  for (const bytes of binaries) {
    await send(session, queue, bytes, { contentType: "application/octet-stream" });
    const message = await session.messages.next();
    equalBytes(message.body, bytes);
    equal(message.contentType, "application/octet-stream");
  }
  await close(session);
}

export async function headers(target: Target): Promise<void> {
  const session = await open(target);
  const queue = freshQueue();
  await subscribe(session, queue, "auto");
  const sent = headersFor(target);
  await send(session, queue, "", { headers: sent });
  const { headers } = await session.messages.next();
  const received = Object.fromEntries(Object.keys(sent).map((name) => [name, headers.get(name)]));
  equal(received, arrivingFrom(target, sent));
  await close(session);
}

function headersFor({ broker, version }: Target): Record<string, string> {
  if (version === "1.0") {
    // 1.0 has no escapes. Both brokers undo them all the same: RabbitMQ closes the connection over
    // a backslash that escapes nothing, and ActiveMQ makes a line feed of "\n", which in its
    // MESSAGE ends the header.
    const backslash = broker.name === "RabbitMQ" ? {} : { backslash: "a\\z" };
    return { colon: "a:b::c", umlaut: "ä→🚀", ...backslash };
  }
  return {
    colon: ":a:b::c:",
    backslash: "\\C:\\new\\core\\",
    "line-feed": "\none\n\ntwo\n",
    "na:me \\ and\nmore": "value",
    umlaut: "ä→🚀",
    empty: "",
    padded: "  neither trimmed nor padded ",
    ...(version === "1.2" ? { "carriage-return": "\rone\r\ntwo\r" } : {}),
  };
}

function arrivingFrom({ broker, version }: Target, sent: Record<string, string>) {
  if (version !== "1.0" || broker.name !== "RabbitMQ") return sent;
  // RabbitMQ escapes in 1.0 too.
  return Object.fromEntries(
    Object.entries(sent).map(([name, value]) => [name, value.replaceAll(":", "\\c")]),
  );
}
