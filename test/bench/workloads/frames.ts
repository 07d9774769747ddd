/**
 * The frames of the workloads, as data.
 *
 * Nothing here uses the engine: what a contender delivers is compared with these frames before it
 * is timed, so they have to come from somewhere else.
 */

/** A frame as it should arrive: every header line in order, unescaped. */
export interface PlainFrame {
  readonly command: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

const NO_BODY = new Uint8Array(0);

/** How one workload's messages differ from another's. */
export interface MessageShape {
  readonly bodyBytes: number;
  /** How many subscriptions (and destinations) the messages alternate between. Default 1. */
  readonly subscriptions?: number;
  /** Whether body lengths vary around `bodyBytes`. Default false. */
  readonly varied?: boolean;
  /** Any octets rather than text. Default false. */
  readonly binary?: boolean;
  /** Whether the content-length header is there. Default true. */
  readonly contentLength?: boolean;
}

/** MESSAGE frames with five headers, of which the message-id counts up. */
export function messages(count: number, shape: MessageShape): PlainFrame[] {
  const { bodyBytes, subscriptions = 1, varied = false, binary = false } = shape;
  return Array.from({ length: count }, (_, index) => {
    const subscription = spread(index, subscriptions);
    const length = varied ? bodyBytes - 16 + ((index * 13) % 33) : bodyBytes;
    const body = binary ? octets(length, index) : json(length, index);
    const headers: [string, string][] = [
      ["subscription", `sub-${subscription}`],
      ["message-id", `T_0f3a-${1_000_000 + index}`],
      ["destination", `/topic/prices.eu.${100 + subscription}`],
      ["content-type", binary ? "application/octet-stream" : "application/json"],
    ];
    if (shape.contentLength !== false) headers.push(["content-length", String(length)]);
    return { command: "MESSAGE", headers, body };
  });
}

/** ACK and RECEIPT in turn: one header, no body. */
export function acknowledgements(count: number): PlainFrame[] {
  return Array.from({ length: count }, (_, index) =>
    index % 2 === 0
      ? { command: "ACK", headers: [["id", `ack-${500_000 + index}`] as const], body: NO_BODY }
      : {
          command: "RECEIPT",
          headers: [["receipt-id", `receipt-${500_000 + index}`] as const],
          body: NO_BODY,
        },
  );
}

/**
 * MESSAGE frames with twenty headers: escapes, other alphabets, a repeated name.
 *
 * No backslash stands before a letter that could be taken for an escape by a decoder that works in
 * several passes, as that of @stomp/stompjs does: it would otherwise not take part.
 */
export function richMessages(count: number): PlainFrame[] {
  return messages(count, { bodyBytes: 64 }).map((frame, index) => {
    const headers: [string, string][] = [
      ...frame.headers.map(([name, value]): [string, string] => [name, value]),
      ["correlation-id", `urn:uuid:00000000-0000-4000-8000-${String(index).padStart(12, "0")}`],
      ["reply-to", `/temp-queue/replies:${index % 7}`],
      ["timestamp", `2024-05-17T08:${10 + (index % 50)}:00Z`],
      ["author", index % 2 === 0 ? "Zoë Ångström" : "Łukasz Żółć"],
      ["title", `Größe № ${index}: 日本語の題名`],
      ["path", `C:\\Users\\${index}`],
      ["note", `first line ${index}\nsecond line`],
      ["trace", `a:b:c:${index}`],
      ["x-tag", "first"],
      ["x-tag", `second ${index}`],
      ["priority", String(index % 10)],
      ["persistent", "true"],
      ["expires", String(1_700_000_000_000 + index * 1000)],
      ["emoji", `🙂 ${index % 5}`],
      ["tenant", "northwind"],
    ];
    return { command: frame.command, headers, body: frame.body };
  });
}

/** JSON text of exactly that many octets, another one for each index. */
function json(length: number, index: number): Uint8Array {
  const start = `{"id":${String(index)
    .padStart(7, "0")
    .replace(/^0+(?=.)/, "1")},"data":"`;
  const filling = "The quick brown fox jumps over the lazy dog. ";
  const room = length - start.length - 2;
  const text = `${start}${filling.repeat(Math.ceil(room / filling.length)).slice(0, room)}"}`;
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** Every octet value, NUL and line feeds among them, in an order of its own for each index. */
function octets(length: number, index: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 31 + index * 7 + (at >> 8)) & 0xff;
  return bytes;
}

/** Numbers below `among` in an order that is neither constant nor simply rising. */
function spread(index: number, among: number): number {
  return among === 1 ? 0 : (index * 7 + (index >> 4) * 3) % among;
}
