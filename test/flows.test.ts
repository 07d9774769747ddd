/**
 * Sessions as other implementations test them, over real sockets: every flow over TCP, and every
 * flow over WebSocket; and the tables beside them.
 */

import { StompClient } from "stomp-engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningBroker, start } from "../examples/broker/main.ts";
import type { Version } from "../src/protocol/version.ts";
import { negotiate as negotiateVersion } from "../src/protocol/version.ts";
import { negotiate, parse } from "../src/session/heartbeat.ts";
import { Wire } from "./examples/wire.ts";
import { FLOWS } from "./vectors/flow-decisions.ts";
import { type Flow, runFlow, type Step } from "./vectors/flow-runner.ts";
import vectors from "./vectors/flows.json" with { type: "json" };

const flows = vectors.flows as unknown as readonly Flow[];
const { tables } = vectors;
const LOGIN = "guest";
const PASSCODE = "secret";

let broker: RunningBroker;
/** All at once: most of a flow is waiting. */
const outcomes = new Map<string, Promise<unknown>>();

beforeAll(async () => {
  broker = await start({
    tcp: { port: 0 },
    http: { port: 0 },
    credentials: { login: LOGIN, passcode: PASSCODE },
    session: { heartBeat: { sendMs: 1_000, receiveMs: 1_000 } },
  });
  for (const flow of flows) {
    outcomes.set(
      `tcp ${flow.id}`,
      outcome(flow, "t", () => Wire.tcp(broker.tcp.port, flow.version)),
    );
    const url = `ws://127.0.0.1:${broker.http.port}/`;
    outcomes.set(
      `ws ${flow.id}`,
      outcome(flow, "w", () => Wire.webSocket(url, flow.version)),
    );
  }
});

afterAll(() => broker.stop());

test("every flow that is not strict has a decision, and no other", () => {
  const open = flows.filter((flow) => !flow.strict).map((flow) => flow.id);
  expect(Object.keys(FLOWS).sort()).toEqual(open.sort());
});

describe.each(["tcp", "ws"])("over %s", (transport) => {
  test.each(flows)("$id $name", { timeout: 30_000 }, async ({ id }) => {
    expect(await outcomes.get(`${transport} ${id}`)).toBe("as expected");
  });
});

describe("heart-beats are agreed on alike by both sides", () => {
  test.each(tables.heartbeat)("client $client, server $server", (row) => {
    const [client, server] = [row.client, row.server].map(([sendMs = 0, receiveMs = 0]) => ({
      sendMs,
      receiveMs,
    })) as [{ sendMs: number; receiveMs: number }, { sendMs: number; receiveMs: number }];
    const { clientToServer, serverToClient } = row;
    expect(negotiate(client, server)).toEqual({
      sendMs: clientToServer,
      receiveMs: serverToClient,
    });
    expect(negotiate(server, client)).toEqual({
      sendMs: serverToClient,
      receiveMs: clientToServer,
    });
  });
});

test.each(tables.heartbeatHeaderParse)("heart-beat:$in is $out", (row) => {
  const [sendMs, receiveMs] = row.out ?? [];
  expect(parse(row.in ?? undefined)).toEqual(row.out === null ? undefined : { sendMs, receiveMs });
});

test.each(tables.versionNegotiation)("accept-version:$acceptVersion is $version", (row) => {
  const supported = row.serverSupports as Version[];
  expect(negotiateVersion(row.acceptVersion ?? undefined, supported) ?? null).toBe(row.version);
});

test.each(tables.clientVersionAnswer)("$offered and CONNECTED $connectedVersionHeader", (row) => {
  const client = new OfferingClient();
  client.connect({ versions: row.offered as Version[] });
  const version = row.connectedVersionHeader;
  client.receiveData(`CONNECTED\n${version === null ? "" : `version:${version}\n`}\n\0`);
  expect(client.state === "connected" ? client.version : client.code).toBe(
    row.result === "error" ? "version-mismatch" : row.result,
  );
  client.receiveEnd();
});

class OfferingClient extends StompClient {
  code: string | undefined;
  protected override sendData(): void {}
  protected override sendEnd(): void {}
  protected override onConnected(): void {}
  protected override onMessage(): void {}
  protected override onReceipt(): void {}
  protected override onError({ code }: { readonly code: string }): void {
    this.code = code;
  }
}

/** What came of a flow; never rejects, because nobody listens yet. */
async function outcome(flow: Flow, mark: string, open: () => Promise<Wire>): Promise<unknown> {
  const variables = new Map([
    ["Q", `/queue/${mark}-${flow.id}`],
    ["T", `${mark}-${flow.id}`],
    ["host", "/"],
    ["login", LOGIN],
    ["passcode", PASSCODE],
  ]);
  try {
    await runFlow(decidedSteps(flow), flow.version, variables, open);
    return "as expected";
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

function decidedSteps(flow: Flow): readonly Step[] {
  const { keep, instead } = FLOWS[flow.id] ?? {};
  return instead === undefined ? flow.steps : [...flow.steps.slice(0, keep), ...instead];
}
