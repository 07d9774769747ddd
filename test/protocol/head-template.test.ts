import { describe, expect, test } from "vitest";
import { DIALECTS } from "../../src/protocol/dialect.ts";
import { HeadTemplates } from "../../src/protocol/head-template.ts";

const DIALECT = DIALECTS["1.2"];

/** What the encoder does, plainly. */
function wire(command: string, headers: readonly string[], announced: number): Buffer {
  let lines = `${command}\n`;
  for (let at = 0; at < headers.length; at += 2) lines += `${headers[at]}:${headers[at + 1]}\n`;
  return Buffer.from(`${lines}${announced < 0 ? "" : `content-length:${announced}\n`}\n`);
}

class Memory {
  readonly templates = new HeadTemplates();
  /** Is asked the same, with headers as an object. */
  readonly twin = new HeadTemplates();

  /** The head if it is recalled, which then has to be right; remembers it otherwise. */
  recalls(headers: readonly string[], announced = -1, command = "SEND"): boolean {
    const expected = wire(command, headers, announced);
    const head = this.templates.recall(command, headers, false, announced, DIALECT);
    const other = this.twin.recallFrom(command, byName(headers), false, announced, DIALECT);
    for (const each of [head, other]) {
      if (each !== undefined) expect(Buffer.from(each).toString()).toBe(expected.toString());
    }
    expect(other === undefined).toBe(head === undefined);
    if (head === undefined) {
      this.templates.remember(command, headers, announced, DIALECT, expected);
      this.twin.remember(command, headers, announced, DIALECT, expected);
    }
    return head !== undefined;
  }

  set(on: boolean): void {
    this.templates.set(on);
    this.twin.set(on);
  }
}

/** Headers as an object, which has more than they: what it inherits is none of them. */
function byName(headers: readonly string[]): Record<string, string> {
  const object = Object.create({ inherited: "x" }) as Record<string, string>;
  for (let at = 0; at < headers.length; at += 2) {
    object[headers[at] as string] = headers[at + 1] as string;
  }
  return object;
}

function remembering(headers: readonly string[], announced = -1): Memory {
  const memory = new Memory();
  expect(memory.recalls(headers, announced)).toBe(false);
  return memory;
}

describe("a head is recalled", () => {
  test("when nothing has changed", () => {
    expect(remembering(["a", "1", "b", "é:\\"]).recalls(["a", "1", "b", "é:\\"])).toBe(true);
    expect(remembering([]).recalls([])).toBe(true);
  });

  test("with values that are longer, shorter, empty", () => {
    const memory = remembering(["a", "1", "b", "2", "c", "3"], 5);
    const values = ["1", "22", "", "x".repeat(60), "333", ""];
    for (const a of values) {
      for (const b of values) expect(memory.recalls(["a", a, "b", b, "c", a], 7)).toBe(true);
    }
  });

  test("with another length of the body", () => {
    const memory = remembering(["a", "1"], 9);
    for (const announced of [10, 100, 1, 0, 123_456]) {
      expect(memory.recalls(["a", "1"], announced)).toBe(true);
    }
  });

  test("with values of which the last one is the beginning, or that begin with the same", () => {
    const memory = remembering(["a", "id-100", "b", "2"]);
    for (const id of [
      "id-101",
      "id-1011",
      "id-1",
      "id-1\t",
      "id-",
      "id-2",
      "",
      "x",
      "id-100",
      "id-100\nb",
    ]) {
      expect(memory.recalls(["a", id, "b", "2"])).toBe(!id.includes("\n"));
    }
  });

  test("when a value looks like what the last one was escaped to", () => {
    const memory = new Memory();
    const head = Buffer.from("SEND\na:x\\c\nb:\u00e9\n\n");
    memory.templates.remember("SEND", ["a", "x:", "b", "\u00e9"], -1, DIALECT, head);
    for (const lookalike of [
      ["a", "x\\c", "b", "\u00e9"],
      ["a", "x:", "b", "\u00c3\u00a9"],
    ]) {
      expect(memory.templates.recall("SEND", lookalike, false, -1, DIALECT)).toBeUndefined();
    }
  });

  test("when a value had to be escaped before, and has not now", () => {
    const memory = new Memory();
    const head = Buffer.from("SEND\na:\\c\\n\nb:1\n\n");
    for (const each of [memory.templates, memory.twin]) {
      each.remember("SEND", ["a", ":\n", "b", "1"], -1, DIALECT, head);
    }
    expect(memory.recalls(["a", "plain", "b", "2"])).toBe(true);
  });
});

