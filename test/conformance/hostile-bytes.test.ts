/** C01–C12, C19: octets that want to be misunderstood. */

import { expect } from "vitest";
import { encodeFrame } from "../../src/protocol/encoder.ts";
import type { Version } from "../../src/protocol/version.ts";
import { cut, read } from "../vectors/reading.ts";
import { ALL, frame, NEWER } from "./frames.ts";
import { faultIn, frameIn, parse } from "./parse.ts";
import { rule } from "./rule.ts";
import { server } from "./server.ts";

function utf8(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** Everything that can be cut in a bad place. */
function delicate(version: Version): Uint8Array {
  const end = version === "1.2" ? "\r\n" : "\n";
  const lines = ["SEND", "destination:/é€😀", "a\\cb:\\n\\\\c", "content-length:9", "", ""];
  return Buffer.concat([
    utf8(`\n${lines.join(end)}`),
    utf8("é\0😀\n\n"),
    utf8(`\0${end}${frame("SEND", ["b:\\\\"], "€")}`),
  ]);
}

rule("C01", ALL, "parser", "in two at every octet, and octet by octet", (version) => {
  const bytes = new Uint8Array(delicate(version));
  const whole = parse(bytes, { version });
  expect(whole).toMatchObject({ error: undefined, unfinished: false });
  expect(whole.frames).toHaveLength(2);
  for (let at = 1; at < bytes.length; at++)
    expect(read(cut(bytes, at), { version }), String(at)).toEqual(whole);
});

rule("C01", ALL, "parser", "an error is the same error wherever it is cut", (version) => {
  for (const text of [
    "SEND\nx:\\t\n\n\0",
    "SEND\na:\xff\n\n\0",
    "SEND\ncontent-length:2\n\nabc\0",
    "SE ND\n\n\0",
    "SEND\nab\n\n\0",
  ]) {
    const bytes = latin1(text);
    const whole = parse(bytes, { version });
    for (let at = 1; at < bytes.length; at++)
      expect(read(cut(bytes, at), { version })).toEqual(whole);
  }
});

const NO_LENGTHS = [
  "abc",
  "-1",
  "2x",
  "+2",
  "1e9",
  "0x10",
  "9007199254740993",
  "99999999999999999999",
  "",
  "2,2",
  "2.0",
  "1_0",
  "٣",
  "NaN",
  "Infinity",
];

rule(
  "C02",
  ALL,
  "parser",
  "anything but digits within reason is refused before the body",
  (version) => {
    for (const length of NO_LENGTHS) {
      expect(faultIn(`SEND\ncontent-length:${length}\n\n`, { version }), length).toBe(
        "invalid-content-length",
      );
    }
    for (const length of [" 2", "2 ", "\t2"]) {
      const text = frame("SEND", [`content-length:${length}`], "ab");
      expect(faultIn(text, { version }), length).toBe(
        version === "1.0" ? undefined : "invalid-content-length",
      );
    }
  },
);

rule(
  "C02",
  ALL,
  "parser",
  "twice: different ones are fatal, of equal ones the first holds",
  (version) => {
    expect(
      faultIn(frame("SEND", ["content-length:2", "content-length:3"], "abc"), { version }),
    ).toBe("invalid-content-length");
    expect(
      faultIn(frame("SEND", ["content-length:3", "content-length:2"], "abc"), { version }),
    ).toBe("invalid-content-length");
    expect(
      frameIn(frame("SEND", ["content-length:3", "content-length:3"], "a\0c"), { version }).body,
    ).toBe(Buffer.from("a\0c").toString("base64"));
  },
);

rule(
  "C02",
  ALL,
  "parser",
  "too short is fatal, too long waits and looks for nothing",
  (version) => {
    expect(
      parse(frame("SEND", ["content-length:1"], `a${frame("SEND", ["x:smuggled"])}`), { version }),
    ).toMatchObject({ frames: [], error: "missing-nul" });
    const waiting = parse(`SEND\ncontent-length:100\n\nab\0${frame("SEND")}`, { version });
    expect(waiting).toMatchObject({ frames: [], error: undefined, unfinished: true });
  },
);

const OBJECT_NAMES = [
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "toString",
  "prototype",
  "valueOf",
];

rule("C04", ALL, "parser", "they are headers like any other", (version) => {
  const lines = [...OBJECT_NAMES.map((name) => `${name}:1`), "x:2"];
  const read = frameIn(frame("SEND", lines), { version });
  expect(read.all).toEqual([...OBJECT_NAMES.map((name) => [name, "1"]), ["x", "2"]]);
  expect(read.headers).toEqual(read.all);
  expect(Object.prototype).not.toHaveProperty("x");
});

rule(
  "C04",
  ALL,
  "encoder",
  "they are written like any other, from entries and from an object",
  (version) => {
    const entries = OBJECT_NAMES.map((name) => [name, "1"] as const);
    const expected = frame(
      "SEND",
      OBJECT_NAMES.map((name) => `${name}:1`),
    );
    for (const headers of [entries, Object.fromEntries(entries)]) {
      expect(Buffer.from(encodeFrame({ command: "SEND", headers }, version)).toString()).toBe(
        expected,
      );
    }
  },
);

rule("C05", NEWER, "parser", "another letter, a capital, a digit, none", (version) => {
  for (const wire of [
    "\\t",
    "\\N",
    "\\C",
    "\\R",
    "\\0",
    "\\x",
    "\\:",
    "\\ ",
    "\\é",
    "\\",
    ...(version === "1.1" ? ["\\r"] : []),
  ]) {
    for (const line of [`x:${wire}`, `x:\\\\${wire}`]) {
      expect(faultIn(frame("SEND", [line]), { version }), line).toBe("undefined-escape");
    }
  }
});

rule("C05", ["1.0"], "parser", "1.0 has no escapes to get wrong", (version) => {
  expect(frameIn(frame("SEND", ["x:\\t\\N\\"]), { version }).all).toEqual([["x", "\\t\\N\\"]]);
});

rule("C06", NEWER, "parser", "from left to right, once", (version) => {
  for (const [wire, meaning] of [
    ["C\\\\new", "C\\new"],
    ["\\\\c", "\\c"],
    ["\\\\\\n", "\\\n"],
    ["\\\\\\\\n", "\\\\n"],
  ] as const) {
    expect(frameIn(frame("SEND", [`x:${wire}`]), { version }).all).toEqual([["x", meaning]]);
  }
});

rule("C06", ["1.0"], "parser", "not at all in 1.0", (version) => {
  expect(frameIn(frame("SEND", ["x:C\\\\new"]), { version }).all).toEqual([["x", "C\\\\new"]]);
});

rule("C06", NEWER, "encoder", "and back again", (version) => {
  for (const [wire, meaning] of [
    ["C\\\\new", "C\\new"],
    ["\\\\c", "\\c"],
    ["\\\\\\n", "\\\n"],
  ] as const) {
    expect(
      Buffer.from(encodeFrame({ command: "SEND", headers: { x: meaning } }, version)).toString(),
    ).toBe(frame("SEND", [`x:${wire}`]));
  }
});

rule("C07", ALL, "parser", "a line without colon or name is not glued to the next", (version) => {
  for (const text of ["SEND\nab\nc:1\n\n\0", "SEND\n:1\n\n\0", "SEND\na:1\n b\n\n\0"]) {
    expect(parse(text, { version })).toMatchObject({ frames: [], error: "malformed-header" });
  }
});

rule("C07", ALL, "parser", "a NUL before the body is fatal where it stands", (version) => {
  for (const [text, code] of [
    ["SE\0ND\n\n\0", "malformed-frame"],
    ["SEND\na\0:1\n\n\0", "malformed-header"],
    ["SEND\na:1\0\n\n\0", "malformed-header"],
    ["SEND\n\0", "malformed-header"],
    ["SEND\0", "malformed-frame"],
    ["\0", "malformed-frame"],
  ] as const) {
    expect(parse(text, { version })).toMatchObject({ frames: [], error: code });
  }
});

rule(
  "C07",
  ALL,
  "parser",
  "line feeds before a command are none of it, carriage returns are no heart-beats",
  (version) => {
    expect(frameIn(`\n\n${frame("SEND")}`, { version }).command).toBe("SEND");
    for (const text of ["\r\r\r", `\r${frame("SEND")}`, "\r\rSEND"]) {
      expect(parse(text, { version })).toMatchObject({
        frames: [],
        error: "malformed-frame",
        heartbeats: 0,
      });
    }
  },
);

rule(
  "C08",
  NEWER,
  "parser",
  "divides at the first, belongs to the value from then on",
  (version) => {
    expect(frameIn(frame("SEND", ["a:b:c"]), { version }).all).toEqual([["a", "b:c"]]);
    expect(faultIn(frame("SEND", ["a:b:c"]), { version, strict: true })).toBe("malformed-header");
    expect(frameIn(frame("SEND", ["a:b\\cc"]), { version, strict: true }).all).toEqual([
      ["a", "b:c"],
    ]);
  },
);

rule("C11", NEWER, "parser", "announced or not, as soon as there is one", (version) => {
  for (const text of ["ACK\nid:1\n\nx", "ACK\nid:1\ncontent-length:1\n\n", "BEGIN\n\nx"]) {
    expect(faultIn(text, { version })).toBe("body-not-allowed");
  }
});

const NOT_UTF8 = [
  "\xff",
  "\xc3",
  "\xc3(",
  "\xe2\x82",
  "\xed\xa0\x80",
  "\xc0\x80",
  "\xf5\x80\x80\x80",
  "\x80",
  "\xf0\x9f\x98",
];

rule(
  "C19",
  ALL,
  "parser",
  "in names, values and commands they are an error, never a replacement",
  (version) => {
    for (const octets of NOT_UTF8) {
      for (const text of [
        `SEND\na:${octets}\n\n\0`,
        `SEND\n${octets}:1\n\n\0`,
        `X${octets}\n\n\0`,
      ]) {
        expect(parse(latin1(text), { version }), JSON.stringify(text)).toMatchObject({
          frames: [],
          error: "invalid-utf8",
        });
      }
    }
  },
);

rule(
  "C19",
  ALL,
  "parser",
  "what is UTF-8 stays as it is: byte order marks and U+FFFD too",
  (version) => {
    for (const text of ["\ufeffa", "\ufffd", "😀", "\u{10ffff}", "é"]) {
      expect(frameIn(frame("SEND", [`${text}:${text}`]), { version }).all).toEqual([[text, text]]);
    }
  },
);

rule("C19", ALL, "server", "two destinations never become one", (version) => {
  const destinations: (string | undefined)[] = [];
  for (const octets of ["\xff", "\xfe", "\xef\xbf\xbd"]) {
    const peer = server(version);
    peer.says(latin1(`SEND\ndestination:/${octets}\n\n\0`));
    destinations.push(peer.session.messages[0]?.destination);
  }
  expect(destinations).toEqual([undefined, undefined, "/\ufffd"]);
});
