import { describe, expect, onTestFinished, test, vi } from "vitest";
import { TurnWriter, type Writable } from "../../src/transport/turn-writer.ts";
import { bytes } from "./recorder.ts";

/** A socket that writes down what it is given, and has sent it when the test says so. */
class ScriptedSocket implements Writable {
  writable = true;
  writableLength = 0;
  /** What `write` answers. */
  takesMore = true;
  corked = 0;
  readonly writes: Uint8Array[] = [];
  #written: (() => void)[] = [];

  write(data: Uint8Array, written?: () => void): boolean {
    this.writes.push(data);
    if (written !== undefined) this.#written.push(written);
    return this.takesMore;
  }

  cork(): void {
    this.corked += 1;
  }

  uncork(): void {
    this.corked -= 1;
  }

  sendAll(): void {
    for (const written of this.#written.splice(0)) written();
  }

  get texts(): string[] {
    return this.writes.map((data) => Buffer.from(data).toString("latin1"));
  }
}

function writing() {
  const socket = new ScriptedSocket();
  return { socket, writer: new TurnWriter(socket) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A frame of so many octets, all of them the same. */
const frame = (octets: number, letter: string) => bytes(letter.repeat(octets));

test("small pieces leave together when the turn is over", async () => {
  const { socket, writer } = writing();
  for (const text of ["a", "b", "c"]) writer.write(bytes(text));
  await Promise.resolve();
  expect(socket.texts).toEqual([]);
  await turn();
  expect(socket.texts).toEqual(["abc"]);
  writer.write(bytes("d"));
  await turn();
  expect(socket.texts).toEqual(["abc", "d"]);
});

test("a piece that is alone is not copied", async () => {
  const { socket, writer } = writing();
  const alone = bytes("alone");
  writer.write(alone);
  await turn();
  expect(socket.writes[0]).toBe(alone);
});

test("large pieces keep their place among the others, uncopied", async () => {
  const { socket, writer } = writing();
  const large = [frame(4_096, "L"), frame(5_000, "M")] as const;
  for (const piece of [bytes("a"), bytes("b"), large[0], large[1], bytes("c"), bytes("d")]) {
    writer.write(piece);
  }
  await turn();
  expect(socket.writes).toHaveLength(4);
  expect(socket.texts[0]).toBe("ab");
  expect(socket.writes[1]).toBe(large[0]);
  expect(socket.writes[2]).toBe(large[1]);
  expect(socket.texts[3]).toBe("cd");
  expect(socket.corked).toBe(0);
});

test("a turn with much to send is not waited for", async () => {
  const { socket, writer } = writing();
  for (let count = 0; count < 100; count++) writer.write(frame(1_000, "x"));
  expect(socket.writes).toHaveLength(1);
  const early = socket.writes[0]?.length ?? 0;
  expect(early).toBeGreaterThan(50_000);
  await turn();
  expect(socket.writes).toHaveLength(2);
  expect(early + (socket.writes[1]?.length ?? 0)).toBe(100_000);
});

test("saturation is told once it is known, until the socket has drained", () => {
  const { socket, writer } = writing();
  socket.takesMore = false;
  expect(writer.write(bytes("a"))).toBe(true);
  writer.flush();
  expect(writer.write(bytes("b"))).toBe(false);
  writer.drained();
  expect(writer.write(bytes("c"))).toBe(true);
  expect(writer.write(frame(70_000, "L"))).toBe(false);
});

describe("memory", () => {
  test("is written to again only when nobody reads it any more", () => {
    const { socket, writer } = writing();
    const send = (letter: string) => {
      for (let count = 0; count < 10; count++) writer.write(frame(1_000, letter));
      writer.flush();
    };
    send("a");
    send("b");
    expect(socket.texts).toEqual(["a".repeat(10_000), "b".repeat(10_000)]);
    const buffers = new Set(socket.writes.map(({ buffer }) => buffer));
    expect(buffers.size).toBe(2);
    socket.sendAll();
    send("c");
    expect(buffers).toContain(socket.writes[2]?.buffer);
    expect(socket.texts[2]).toBe("c".repeat(10_000));
    socket.sendAll();
  });

  test("is not kept without end", () => {
    const buffersOf = (turns: number) => {
      const { socket, writer } = writing();
      for (let count = 0; count < turns * 10; count++) {
        writer.write(frame(1_000, "x"));
        if (count % 10 === 9) writer.flush();
      }
      socket.sendAll();
      return socket.writes.map(({ buffer }) => buffer);
    };
    const first = new Set(buffersOf(100));
    expect(first.size).toBe(100);
    expect(buffersOf(100).filter((buffer) => first.has(buffer))).toHaveLength(64);
  });

  test("is no more than what a peer that lags has not read", () => {
    const { socket, writer } = writing();
    socket.writableLength = 1;
    for (let count = 0; count < 10; count++) writer.write(frame(1_000, "x"));
    writer.flush();
    expect(socket.writes[0]?.buffer.byteLength).toBe(10_000);
  });

  test("is shared where there is little to send", () => {
    const { socket, writer } = writing();
    for (const turn of ["one", "two"]) {
      for (const letter of turn) writer.write(bytes(letter));
      writer.flush();
    }
    expect(socket.writes[0]?.buffer).toBe(socket.writes[1]?.buffer);
  });
});

test("what is dropped, and what a socket does not take any more, is not written", async () => {
  const { socket, writer } = writing();
  writer.write(bytes("a"));
  writer.drop();
  await turn();
  writer.write(bytes("b"));
  socket.writable = false;
  await turn();
  expect(socket.writes).toEqual([]);
});

test("where there is no setImmediate, a turn is a microtask", async () => {
  vi.resetModules();
  vi.stubGlobal("setImmediate", undefined);
  onTestFinished(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });
  const elsewhere = await import("../../src/transport/turn-writer.ts");
  const socket = new ScriptedSocket();
  const writer = new elsewhere.TurnWriter(socket);
  for (const text of ["a", "b"]) writer.write(bytes(text));
  expect(socket.texts).toEqual([]);
  await Promise.resolve();
  expect(socket.texts).toEqual(["ab"]);
});
