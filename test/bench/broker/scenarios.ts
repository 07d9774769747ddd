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

/** Those with this title; if there is none, those with this in their titles. */
export function matching(scenarios: readonly Scenario[], text: string): readonly Scenario[] {
  const same = scenarios.filter((scenario) => titleOf(scenario) === text);
  if (same.length > 0) return same;
  return scenarios.filter((scenario) => titleOf(scenario).includes(text));
}

/** All of them. */
export const SCENARIOS: readonly Scenario[] = TOPOLOGIES.flatMap((topology) =>
  [64, 1024].flatMap((bodyBytes) => {
    const plain: Scenario = { ...topology, ack: "auto", bodyBytes, webSocket: false };
    const all: Scenario[] = [
      plain,
      { ...plain, ack: "client-individual" },
      { ...plain, webSocket: true },
      { ...plain, ack: "client-individual", webSocket: true },
    ];
    return all.filter(isShown);
  }),
);

/** Acknowledgements of a thousand consumers tell no more than those of fifty. */
function isShown({ ack, consumers, bodyBytes, webSocket }: Scenario): boolean {
  if (ack === "auto") return true;
  return webSocket ? consumers === 1 && bodyBytes === 64 : consumers <= 50;
}

/** Whether the goals come from figures of other brokers for this very traffic. */
export function isOrientation({ kind, consumers, ack, bodyBytes, webSocket }: Scenario): boolean {
  if (kind !== "topic" || bodyBytes !== 64 || webSocket) return false;
  return consumers === 1 || (consumers === 50 && ack === "auto");
}
