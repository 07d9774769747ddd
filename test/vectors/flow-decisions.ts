/**
 * What our broker makes of the flows on which servers differ, or on which the specification is
 * silent: one row for each flow that is not strict. Without `instead` the flow runs as written;
 * with it, its first `keep` steps run and then those.
 */

import type { Step } from "./flow-runner.ts";

export interface FlowDecision {
  readonly why: string;
  readonly keep?: number;
  readonly instead?: readonly Step[];
}

const AS_MOST = "every server that was looked at does so";

// biome-ignore format: one row a decision
export const FLOWS: Readonly<Record<string, FlowDecision>> = {
  f001: { why: "CONNECTED names the version in 1.0 too: nobody minds, and it can be seen" },
  f020: { why: "clients of every age leave host out; refused with `strict`", keep: 1, instead: [
    { c: 1, expect: [{ command: "CONNECTED", headers: { version: "1.1" } }] },
  ] },
  f021: { why: "before the version is known, lines are read by 1.2" },
  f026: { why: AS_MOST },
  f028: { why: AS_MOST },
  f030: { why: "one of the clients in use does not work without it" },
  f031: { why: AS_MOST },
  f033: { why: AS_MOST },
  f035: { why: "as in 1.0" },
  f037: { why: "a receipt may not be asked for there, but refusing whoever does helps nobody: it is passed over", keep: 1, instead: [
    { c: 1, expect: [{ command: "CONNECTED", headers: { version: "1.2" } }] },
    { c: 1, expectNone: 400 },
  ] },
  f047: { why: "nothing is taken before CONNECT" },
  f049: { why: "CONNECTED is never escaped; our session ids need no escaping anyway" },
  f102: { why: "there is nothing to acknowledge" },
  f110: { why: "the broker's own message-id is the one that counts; the client's is left out", keep: 2, instead: [
    { c: 1, send: "SUBSCRIBE\nid:s1\ndestination:$Q\nreceipt:r\n\n\0" },
    { c: 1, expect: [{ command: "RECEIPT", headers: { "receipt-id": "r" } }] },
    { c: 1, send: "SEND\ndestination:$Q\nmessage-id:1\n\nx\0" },
    { c: 1, expect: [{ command: "MESSAGE", headers: { "message-id": { re: "^(?!1$)." } }, body: "x" }] },
  ] },
  f112: { why: "taking it for auto would lose messages that the client means to acknowledge" },
  f114: { why: "the same" },
  f118: { why: "1.0 has no such mode, and no NACK to go with it" },
  f126: { why: AS_MOST },
  f141: { why: "redelivered at once, until it has been refused too often" },
  f143: { why: AS_MOST },
  f146: { why: "as in 1.1" },
  f147: { why: "NACK covers what ACK would" },
  f148: { why: AS_MOST },
  f149: { why: "the id is gone with the first one" },
  f156: { why: "what was delivered stays acknowledgeable: the two may cross on the wire" },
  f157: { why: "the same" },
  f167: { why: "overwriting an open transaction would lose what is in it" },
  f171: { why: "some clients wait for it before they commit" },
  f181: { why: "as in 1.0" },
  f195: { why: "as in 1.0" },
  f199: { why: "as in 1.0" },
  f205: { why: "the header means nothing there", keep: 2, instead: [
    { c: 1, send: "BEGIN\ntransaction:1\n\n\0SUBSCRIBE\nid:1\ndestination:$Q\ntransaction:1\nreceipt:r\n\n\0" },
    { c: 1, expect: [{ command: "RECEIPT", headers: { "receipt-id": "r" } }] },
    { c: 1, send: "SEND\ndestination:$Q\n\nx\0" },
    { c: 1, expect: [{ command: "MESSAGE", headers: { subscription: "1" }, body: "x" }] },
  ] },
  f206: { why: "the same", keep: 2, instead: [
    { c: 1, send: "SUBSCRIBE\nid:1\ndestination:$Q\n\n\0BEGIN\ntransaction:1\n\n\0UNSUBSCRIBE\nid:1\ntransaction:1\nreceipt:r\n\n\0" },
    { c: 1, expect: [{ command: "RECEIPT", headers: { "receipt-id": "r" } }] },
    { c: 1, send: "SEND\ndestination:$Q\nreceipt:s\n\nx\0" },
    { c: 1, expect: [{ command: "RECEIPT", headers: { "receipt-id": "s" } }] },
    { c: 1, expectNone: 400 },
  ] },
  f220: { why: "the header is the server's offer, whatever the client's is" },
  f222: { why: "the broker wants heart-beats, so that a client that is gone does not keep its messages" },
};
