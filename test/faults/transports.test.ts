/** Transports that break their word. */

import type { ClientClosing, ServerClosing, StompError } from "stomp-engine";
import { StompClient, StompServer } from "stomp-engine";
import { ManualClock } from "stomp-engine/testing";
import { describe, expect, test } from "vitest";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const CONNECT = "CONNECT\naccept-version:1.2\nhost:/\n\n\0";

/** A server on a transport that the test replaces piece by piece. */
class Server extends StompServer<number> {
  readonly calls: string[] = [];
  readonly sent: string[] = [];
  send: (data: Uint8Array) => boolean = () => true;
  end: () => void = () => {};
  closing: ServerClosing<number> | undefined;

  constructor() {
    super({ clock: new ManualClock(), sessionId: () => "s" });
  }

  protected override sendData(data: Uint8Array): boolean {
    this.sent.push(text(data));
    return this.send(data);
  }

  protected override sendEnd(how: "flush" | "now"): void {
    this.calls.push(`sendEnd ${how}`);
    this.end();
  }

  protected override onConnect = () => true;
  protected override onMessage = () => void this.calls.push("onMessage");
  protected override onSubscribe = () => void this.calls.push("onSubscribe");
  protected override onUnsubscribe = () => {};
  protected override onAck = () => {};
  protected override onNack = () => {};
  protected override onDisconnect = () => {};
  protected override onWritable = () => void this.calls.push("onWritable");
  protected override onError = ({ code }: StompError) => void this.calls.push(`onError ${code}`);
  protected override onClose = (closing: ServerClosing<number>) => {
    this.calls.push("onClose");
    this.closing = closing;
  };
}

function connected(): Server {
  const server = new Server();
  server.receiveData(`${CONNECT}SUBSCRIBE\nid:s\ndestination:/a\nack:client\n\n\0`);
  server.calls.length = 0;
  return server;
}

const broken = () => {
  throw new Error("broken");
};

describe("a transport that throws", () => {
  test("when it is given bytes is the end, and what was being sent is not lost", () => {
    const server = connected();
    server.send = broken;
    server.message("s", { destination: "/a" }, { token: 7 });
    expect(server.calls).toEqual(["sendEnd now", "onError transport-failed", "onClose"]);
    expect(server.closing).toMatchObject({
      reason: "lost",
      cause: { message: "broken" },
      unacknowledged: [{ token: 7 }],
    });
  });

  test("when it is to end has ended", () => {
    const server = connected();
    server.end = broken;
    server.disconnect();
    expect(server.calls).toEqual(["sendEnd flush", "onError transport-failed", "onClose"]);
  });

  test("in both is told of once", () => {
    const server = connected();
    server.send = broken;
    server.end = broken;
    server.receiveData("SEND\n\n\0");
    expect(server.calls).toEqual(["sendEnd now", "onError missing-header", "onClose"]);
  });

  test("while a client connects is the end of that client", () => {
    const calls: string[] = [];
    class Client extends StompClient {
      protected override sendData = broken;
      protected override sendEnd = (how: string) => void calls.push(`sendEnd ${how}`);
      protected override onConnected = () => {};
      protected override onMessage = () => {};
      protected override onReceipt = () => {};
      protected override onError = ({ code }: StompError) => void calls.push(`onError ${code}`);
      protected override onClose = ({ reason }: ClientClosing) => void calls.push(reason);
    }
    new Client({ clock: new ManualClock() }).connect();
    expect(calls).toEqual(["sendEnd now", "onError transport-failed", "lost"]);
  });
});

test("a transport that ends twice, and for another reason, has ended once", () => {
  const server = connected();
  server.receiveEnd(new Error("first"));
  server.receiveEnd(new Error("second"));
  server.receiveEnd();
  expect(server.calls).toEqual(["sendEnd now", "onError connection-lost", "onClose"]);
  expect(server.closing).toMatchObject({ cause: { message: "first" } });
});

test("a transport that delivers after its end is not listened to", () => {
  const server = connected();
  server.receiveEnd();
  const before = [...server.calls];
  expect(server.receiveData("SEND\ndestination:/a\nreceipt:1\n\n\0")).toBe(true);
  expect(server.receiveData("GET / HTTP/1.1\r\n\r\n")).toBe(true);
  server.drained();
  expect(server.calls).toEqual(before);
});

describe("a transport that calls back from within sendData", () => {
  test("with bytes is heard when the frame has left, in order", () => {
    const server = connected();
    server.send = () => {
      server.send = () => true;
      server.receiveData("SEND\ndestination:/a\nreceipt:2\n\n\0");
      server.calls.push("sent");
      return true;
    };
    server.receiveData("SEND\ndestination:/a\nreceipt:1\n\n\0");
    expect(server.calls).toEqual(["onMessage", "sent", "onMessage"]);
    expect(server.sent.slice(-2)).toEqual([
      "RECEIPT\nreceipt-id:1\n\n\0\n",
      "RECEIPT\nreceipt-id:2\n\n\0\n",
    ]);
  });

  test("with bytes, over and over, takes no stack", () => {
    const server = connected();
    let left = 20_000;
    server.send = () => {
      if (left-- > 0) server.receiveData("SEND\ndestination:/a\nreceipt:1\n\n\0");
      return true;
    };
    server.receiveData("SEND\ndestination:/a\nreceipt:1\n\n\0");
    expect(server.calls).toHaveLength(20_001);
  });

  test("that it is saturated, and at once that it is not", () => {
    const server = connected();
    server.send = () => {
      server.drained();
      return false;
    };
    server.message("s", { destination: "/a" });
    expect(server.writable).toBe(true);
  });

  test("with its end ends the session after that frame", () => {
    const server = connected();
    server.send = () => {
      server.receiveEnd(new Error("gone"));
      return true;
    };
    server.message("s", { destination: "/a" }, { token: 1 });
    expect(server.calls).toEqual(["sendEnd now", "onError connection-lost", "onClose"]);
    expect(server.closing?.unacknowledged).toMatchObject([{ token: 1 }]);
  });
});
