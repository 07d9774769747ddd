/** What is learnt, and when; that it makes no difference is a matter of test/properties.test.ts. */

import { afterEach, describe, expect, test } from "vitest";
import { FrameParser, type FrameParserOptions } from "../../src/protocol/parser.ts";
import {
  afterHit,
  afterMiss,
  PATIENCE,
  PREDICTOR,
  Predictor,
  setPrediction,
} from "../../src/protocol/prediction.ts";
import { TEXT } from "../../src/protocol/utf8.ts";
import { bytes, type Outcome, readWith } from "../vectors/reading.ts";

/** Reads each text with a parser of its own; they share what is learnt. */
class Reader {
  readonly predictor = new Predictor(true);
  recognised = 0;

  constructor() {
    const recognise = this.predictor.recognise.bind(this.predictor);
    this.predictor.recognise = (...args) => {
      const head = recognise(...args);
      if (head !== undefined) this.recognised++;
      return head;
    };
  }

  read(wire: string, options: FrameParserOptions = {}): Outcome {
    return readWith(new FrameParser(options, TEXT, this.predictor), [bytes(wire)]);
  }

  /** Whether this one is recognised. */
  recognises(wire: string, options?: FrameParserOptions): boolean {
    const before = this.recognised;
    this.read(wire, options);
    return this.recognised > before;
  }
}

const message = (id: string, rest = "") => `MESSAGE\nsubscription:0\nmessage-id:${id}\n${rest}\n\0`;

/** One that has seen three messages, of which only the id differs. */
function trained(): Reader {
  const reader = new Reader();
  for (const id of ["1", "2", "3"]) reader.read(message(id));
  return reader;
}

describe("a block is recognised", () => {
  test("from the third of its kind on", () => {
    const reader = new Reader();
    expect(reader.recognises(message("1"))).toBe(false);
    expect(reader.predictor.size).toBe(0);
    expect(reader.recognises(message("1"))).toBe(false);
    expect(reader.predictor.size).toBe(1);
    expect(reader.recognises(message("1"))).toBe(true);
  });

  test("when a value changed that has changed before", () => {
    const reader = trained();
    for (const id of ["4", "", "a much longer one", "x".repeat(200), "é", "a\\nb", "5"]) {
      expect(reader.recognises(message(Buffer.from(id).toString("latin1"))), id).toBe(true);
    }
    const { frames } = reader.read(message("a\\cb"));
    expect(frames[0]?.headers).toEqual([
      ["subscription", "0"],
      ["message-id", "a:b"],
    ]);
  });

  test("when values begin alike with what has to be decoded", () => {
    const reader = new Reader();
    const wire = (id: string) => message(Buffer.from(id).toString("latin1"));
    const ids = ["é-1", "é-2", "é-3", "a\\c-1", "a\\c-2", "plain-1", "plain-é", "plain-2"];
    const values = ids.map((id) => reader.read(wire(id)).frames[0]?.headers[1]?.[1]);
    expect(values).toEqual(["é-1", "é-2", "é-3", "a:-1", "a:-2", "plain-1", "plain-é", "plain-2"]);
    expect(reader.recognised).toBe(ids.length - 3);
  });

  test("after another value changed for the first time", () => {
    const reader = trained();
    expect(reader.recognises("MESSAGE\nsubscription:1\nmessage-id:4\n\n\0")).toBe(false);
    expect(reader.recognises("MESSAGE\nsubscription:2\nmessage-id:5\n\n\0")).toBe(true);
  });

  test("among others that take turns with it", () => {
    const reader = trained();
    for (const id of ["1", "2", "3"]) reader.read(`ACK\nid:receipt-${id}\n\n\0`);
    const before = reader.recognised;
    for (let at = 0; at < 20; at++) {
      reader.read(message(`${at}`));
      reader.read(`ACK\nid:receipt-${at}\n\n\0`);
    }
    expect(reader.recognised - before).toBe(40);
  });

  test("with the length of its body", () => {
    const reader = new Reader();
    const sized = (body: string) =>
      message("1", `content-length:${body.length}\n`).replace("\0", `${body}\0`);
    for (const body of ["a", "bb", "ccc"]) reader.read(sized(body));
    const before = reader.recognised;
    const { frames } = reader.read(sized("\0".repeat(12)));
    expect(reader.recognised).toBe(before + 1);
    expect(Buffer.from(frames[0]?.body ?? "", "base64").length).toBe(12);
  });

  test("in chunks of any size", () => {
    const reader = trained();
    const many = message("7").repeat(100);
    expect(many.length).toBeGreaterThan(2048);
    const before = reader.recognised;
    expect(reader.read(many).frames.length).toBe(100);
    expect(reader.recognised - before).toBe(100);
  });
});

