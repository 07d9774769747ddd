import { describe, expect, test } from "vitest";
import { type Chunking, randomPieces } from "../../src/testing/chunking.ts";
import { Lane } from "../../src/testing/lane.ts";
import { bytes, Recorder } from "../transport/recorder.ts";

function lane() {
  const sender = new Recorder();
  const receiver = new Recorder();
  const recorded: string[] = [];
  const lane = new Lane((data) => recorded.push(Buffer.from(data).toString()));
  lane.join(sender, receiver);
  const arrived = () => receiver.chunks.map((chunk) => Buffer.from(chunk as Uint8Array).toString());
  const drive = () => {
    while (lane.step()) {}
  };
  return { lane, sender, receiver, recorded, arrived, drive };
}

describe("bytes under way", () => {
  test("arrive when the test says so, as they were sent", () => {
    const { lane: it, arrived, recorded } = lane();
    it.send(bytes("one"));
    it.send(bytes("two"));
    expect(recorded).toEqual(["one", "two"]);
    expect(it.pendingBytes).toBe(6);
    expect(arrived()).toEqual([]);
    expect(it.step()).toBe(true);
    expect(arrived()).toEqual(["one"]);
    expect(it.pendingBytes).toBe(3);
    expect(it.step()).toBe(true);
    expect(it.step()).toBe(false);
    expect(arrived()).toEqual(["one", "two"]);
  });

  test.each<[string, Chunking, string[]]>([
    ["one by one", "bytes", ["a", "b", "c", "d", "e"]],
    ["in pieces of two across what was sent", () => 2, ["ab", "cd", "e"]],
    ["all at once", (pending) => pending, ["abcde"]],
    ["as far as what was sent first", (_, first) => first, ["abc", "de"]],
    ["never in pieces of nothing", () => 0, ["a", "b", "c", "d", "e"]],
    ["never in more than there is", () => 100, ["abcde"]],
    ["never in parts of a byte", (pending) => pending / 2, ["ab", "c", "d", "e"]],
    ["one by one where there is no number", () => Number.NaN, ["a", "b", "c", "d", "e"]],
  ])("arrive %s", (_, chunking, pieces) => {
    const { lane: it, arrived, drive } = lane();
    it.chunking = chunking;
    it.send(bytes("abc"));
    it.send(bytes("de"));
    drive();
    expect(arrived()).toEqual(pieces);
  });

  test("arrive in random pieces that are the same for the same seed", () => {
    const run = (seed: number) => {
      const { lane: it, arrived, drive } = lane();
      it.chunking = randomPieces(seed);
      for (let frame = 0; frame < 20; frame++) it.send(bytes("0123456789"));
      drive();
      return arrived();
    };
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
    expect(run(1).join("")).toBe("0123456789".repeat(20));
    const lengths = run(1).map((piece) => piece.length);
    expect(Math.max(...lengths)).toBeGreaterThan(10);
    expect(Math.min(...lengths)).toBe(1);
  });

  test("may be put there by the test", () => {
    const { lane: it, arrived, drive } = lane();
    it.inject("né");
    it.inject(bytes("!"));
    drive();
    expect(arrived()).toEqual(["né", "!"]);
  });

  test("can be held back, and let through in part", () => {
    const { lane: it, arrived, drive } = lane();
    it.held = true;
    it.send(bytes("abc"));
    it.send(bytes("def"));
    drive();
    expect(arrived()).toEqual([]);
    it.deliver(4.5);
    expect(arrived()).toEqual(["abcd"]);
    it.deliver();
    expect(arrived()).toEqual(["abcd", "ef"]);
    it.deliver();
    expect(arrived()).toEqual(["abcd", "ef"]);
  });
});

describe("a receiver that wants no more", () => {
  test("gets no more until it does", () => {
    const { lane: it, receiver, arrived, drive } = lane();
    receiver.wantsMore = false;
    it.send(bytes("one"));
    it.send(bytes("two"));
    drive();
    expect(arrived()).toEqual(["one"]);
    it.resumeReading();
    drive();
    expect(arrived()).toEqual(["one", "two"]);
  });

  test("gets all the same what cannot be stopped", () => {
    const { lane: it, receiver, arrived, drive } = lane();
    it.pausable = false;
    receiver.wantsMore = false;
    it.send(bytes("one"));
    it.send(bytes("two"));
    drive();
    expect(arrived()).toEqual(["one", "two"]);
  });
});

describe("a full lane", () => {
  test("is saturated until enough has arrived", () => {
    const { lane: it, sender } = lane();
    it.capacityBytes = 4;
    expect(it.send(bytes("abcd"))).toBe(true);
    expect(it.send(bytes("e"))).toBe(false);
    expect(it.send(bytes("fgh"))).toBe(false);
    it.step();
    expect(sender.drains).toBe(1);
    expect(it.send(bytes("i"))).toBe(false);
    it.step();
    expect(sender.drains).toBe(2);
    it.step();
    expect(sender.drains).toBe(2);
  });

  test("without capacity is saturated by every byte", () => {
    const { lane: it, sender } = lane();
    it.capacityBytes = 0;
    expect(it.send(bytes("a"))).toBe(false);
    it.step();
    expect(sender.drains).toBe(1);
  });
});

describe("the end", () => {
  test("comes after what is under way, once", () => {
    const { lane: it, receiver, drive } = lane();
    it.send(bytes("last"));
    it.end();
    expect(it.send(bytes("too late"))).toBe(true);
    it.step();
    expect(receiver.ends).toEqual([]);
    drive();
    it.end();
    drive();
    expect(receiver.text).toBe("last");
    expect(receiver.ends).toEqual([undefined]);
  });

  test("drops what is under way", () => {
    const { lane: it, receiver, drive } = lane();
    const reason = new Error("reset");
    it.send(bytes("lost"));
    it.drop(reason);
    expect(it.pendingBytes).toBe(0);
    expect(it.send(bytes("too late"))).toBe(true);
    drive();
    expect(receiver.text).toBe("");
    expect(receiver.ends).toEqual([reason]);
    it.drop(reason);
    drive();
    expect(receiver.ends).toEqual([reason]);
  });

  test("without a reason is told to nobody", () => {
    const { lane: it, receiver, drive } = lane();
    it.drop();
    drive();
    expect(receiver.ends).toEqual([]);
  });
});
