import type { Version } from "stomp-engine";
import { describe, expect, test } from "vitest";
import { connectedClient, LoneClient, LoneServer, VERSIONS } from "./scripted.ts";

/** Gives bytes to a session: at once, and one by one. */
const WAYS = {
  whole: (session: LoneClient | LoneServer, wire: string) => session.receiveData(wire),
  "octet by octet": (session: LoneClient | LoneServer, wire: string) => {
    for (const octet of Buffer.from(wire)) session.receiveData(Uint8Array.of(octet));
  },
};

describe.each(Object.entries(WAYS))("an ERROR before CONNECTED, read %s", (_, read) => {
  const refused = (headers: string, strict = false) => {
    const client = new LoneClient({ strict });
    client.connect();
    read(client, `ERROR\n${headers}\n\nwhy\0`);
    const [error] = client.errors;
    return { client, code: error?.code, frame: error?.frame };
  };

  test.each([
    ["a backslash that is no escape in any version", "C:\\temp\\x"],
    ["a backslash at the end", "C:\\"],
    ["a carriage return, which is data before 1.2", "one\rtwo"],
  ])("is told, whatever version it is of: %s", (_what, text) => {
    for (const strict of [false, true]) {
      const { client, code, frame } = refused(`message:${text}`, strict);
      expect(code).toBe("error-frame");
      expect(frame?.headers.get("message")).toBe(text);
      expect(frame?.text()).toBe("why");
      expect(client.told).toEqual(["onError error-frame", "onClose error"]);
    }
  });

  test("is told too if it has a colon, however strict the client is", () => {
    const { frame } = refused("message:no: never", true);
    expect(frame?.headers.get("message")).toBe("no: never");
  });

  test("has the escapes of 1.2, header by header", () => {
    const { frame } = refused("a:1\\c2\nb:1\\c\\2\nc\\c:\\r\\n");
    expect(frame?.headers.all()).toEqual([
      ["a", "1:2"],
      ["b", "1\\c\\2"],
      ["c:", "\r\n"],
    ]);
  });

  test("is a frame all the same", () => {
    expect(refused("message").code).toBe("malformed-header");
    expect(refused("content-length:x").code).toBe("invalid-content-length");
  });

  test("is the only frame of which this is so", () => {
    const client = new LoneClient();
    client.connect();
    read(client, "MESSAGE\nx:\\t\n\n\0");
    expect(client.errors[0]?.code).toBe("undefined-escape");
  });
});

test.each(["1.1", "1.2"] as const)(
  "an ERROR behind CONNECTED is read by its version (%s)",
  (version) => {
    const client = connectedClient(version);
    client.receiveData("ERROR\nmessage:C:\\temp\n\n\0");
    expect(client.errors[0]?.code).toBe("undefined-escape");
  },
);

describe.each(Object.entries(WAYS))("end-of-lines with carriage returns, read %s", (_, read) => {
  const connect = (version: Version) => `CONNECT\r\naccept-version:${version}\r\n\r\n\0`;

  test.each(VERSIONS)(
    "may follow CONNECT, whose client does not know the version (%s)",
    (version) => {
      const server = new LoneServer();
      read(server, `\r\n${connect(version)}\r\n\r\n\nSEND\ndestination:/a\n\nx\0`);
      expect(server.told).toEqual(["onConnect", "onMessage x"]);
    },
  );

  test.each(VERSIONS)("may follow CONNECTED (%s)", (version) => {
    const client = new LoneClient();
    client.connect();
    read(client, `CONNECTED\r\nversion:${version}\r\n\r\n\0\r\n`);
    read(client, "MESSAGE\ndestination:/a\nmessage-id:1\nsubscription:0\n\nx\0\n");
    expect(client.told).toEqual([`onConnected ${version}`, "onUnclaimedMessage x"]);
  });

  test.each(["1.0", "1.1"] as const)(
    "may not follow a later frame: that is processed (%s)",
    (version) => {
      const server = new LoneServer();
      read(
        server,
        `${connect(version)}\r\nSEND\ndestination:/a\n\nx\0\r\nSEND\ndestination:/a\n\ny\0`,
      );
      expect(server.told).toEqual([
        "onConnect",
        "onMessage x",
        "onError malformed-frame",
        "onClose error",
      ]);
      expect(server.sent.at(-1)).toContain("line feeds only");
    },
  );

  test("need their line feed", () => {
    const server = new LoneServer();
    read(server, `${connect("1.1")}\r\nSEND\ndestination:/a\n\nx\0\n`);
    read(server, "\n");
    const other = new LoneServer();
    read(other, `${connect("1.1")}\rSEND\n\n\0`);
    expect(server.errors).toEqual([]);
    expect(other.errors[0]?.code).toBe("malformed-frame");
  });
});

test("a carriage return behind CONNECT does not hold up CONNECTED", () => {
  const server = new LoneServer();
  server.receiveData("CONNECT\naccept-version:1.1\nhost:/\n\n\0\r");
  expect(server.told).toEqual(["onConnect"]);
  expect(server.sent[0]).toMatch(/^CONNECTED⏎version:1.1⏎/);
});