describe("it is not recognised", () => {
  test.each([
    ["with another name", "MESSAGE\nsubscription:0\nmessage-ix:4\n\n\0"],
    ["with another command", "MESSAGX\nsubscription:0\nmessage-id:4\n\n\0"],
    ["with a header more", message("4", "x:1\n")],
    ["with a header less", "MESSAGE\nsubscription:0\n\n\0"],
    ["with a carriage return", message("4\r")],
    ["with a NUL", message("4\0")],
    ["with an undefined escape", message("\\t")],
    ["with what is not UTF-8", message("\xff")],
    ["cut within a name", "MESSAGE\nsubscr"],
    ["cut within a value that changes", "MESSAGE\nsubscription:0\nmessage-id:4"],
    ["cut before the blank line", "MESSAGE\nsubscription:0\nmessage-id:4\n"],
  ])("%s", (_, wire) => {
    expect(trained().recognises(wire)).toBe(false);
  });

  test.each([
    ["maxCommandBytes", 6],
    ["maxLineBytes", 20],
    ["maxHeaders", 1],
    ["maxHeaderBytes", 20],
    ["maxFrameBytes", 20],
  ])("near the limit %s", (name, limit) => {
    expect(trained().recognises(message("4"), { limits: { [name]: limit } })).toBe(false);
  });

  test("in another version, or when strict", () => {
    const reader = trained();
    expect(reader.recognises(message("4"), { version: "1.1" })).toBe(false);
    expect(reader.recognises(message("4"), { strict: true })).toBe(false);
  });

  test("with an unescaped colon when strict", () => {
    const reader = new Reader();
    for (const id of ["1", "2", "3"]) reader.read(message(id), { strict: true });
    expect(reader.recognises(message("4"), { strict: true })).toBe(true);
    expect(reader.recognises(message("a:b"), { strict: true })).toBe(false);
    expect(reader.read(message("a:b"), { strict: true }).error).toBe("malformed-header");
  });

  test("with a length that is none, or too much", () => {
    const reader = new Reader();
    const sized = (length: string) => message("1", `content-length:${length}\n`);
    for (const length of ["0", "00", "000"]) reader.read(sized(length));
    expect(reader.recognises(sized("0000"))).toBe(true);
    expect(reader.recognises(sized("x"))).toBe(false);
    expect(reader.recognises(sized("5"), { limits: { maxBodyBytes: 4 } })).toBe(false);
  });
});

describe("nothing is learnt from", () => {
  const learns = (wire: string) => {
    const reader = new Reader();
    for (let time = 0; time < 4; time++) reader.read(wire);
    return reader.predictor.size > 0;
  };

  test.each([
    ["CONNECT", "CONNECT\npasscode:s3cret\n\n\0"],
    ["STOMP", "STOMP\npasscode:s3cret\n\n\0"],
    ["CONNECTED", "CONNECTED\nsession:s3cret\n\n\0"],
    ["an unknown command", "UNKNOWN\na:1\n\n\0"],
    ["carriage returns", "SEND\r\na:1\n\n\0"],
    ["two lengths", "SEND\ncontent-length:0\ncontent-length:0\n\n\0"],
    ["large blocks", `SEND\na:${"x".repeat(4100)}\n\n\0`],
    ["blocks of many lines", `SEND\n${"a:1\n".repeat(65)}\n\0`],
  ])("%s", (_, wire) => {
    expect(learns(wire)).toBe(false);
  });

  test("kinds that never come again", () => {
    const reader = new Reader();
    for (let at = 0; at < 100; at++) reader.read(`SEND\nname-${at}:1\n\n\0`);
    expect(reader.predictor.size).toBe(0);
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < 40; at++) reader.read(`SEND\nkind-${at}:1\n\n\0`);
    }
    expect(reader.predictor.size).toBe(0);
  });
});

describe("what is known", () => {
  const kind = (at: number, value: number) => `SEND\nkind-${at}:${value}\n\n\0`;

  test("is bounded, and what is of use stays", () => {
    const reader = trained();
    for (let at = 0; at < 50; at++) reader.read(message(`${at}`));
    for (let at = 0; at < 40; at++) {
      reader.read(kind(at, 1));
      reader.read(kind(at, 1));
      expect(reader.recognises(message(`${at}`))).toBe(true);
    }
    expect(reader.predictor.size).toBe(8);
    expect(reader.recognises(kind(39, 1))).toBe(true);
    expect(reader.recognises(kind(0, 1))).toBe(false);
  });

  test("can be forgotten", () => {
    const reader = trained();
    reader.predictor.forget();
    expect(reader.predictor.size).toBe(0);
    expect(reader.recognises(message("4"))).toBe(false);
  });
});

describe("patience", () => {
  test("rises with hits, up to where it began", () => {
    expect(afterHit(3)).toBe(4);
    expect(afterHit(PATIENCE)).toBe(PATIENCE);
  });

  test("falls with misses, more so when there was something to learn", () => {
    expect(afterMiss(PATIENCE, false)).toBe(PATIENCE - 1);
    expect(afterMiss(PATIENCE, true)).toBeLessThan(PATIENCE - 1);
  });

  test("comes back after a pause, smaller", () => {
    let patience = PATIENCE;
    let tries = 0;
    for (let at = 0; at < 10_000; at++) {
      if (patience > 0) tries++;
      patience = afterMiss(patience, false);
    }
    expect(tries).toBeGreaterThan(PATIENCE);
    expect(tries).toBeLessThan(1_000);
  });

  test("one parser's is not another's", () => {
    const reader = trained();
    const chaos = Array.from({ length: 200 }, (_, at) => `SEND\nname-${at}:1\n\n\0`).join("");
    reader.read(chaos);
    expect(reader.recognises(message("4"))).toBe(true);
    expect(reader.recognises(chaos + message("4"))).toBe(false);
  });
});

describe("setPrediction", () => {
  afterEach(() => setPrediction(true));

  test("turns it off, forgetting everything, and on again", () => {
    const read = () => readWith(new FrameParser(), [bytes(message("1").repeat(5))]).frames.length;
    setPrediction(true);
    expect(read()).toBe(5);
    expect(PREDICTOR.size).toBeGreaterThan(0);
    setPrediction(false);
    expect(PREDICTOR.size).toBe(0);
    expect(read()).toBe(5);
    expect(PREDICTOR.size).toBe(0);
    setPrediction(true);
    expect(read()).toBe(5);
    expect(PREDICTOR.size).toBe(1);
  });
});