describe("a head is not recalled", () => {
  test("for a body that the command may not have", () => {
    const { templates } = remembering(["id", "1"]);
    const memory = new Memory();
    memory.recalls(["id", "1"], -1, "ACK");
    expect(memory.templates.recall("ACK", ["id", "1"], true, -1, DIALECT)).toBeUndefined();
    expect(memory.twin.recallFrom("ACK", { id: "1" }, true, -1, DIALECT)).toBeUndefined();
    expect(memory.recalls(["id", "1"], -1, "ACK")).toBe(true);
    expect(templates.recall("SEND", ["id", "1"], true, -1, DIALECT)).toBeDefined();
  });

  test.each([
    ["with another name", ["a", "1", "c", "2"]],
    ["with a header more", ["a", "1", "b", "2", "c", "3"]],
    ["with a header less", ["a", "1"]],
    ["with a value that has to be escaped", ["a", "1:2", "b", "2"]],
    ["with a value that is not ASCII", ["a", "1", "b", "é"]],
    ["with a value that cannot be sent", ["a", "1\0", "b", "2"]],
    ["when it grows too much", ["a", "x".repeat(300), "b", "2"]],
  ])("%s, and is right afterwards", (_, headers) => {
    const memory = remembering(["a", "1", "b", "2"]);
    expect(memory.recalls(headers)).toBe(false);
    expect(memory.recalls(["a", "11", "b", "2"])).toBe(true);
  });

  test("with a length when there was none, nor without when there was one", () => {
    expect(remembering(["a", "1"]).recalls(["a", "1"], 0)).toBe(false);
    expect(remembering(["a", "1"], 0).recalls(["a", "1"])).toBe(false);
    const full = remembering(["a", "x".repeat(100)], 1);
    expect(full.recalls(["a", "x".repeat(355)], 1)).toBe(true);
    expect(full.recalls(["a", "x".repeat(355)], 12)).toBe(true);
    expect(full.recalls(["a", "x".repeat(355)], 123)).toBe(false);
  });

  test("of another command, or in another dialect", () => {
    const memory = remembering(["a", "1"]);
    expect(memory.recalls(["a", "1"], -1, "MESSAGE")).toBe(false);
    expect(memory.templates.recall("SEND", ["a", "1"], false, -1, DIALECTS["1.1"])).toBeUndefined();
    expect(memory.recalls(["a", "1"], -1, "MESSAGE")).toBe(true);
    expect(memory.recalls(["a", "1"])).toBe(true);
  });
});

describe("a head is not remembered", () => {
  test.each(["CONNECT", "STOMP", "CONNECTED", "UNKNOWN"])("of %s", (command) => {
    const memory = new Memory();
    memory.recalls(["passcode", "s3cret"], -1, command);
    expect(memory.recalls(["passcode", "s3cret"], -1, command)).toBe(false);
  });

  test("when it is large", () => {
    expect(remembering(["a", "x".repeat(5000)]).recalls(["a", "x".repeat(5000)])).toBe(false);
  });

  test("for one odd frame in between, but for two", () => {
    const memory = remembering(["a", "1"]);
    expect(memory.recalls(["b", "1"])).toBe(false);
    expect(memory.recalls(["a", "2"])).toBe(true);
    expect(memory.recalls(["b", "1"])).toBe(false);
    expect(memory.recalls(["b", "1"])).toBe(false);
    expect(memory.recalls(["b", "2"])).toBe(true);
    expect(memory.recalls(["a", "1"])).toBe(false);
  });

  test("when that is turned off, which forgets the others too", () => {
    const memory = remembering(["a", "1"]);
    memory.set(false);
    expect(memory.recalls(["a", "1"])).toBe(false);
    expect(memory.recalls(["a", "1"])).toBe(false);
    memory.set(true);
    expect(memory.recalls(["a", "1"])).toBe(false);
    expect(memory.recalls(["a", "1"])).toBe(true);
  });
});
