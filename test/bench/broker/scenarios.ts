/** The traffic that is put on the brokers. */

export interface Scenario {
  readonly title: string;
  readonly producers: number;
  readonly consumers: number;
  /** A topic goes to every consumer, a queue to one of them. */
  readonly kind: "queue" | "topic";
  readonly ack: "auto" | "client-individual";
  readonly bodyBytes: number;
  readonly webSocket: boolean;
}

interface Topology {
  readonly title: string;
  readonly producers: number;
  readonly consumers: number;
  readonly kind: "queue" | "topic";
}

const TOPOLOGIES: readonly Topology[] = [
  { title: "1 to 1, topic", producers: 1, consumers: 1, kind: "topic" },
  { title: "1 to 1, queue", producers: 1, consumers: 1, kind: "queue" },
  { title: "10 to 10, queue", producers: 10, consumers: 10, kind: "queue" },
  { title: "1 to 50, topic", producers: 1, consumers: 50, kind: "topic" },
  { title: "1 to 1000, topic", producers: 1, consumers: 1000, kind: "topic" },
];

/** What a scenario is called in the report. */
export function titleOf({ title, ack, bodyBytes, webSocket }: Scenario): string {
  const acks = ack === "auto" ? "" : ", individual acks";
  return `${title}, ${bodyBytes} B${acks}${webSocket ? ", WebSocket" : ""}`;
}

/** All of them. Topics are not acknowledged, and WebSocket is shown with small bodies. */
export const SCENARIOS: readonly Scenario[] = TOPOLOGIES.flatMap((topology) =>
  [64, 1024].flatMap((bodyBytes) => {
    const plain: Scenario = { ...topology, ack: "auto", bodyBytes, webSocket: false };
    const acknowledged: Scenario = { ...plain, ack: "client-individual" };
    const overWebSocket: Scenario = { ...plain, webSocket: true };
    return [
      plain,
      ...(topology.kind === "queue" ? [acknowledged] : []),
      ...(bodyBytes === 64 ? [overWebSocket] : []),
    ];
  }),
);
