/** mqtt-packet: PUBLISH with QoS 1 for each MESSAGE, a sibling from another protocol. */

import mqtt, { type IPublishPacket, type Packet } from "mqtt-packet";
import type { PlainFrame } from "../workloads/frames.ts";
import type { ParsingWorkload } from "../workloads/parsing.ts";
import { inChunks } from "../workloads/wire.ts";
import { addBytes, addText, firstValue } from "./consume.ts";
import { Absent, type Prepared } from "./contender.ts";

/** Parses the same messages as PUBLISH packets: topic, packet id and payload. */
export function mqttParsing(workload: ParsingWorkload): Prepared {
  const { frames } = workload;
  const chunks = inChunks(frames.map(publish), 65_536);
  const packets = collect(chunks, frames);
  let sum = 0;
  const parser = mqtt.parser({ protocolVersion: 4 });
  parser.on("packet", (packet: Packet) => {
    if (packet.cmd === "publish") sum = add(sum, packet);
  });
  return {
    units: frames.length,
    sum: packets.reduce(add, 0),
    pass: () => {
      sum = 0;
      for (const chunk of chunks) parser.parse(chunk);
      return sum;
    },
  };
}

function add(sum: number, { topic, messageId, payload }: IPublishPacket): number {
  return addBytes(addText(sum, topic) + (messageId ?? 0), payload as Buffer);
}

function publish(frame: PlainFrame, index: number): Buffer {
  return mqtt.generate({
    cmd: "publish",
    qos: 1,
    dup: false,
    retain: false,
    messageId: 1 + index,
    topic: firstValue(frame, "destination") ?? "",
    payload: Buffer.from(frame.body),
  });
}

/** @throws {Absent} when the packets are not these messages. */
function collect(chunks: readonly Buffer[], frames: readonly PlainFrame[]): IPublishPacket[] {
  const packets: IPublishPacket[] = [];
  const parser = mqtt.parser({ protocolVersion: 4 });
  parser.on("packet", (packet: Packet) => {
    if (packet.cmd === "publish") packets.push(packet);
  });
  for (const chunk of chunks) parser.parse(chunk);
  const same = frames.every(
    (frame, index) =>
      packets[index]?.topic === firstValue(frame, "destination") &&
      packets[index]?.messageId === 1 + index &&
      Buffer.compare(packets[index]?.payload as Buffer, frame.body) === 0,
  );
  if (!same || packets.length !== frames.length) throw new Absent("wrong packets");
  return packets;
}
